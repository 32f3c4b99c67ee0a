package hosted

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
)

// submitSignIn does what the form asks for.
func (p *Pages) submitSignIn(v *visit) error {
	form := v.r.PostForm
	switch form.Get("do") {
	case "restart":
		return p.restart(v)
	case "switch":
		return p.goOn(v)
	case "identify":
		return p.identify(v)
	case "ticket":
		return p.begin(v, signin.Create{Strategy: auth.StrategyTicket, Ticket: form.Get("ticket")})
	case "elsewhere":
		return p.signInElsewhere(v, auth.Strategy(form.Get("strategy")))
	case "passkey":
		v.with = string(auth.StrategyPasskey)
		return p.begin(v, signin.Create{Strategy: auth.StrategyPasskey, RelyingParty: p.relyingParty(v)})
	case "fill":
		v.fill = true
		return p.begin(v, signin.Create{Strategy: auth.StrategyPasskey, RelyingParty: p.relyingParty(v)})
	case "transfer":
		if !v.known() {
			return auth.Refuse(auth.CodeBrowserFlowOver)
		}
		return p.begin(v, signin.Create{Transfer: true})
	default:
		return p.proveSignIn(v)
	}
}

// begin makes an attempt on the visitor's client, which it may complete.
func (p *Pages) begin(v *visit, c signin.Create) error {
	if err := p.enter(v); err != nil {
		return err
	}
	c.Activity = respond.Activity(v.r)
	view, err := p.SignIns.Create(v.r.Context(), v.caller.Client, c)
	return p.signedInBy(v, view, err)
}

// signedInBy notes whom a step of a sign-in has signed in. Who is already is
// simply taken to be who they are.
func (p *Pages) signedInBy(v *visit, view signin.View, err error) error {
	v.created = view.Attempt.CreatedSession
	var refused *auth.Error
	if errors.As(err, &refused) && refused.Code == auth.CodeIdentifierAlreadySignedIn && v.web() {
		id, _ := refused.Meta["session_id"].(string)
		used, touched := p.Sessions.Touch(v.r.Context(), v.caller, auth.SessionID(id), nil, respond.Activity(v.r))
		v.created, err = used.ID, touched
	}
	return err
}

// identify begins with what was entered. Where anybody may sign up, somebody who
// is not known goes on to prove that the address is theirs, and then has an
// account. Who can do one thing only is not asked what.
func (p *Pages) identify(v *visit) error {
	identifier := strings.TrimSpace(v.r.PostForm.Get("identifier"))
	if err := p.begin(v, signin.Create{Identifier: identifier, SignUpIfMissing: p.mayJoin(identifier)}); err != nil {
		return err
	}
	if err := p.reload(v); err != nil {
		return err
	}
	attempt := v.caller.Client.SignIn
	if attempt == nil || attempt.User == "" {
		return nil
	}
	view, err := p.SignIns.Describe(v.r.Context(), *attempt)
	if only := onlyCode(view.Factors); err == nil && only != "" && !attempt.FirstFactor.Started() {
		return p.send(v, *attempt, only)
	}
	return err
}

// onlyCode is the one way to sign in that there is, if it is by a code.
func onlyCode(factors []signin.Factor) auth.Strategy {
	ways := slices.DeleteFunc(slices.Clone(factors), func(f signin.Factor) bool { return resets(f.Strategy) })
	if len(ways) != 1 || !sendsCode(ways[0].Strategy) {
		return ""
	}
	return ways[0].Strategy
}

// mayJoin says whether somebody whom nobody knows by what they entered can sign
// up with it.
func (p *Pages) mayJoin(identifier string) bool {
	set := p.Settings()
	switch {
	case set.SignUpMode != auth.SignUpPublic:
		return false
	case strings.Contains(identifier, "@"):
		return set.Email.On()
	default:
		return strings.HasPrefix(identifier, "+") && set.Phone.On()
	}
}

// restart makes the visitor begin again: on another client in a flow, and else
// with another attempt.
func (p *Pages) restart(v *visit) error {
	if !v.web() || !v.known() {
		p.leave(v)
		return nil
	}
	return p.begin(v, signin.Create{})
}

// proveSignIn asks for a proof of the attempt that has begun, or submits one.
func (p *Pages) proveSignIn(v *visit) error {
	ctx, form, attempt := v.r.Context(), v.r.PostForm, v.caller.Client.SignIn
	if attempt == nil || !v.known() {
		return auth.Refuse(auth.CodeBrowserFlowOver)
	}
	strategy := auth.Strategy(form.Get("strategy"))
	proof := signin.Attempt{
		Strategy: strategy, Password: form.Get("password"), Code: code(form.Get("code")),
		Credential: form.Get("public_key_credential"), RelyingParty: p.relyingParty(v), Activity: respond.Activity(v.r),
	}
	var view signin.View
	var err error
	switch form.Get("do") {
	case "send":
		return p.send(v, *attempt, strategy)
	case "prove":
		if view, err = p.SignIns.AttemptFirstFactor(ctx, v.caller.Client, attempt.ID, proof); err == nil && view.Attempt.User == "" {
			return p.join(v)
		}
	case "reset":
		view, err = p.SignIns.ResetPassword(ctx, v.caller.Client, attempt.ID, signin.Reset{
			Password: form.Get("password"), SignOutOthers: form.Get("sign_out_others") == "true", Activity: proof.Activity,
		})
	case "send-second":
		v.said, v.with = "sent", string(strategy)
		view, err = p.SignIns.PrepareSecondFactor(ctx, v.caller.Client, attempt.ID, signin.Prepare{Strategy: strategy})
	case "prove-second":
		view, err = p.SignIns.AttemptSecondFactor(ctx, v.caller.Client, attempt.ID, proof)
	default:
		err = auth.RefuseParam(auth.CodeParamInvalid, "do")
	}
	return p.signedInBy(v, view, err)
}

// send has a code or a link sent, or asks for a passkey.
func (p *Pages) send(v *visit, attempt auth.SignIn, strategy auth.Strategy) (err error) {
	ctx, client := v.r.Context(), v.caller.Client
	switch strategy {
	case auth.StrategyPasskey:
		v.with = string(strategy)
	case auth.StrategyEmailLink:
		v.said = "sent"
		_, err = p.SignIns.PrepareLink(ctx, client, attempt.ID, p.linkRequest(v))
		return err
	default:
		v.said = "sent"
	}
	_, err = p.SignIns.PrepareFirstFactor(ctx, client, attempt.ID, signin.Prepare{Strategy: strategy, RelyingParty: p.relyingParty(v)})
	return err
}

// code is a code as it was meant: people paste it with the blanks and the dash
// with which it was shown to them.
func code(entered string) string {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, entered)
	if strings.Trim(digits, "0123456789") == "" {
		return digits
	}
	return strings.TrimSpace(entered)
}

// signInPage is the page that the attempt calls for.
func (p *Pages) signInPage(v *visit) (page, error) {
	if ticket := v.ticketGiven(); ticket != "" {
		return page{Step: "ticket", Ticket: ticket}, nil
	}
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
	case auth.SignInNeedsNewPassword:
		next.Step = "new-password"
	case auth.SignInNeedsSecondFactor:
		p.askSecond(v, &next, *attempt, view.SecondFactors)
	default:
		next = p.identifyPage(v, v.r.PostFormValue("identifier"))
	}
	if view.Status == auth.SignInNeedsFirstFactor || view.Status == auth.SignInNeedsIdentifier {
		next.arrived(v, *attempt)
	}
	return next, nil
}

// askSecond asks for one of the second factors: the one that was chosen, the one
// a code was sent for, or the first.
func (p *Pages) askSecond(v *visit, next *page, attempt auth.SignIn, factors []signin.Factor) {
	next.Step, next.Factors = "second", factors
	chosen := auth.Strategy(v.r.URL.Query().Get(withParam))
	if posted := auth.Strategy(v.r.PostForm.Get("strategy")); posted != "" {
		chosen = posted
	}
	sent := attempt.SecondFactor.Strategy
	switch {
	case offers(factors, chosen) && (!sendsCode(chosen) || chosen == sent):
		next.Strategy = chosen
	case sendsCode(sent):
		next.Strategy = sent
	case len(factors) > 0:
		next.Strategy = factors[0].Strategy
	}
	next.Sent = sendsCode(next.Strategy) && next.Strategy == sent
	if next.Sent {
		next.Resend = seconds(attempt.SecondFactor.ResendIn(p.Now()))
	}
}

// identifyPage is where a sign-in begins.
func (p *Pages) identifyPage(v *visit, identifier string) page {
	return page{
		Step: "identify", Identifier: identifier, HasPasskey: p.hasPasskeys(v),
		Autofill: p.hasPasskeys(v) && p.Settings().Passkeys.AllowAutofill, Providers: p.providers(p.Settings().SocialStrategies()),
	}
}

// firstFactorPage asks for what was sent or challenged, and else for one of the
// first factors.
func (p *Pages) firstFactorPage(v *visit, attempt auth.SignIn, factors []signin.Factor) page {
	next := page{
		Step: "password", Identifier: attempt.Identifier, Factors: byMessage(factors), HasPassword: offers(factors, auth.StrategyPassword),
		HasPasskey: offers(factors, auth.StrategyPasskey) && p.hasPasskeys(v), Reset: resetOf(factors),
		New: attempt.User == "" && attempt.SignUpIfMissing && !p.Settings().EnumerationProtection,
	}
	var elsewhere []auth.Strategy
	for _, f := range factors {
		elsewhere = append(elsewhere, f.Strategy)
	}
	next.Providers = p.providers(elsewhere)
	proof := attempt.FirstFactor
	pending := proof.StatusAt(p.Now()) == auth.VerificationUnverified
	with := v.r.URL.Query().Get(withParam)
	if posted := v.r.PostForm.Get("strategy"); posted != "" {
		with = posted // what a form was refused for is asked for again
	}
	switch {
	case pending && proof.Strategy == auth.StrategyPasskey && (with == string(auth.StrategyPasskey) || attempt.Identifier != ""):
		next.Step, next.Options = "passkey", proof.Nonce
	case attempt.Identifier == "":
		return p.identifyPage(v, "")
	case with == "password" && next.HasPassword:
	case pending && (sendsCode(proof.Strategy) || resets(proof.Strategy)):
		next.Step, next.Strategy, next.Sent = "code", proof.Strategy, true
	case pending && proof.Strategy == auth.StrategyEmailLink:
		next.Step, next.Strategy, next.Sent = "link", proof.Strategy, true
		next.Followed = v.at + v.query(resumeParam, "1")
	case !next.HasPassword:
		next.Step = "choose"
	}
	if next.Sent {
		next.Resend = seconds(proof.ResendIn(p.Now()))
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

// byMessage are the factors that a message to somebody proves.
func byMessage(factors []signin.Factor) (out []signin.Factor) {
	for _, f := range factors {
		if sendsCode(f.Strategy) || f.Strategy == auth.StrategyEmailLink {
			out = append(out, f)
		}
	}
	return out
}

// codeFactors are the factors that a code proves.
func codeFactors(factors []signin.Factor) []signin.Factor {
	return slices.DeleteFunc(slices.Clone(factors), func(f signin.Factor) bool { return !sendsCode(f.Strategy) })
}

// resetOf is how somebody who has forgotten their password gets another one, or
// empty when there is no way.
func resetOf(factors []signin.Factor) auth.Strategy {
	for _, f := range factors {
		if resets(f.Strategy) && offers(factors, auth.StrategyPassword) {
			return f.Strategy
		}
	}
	return ""
}

// sendsCode says whether a strategy sends a code that proves somebody who is
// signing in; a code for another password proves something else.
func sendsCode(s auth.Strategy) bool {
	return s == auth.StrategyEmailCode || s == auth.StrategyPhoneCode
}

// resets says whether a strategy sends a code for another password.
func resets(s auth.Strategy) bool {
	return s == auth.StrategyResetPasswordEmail || s == auth.StrategyResetPasswordPhone
}
