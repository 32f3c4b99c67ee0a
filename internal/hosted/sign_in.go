package hosted

import (
	"errors"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
)

// signIn takes one step of a sign-in. Where it stands follows from the attempt
// that is stored, so a reload, a second tab and the back button all show what
// is true.
func (p *Pages) signIn(v *visit) (next page, complete bool, err error) {
	if v.approved() {
		return page{}, true, nil
	}
	if v.r.Method == http.MethodPost {
		err = p.submitSignIn(v)
		if err == nil && v.caller.Standing == session.Known {
			err = p.reload(v)
		}
	}
	if p.signedIn(v) {
		return page{}, true, nil
	}
	next, showErr := p.signInPage(v)
	return next, false, errors.Join(err, showErr)
}

// submitSignIn does what the form asks for.
func (p *Pages) submitSignIn(v *visit) error {
	ctx, form := v.r.Context(), v.r.PostForm
	do := form.Get("do")
	if do == "restart" {
		p.leave(v)
		return nil
	}
	if do == "identify" {
		if err := p.enter(v); err != nil {
			return err
		}
		_, err := p.SignIns.Create(ctx, v.caller.Client, signin.Create{Identifier: form.Get("identifier"), Activity: activity(v.r)})
		return err
	}
	attempt := v.caller.Client.SignIn
	if attempt == nil || v.caller.Standing != session.Known {
		return auth.Refuse(auth.CodeBrowserFlowOver)
	}
	strategy := auth.Strategy(form.Get("strategy"))
	proof := signin.Attempt{
		Strategy: strategy, Password: form.Get("password"), Code: form.Get("code"), Activity: activity(v.r),
	}
	var err error
	switch do {
	case "send":
		_, err = p.SignIns.PrepareFirstFactor(ctx, v.caller.Client, attempt.ID, signin.Prepare{Strategy: strategy})
	case "prove":
		_, err = p.SignIns.AttemptFirstFactor(ctx, v.caller.Client, attempt.ID, proof)
	case "send-second":
		_, err = p.SignIns.PrepareSecondFactor(ctx, v.caller.Client, attempt.ID, signin.Prepare{Strategy: strategy})
	case "prove-second":
		_, err = p.SignIns.AttemptSecondFactor(ctx, v.caller.Client, attempt.ID, proof)
	default:
		err = auth.RefuseParam(auth.CodeParamInvalid, "do")
	}
	return err
}

// signInPage is the page that the attempt calls for.
func (p *Pages) signInPage(v *visit) (page, error) {
	attempt := v.caller.Client.SignIn
	if v.caller.Standing != session.Known || attempt == nil {
		return page{Step: "identify", Identifier: v.r.PostFormValue("identifier")}, nil
	}
	view, err := p.SignIns.Describe(v.r.Context(), *attempt)
	if err != nil {
		return page{}, err
	}
	next := page{Identifier: attempt.Identifier}
	switch view.Status {
	case auth.SignInNeedsFirstFactor:
		next.Step = "password"
		next.Factors = codeFactors(view.Factors)
		proof := attempt.FirstFactor
		sent := proof.StatusAt(p.Now()) == auth.VerificationUnverified && sendsCode(proof.Strategy)
		if sent || !offers(view.Factors, auth.StrategyPassword) {
			next.Step = "choose"
		}
		if sent {
			next.Step, next.Strategy = "code", proof.Strategy
		}
		next.HasPassword = offers(view.Factors, auth.StrategyPassword)
	case auth.SignInNeedsSecondFactor:
		next.Step, next.Factors = "second", view.SecondFactors
		next.Strategy = attempt.SecondFactor.Strategy
		if next.Strategy == "" && len(view.SecondFactors) > 0 {
			next.Strategy = view.SecondFactors[0].Strategy
		}
	default:
		next.Step = "identify"
	}
	return next, nil
}

func offers(factors []signin.Factor, s auth.Strategy) bool {
	for _, f := range factors {
		if f.Strategy == s {
			return true
		}
	}
	return false
}

// codeFactors are the factors that this page can ask for by a code.
func codeFactors(factors []signin.Factor) (out []signin.Factor) {
	for _, f := range factors {
		if sendsCode(f.Strategy) {
			out = append(out, f)
		}
	}
	return out
}

// sendsCode says whether a strategy sends a code that proves somebody who is
// signing in; a code for another password proves something else.
func sendsCode(s auth.Strategy) bool {
	return s == auth.StrategyEmailCode || s == auth.StrategyPhoneCode
}
