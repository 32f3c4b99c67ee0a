package hosted

import (
	"errors"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
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
		if err == nil && v.known() {
			err = p.reload(v)
		}
	}
	if err == nil && v.away != "" {
		return p.away(v, auth.Strategy(v.r.PostForm.Get("strategy"))), false, nil
	}
	if p.arrived(v, err) {
		return page{}, true, nil
	}
	next, showErr := p.signInPage(v)
	return next, false, errors.Join(err, showErr)
}

// submitSignIn does what the form asks for.
func (p *Pages) submitSignIn(v *visit) error {
	form := v.r.PostForm
	switch form.Get("do") {
	case "restart":
		return p.restart(v)
	case "identify":
		if err := p.enter(v); err != nil {
			return err
		}
		_, err := p.SignIns.Create(v.r.Context(), v.caller.Client, signin.Create{Identifier: form.Get("identifier"), Activity: respond.Activity(v.r)})
		return err
	case "elsewhere":
		return p.signInElsewhere(v, auth.Strategy(form.Get("strategy")))
	case "passkey":
		return p.signInWithPasskey(v)
	case "transfer":
		if !v.known() {
			return auth.Refuse(auth.CodeBrowserFlowOver)
		}
		_, err := p.SignIns.Create(v.r.Context(), v.caller.Client, signin.Create{Transfer: true, Activity: respond.Activity(v.r)})
		return err
	default:
		return p.proveSignIn(v)
	}
}

// restart makes the visitor begin again: on another client in a flow, and else
// with another attempt.
func (p *Pages) restart(v *visit) error {
	if !v.web() || !v.known() {
		p.leave(v)
		return nil
	}
	_, err := p.SignIns.Create(v.r.Context(), v.caller.Client, signin.Create{Activity: respond.Activity(v.r)})
	return err
}

// arrived says whether the visitor is signed in and on the way. In a visit of
// the browser itself that is whoever has just proven it, or was signed in
// before they came; err is what became of the form that was sent.
func (p *Pages) arrived(v *visit, err error) bool { return p.signedIn(v) && (err == nil || !v.web()) }

// proveSignIn asks for a proof of the attempt that has begun, or submits one.
func (p *Pages) proveSignIn(v *visit) error {
	ctx, form, attempt := v.r.Context(), v.r.PostForm, v.caller.Client.SignIn
	if attempt == nil || !v.known() {
		return auth.Refuse(auth.CodeBrowserFlowOver)
	}
	strategy := auth.Strategy(form.Get("strategy"))
	proof := signin.Attempt{
		Strategy: strategy, Password: form.Get("password"), Code: form.Get("code"),
		Credential: form.Get("public_key_credential"), RelyingParty: p.relyingParty(v), Activity: respond.Activity(v.r),
	}
	var err error
	switch form.Get("do") {
	case "send":
		_, err = p.SignIns.PrepareFirstFactor(ctx, v.caller.Client, attempt.ID, signin.Prepare{Strategy: strategy, RelyingParty: proof.RelyingParty})
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
	if !v.known() || attempt == nil {
		return p.identifyPage(v, v.r.PostFormValue("identifier")), nil
	}
	view, err := p.SignIns.Describe(v.r.Context(), *attempt)
	if err != nil {
		return page{}, err
	}
	next := page{Identifier: attempt.Identifier}
	switch view.Status {
	case auth.SignInNeedsFirstFactor:
		next = p.firstFactorPage(v, *attempt, view.Factors)
	case auth.SignInNeedsSecondFactor:
		next.Step, next.Factors = "second", view.SecondFactors
		next.Strategy = attempt.SecondFactor.Strategy
		if next.Strategy == "" && len(view.SecondFactors) > 0 {
			next.Strategy = view.SecondFactors[0].Strategy
		}
	default:
		next = p.identifyPage(v, attempt.Identifier)
	}
	if view.Status != auth.SignInNeedsSecondFactor {
		next.arrived(v, *attempt)
	}
	return next, nil
}

// identifyPage is where a sign-in begins.
func (p *Pages) identifyPage(v *visit, identifier string) page {
	return page{
		Step: "identify", Identifier: identifier, HasPasskey: p.hasPasskeys(v), Providers: p.providers(p.Settings().SocialStrategies()),
	}
}

// firstFactorPage asks for what was sent or challenged, and else for one of the
// first factors.
func (p *Pages) firstFactorPage(v *visit, attempt auth.SignIn, factors []signin.Factor) page {
	next := page{
		Step: "password", Identifier: attempt.Identifier, Factors: codeFactors(factors), HasPassword: offers(factors, auth.StrategyPassword),
		HasPasskey: offers(factors, auth.StrategyPasskey) && p.hasPasskeys(v),
	}
	var elsewhere []auth.Strategy
	for _, f := range factors {
		elsewhere = append(elsewhere, f.Strategy)
	}
	next.Providers = p.providers(elsewhere)
	proof := attempt.FirstFactor
	pending := proof.StatusAt(p.Now()) == auth.VerificationUnverified
	switch {
	case pending && sendsCode(proof.Strategy):
		next.Step, next.Strategy = "code", proof.Strategy
	case pending && proof.Strategy == auth.StrategyPasskey:
		next.Step, next.Options = "passkey", proof.Nonce
	case attempt.Identifier == "":
		return p.identifyPage(v, "")
	case !next.HasPassword:
		next.Step = "choose"
	}
	return next
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
