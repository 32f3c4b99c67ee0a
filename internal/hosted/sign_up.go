package hosted

import (
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signup"
)

// submitSignUp does what the form asks for.
func (p *Pages) submitSignUp(v *visit) error {
	form := v.r.PostForm
	switch form.Get("do") {
	case "restart":
		return p.restartSignUp(v)
	case "switch":
		return p.goOn(v)
	case "create":
		return p.createSignUp(v)
	case "wait":
		return p.joinWaitlist(v)
	case "elsewhere":
		return p.signUpElsewhere(v, auth.Strategy(form.Get("strategy")))
	case "transfer":
		if !v.known() {
			return auth.Refuse(auth.CodeBrowserFlowOver)
		}
		return p.join(v)
	default:
		return p.proveSignUp(v)
	}
}

// proveSignUp adds to the attempt that has begun, asks for a proof, or submits
// one.
func (p *Pages) proveSignUp(v *visit) error {
	ctx, form, attempt := v.r.Context(), v.r.PostForm, v.caller.Client.SignUp
	if attempt == nil || !v.known() {
		return auth.Refuse(auth.CodeBrowserFlowOver)
	}
	strategy := auth.Strategy(form.Get("strategy"))
	var view signup.View
	var err error
	switch form.Get("do") {
	case "complete":
		if view, err = p.SignUps.Update(ctx, v.caller.Client, attempt.ID, p.given(v), respond.Activity(v.r)); err == nil {
			return p.sendFirst(v, view)
		}
	case "send":
		v.said = "sent"
		if strategy == auth.StrategyEmailLink {
			view, err = p.SignUps.PrepareLink(ctx, v.caller.Client, attempt.ID, p.linkRequest(v))
		} else {
			view, err = p.SignUps.Prepare(ctx, v.caller.Client, attempt.ID, strategy)
		}
	case "prove":
		if view, err = p.SignUps.Attempt(ctx, v.caller.Client, attempt.ID, strategy, code(form.Get("code")), respond.Activity(v.r)); err == nil {
			return p.sendFirst(v, view)
		}
	default:
		err = auth.RefuseParam(auth.CodeParamInvalid, "do")
	}
	v.created = view.Attempt.CreatedSession
	return err
}

// join makes an account of what a sign-in on the same client has proven, as far
// as nothing else is missing.
func (p *Pages) join(v *visit) error {
	if err := p.reload(v); err != nil {
		return err
	}
	view, err := p.SignUps.Create(v.r.Context(), v.caller.Client, signup.Fields{Transfer: true, Locale: v.words().Language.Code}, respond.Activity(v.r))
	if err != nil {
		return err
	}
	v.at = signUpPath
	return p.sendFirst(v, view)
}

// restartSignUp is [Pages.restart] for a sign-up.
func (p *Pages) restartSignUp(v *visit) error {
	if !v.web() || !v.known() {
		p.leave(v)
		return nil
	}
	_, err := p.SignUps.Create(v.r.Context(), v.caller.Client, signup.Fields{}, respond.Activity(v.r))
	return err
}

// createSignUp begins with what the form holds.
func (p *Pages) createSignUp(v *visit) error {
	if err := p.enter(v); err != nil {
		return err
	}
	view, err := p.SignUps.Create(v.r.Context(), v.caller.Client, p.given(v), respond.Activity(v.r))
	if err != nil {
		return err
	}
	return p.sendFirst(v, view)
}

// sendFirst has the first code sent once nothing is missing, or completes a
// sign-up that needs none. Where links are sent beside codes, it is asked which.
func (p *Pages) sendFirst(v *visit, view signup.View) (err error) {
	if v.created = view.Attempt.CreatedSession; v.created != "" || len(view.Missing) > 0 {
		return nil
	}
	if err := p.reload(v); err != nil {
		return err
	}
	ctx := v.r.Context()
	strategy := proofOf(view.Unverified)
	switch {
	case strategy == "":
		view, err = p.SignUps.Update(ctx, v.caller.Client, view.Attempt.ID, signup.Fields{}, respond.Activity(v.r))
		v.created = view.Attempt.CreatedSession
	case strategy == auth.StrategyEmailCode && (p.Settings().EmailLink || view.Attempt.External.Status == auth.VerificationVerified):
	default:
		v.said = "sent"
		_, err = p.SignUps.Prepare(ctx, v.caller.Client, view.Attempt.ID, strategy)
	}
	return err
}

// joinWaitlist asks for an invitation. What the page says then is the same
// whether or not the address is known in any way.
func (p *Pages) joinWaitlist(v *visit) error {
	v.said = "waitlisted"
	_, err := p.Admission.Join(v.r.Context(), v.r.PostForm.Get("email_address"))
	return err
}

// given are the fields that a form holds.
func (p *Pages) given(v *visit) signup.Fields {
	form := v.r.PostForm
	named := func(name string) *string {
		if text := form.Get(name); text != "" {
			return &text
		}
		return nil
	}
	legal := form.Get("legal_accepted") == "true"
	return signup.Fields{
		EmailAddress: form.Get("email_address"), PhoneNumber: form.Get("phone_number"), Username: form.Get("username"),
		Password: form.Get("password"), FirstName: named("first_name"), LastName: named("last_name"), LegalAccepted: &legal,
		Ticket: form.Get("ticket"), Locale: v.words().Language.Code,
	}
}

// proofOf is how the first unproven field is proven.
func proofOf(unverified []string) auth.Strategy {
	if len(unverified) == 0 {
		return ""
	}
	if unverified[0] == "phone_number" {
		return auth.StrategyPhoneCode
	}
	return auth.StrategyEmailCode
}

// signUpPage is the page that the attempt calls for.
func (p *Pages) signUpPage(v *visit) (page, error) {
	next := p.createPage(v)
	attempt := v.caller.Client.SignUp
	if !v.known() || attempt == nil || next.Ticket != "" {
		return next, nil
	}
	view := p.SignUps.Describe(*attempt)
	strategy := proofOf(view.Unverified)
	switch {
	case view.Status != auth.SignUpMissingRequirements:
	case attempt.External.Status == auth.VerificationTransferable:
		next.Step, next.Identifier = "known", emailOf(attempt.ExternalAccount)
	case attempt.External.ErrorCode != "":
		next.Problem = v.refusal(attempt.External.ErrorCode)
	case len(view.Missing) > 0 && proven(*attempt):
		next.Step, next.Fields, next.LegalConsent = "complete", missing(p.signUpFields(v), view.Missing), slices.Contains(view.Missing, "legal_accepted")
	case len(view.Missing) == 0 && strategy != "":
		p.askProof(v, &next, *attempt, strategy)
	}
	return next, nil
}

// createPage is where a sign-up begins, or what there is instead where not
// everybody may sign up.
func (p *Pages) createPage(v *visit) page {
	set := p.Settings()
	next := page{
		Step: "create", Fields: p.signUpFields(v), LegalConsent: set.LegalConsent, Providers: p.providers(set.SocialStrategies()),
		Ticket: v.ticketGiven(),
	}
	switch {
	case next.Ticket != "": // went to an address, which is the one
		next.Providers = nil
		next.Fields = slices.DeleteFunc(next.Fields, func(f field) bool { return f.Name == "email_address" })
	case set.SignUpMode == auth.SignUpWaitlist:
		next.Step, next.Fields = "waitlist", []field{p.emailField(v)}
	case set.SignUpMode != auth.SignUpPublic:
		next.Step = "closed"
	}
	return next
}

// proven says whether an attempt has more behind it than what was entered, which
// a form that begins anew would throw away.
func proven(attempt auth.SignUp) bool {
	return attempt.External.Status == auth.VerificationVerified || attempt.Email.Status == auth.VerificationVerified ||
		attempt.Phone.Status == auth.VerificationVerified
}

// askProof makes the page ask for what was sent, or whether to send something:
// what a provider told of somebody is proven by no form.
func (p *Pages) askProof(v *visit, next *page, attempt auth.SignUp, strategy auth.Strategy) {
	proof := attempt.Email
	next.Step, next.Strategy, next.Identifier, next.Sent = "code", strategy, attempt.EmailAddress, true
	if strategy == auth.StrategyPhoneCode {
		proof, next.Identifier = attempt.Phone, attempt.PhoneNumber
	}
	switch {
	case !proof.Started():
		next.Step, next.Sent, next.Links = "confirm", false, strategy == auth.StrategyEmailCode && p.Settings().EmailLink
	case proof.Strategy == auth.StrategyEmailLink:
		next.Step, next.Strategy, next.Followed = "link", proof.Strategy, v.at+v.query(resumeParam, "1")
	}
	if next.Sent {
		next.Resend = seconds(proof.ResendIn(p.Now()))
	}
}

// missing are the fields with these names.
func missing(fields []field, names []string) (out []field) {
	for _, f := range fields {
		if slices.Contains(names, f.Name) {
			f.Required = true
			out = append(out, f)
		}
	}
	return out
}

// emailField asks for an address.
func (p *Pages) emailField(v *visit) field {
	return field{
		Name: "email_address", Label: v.T("auth.field.email_address"), Type: "email", Autocomplete: "email", Required: true,
		Value: v.r.PostFormValue("email_address"),
	}
}

// signUpFields are what the instance wants to know, with what was entered.
func (p *Pages) signUpFields(v *visit) (out []field) {
	set := p.Settings()
	for _, f := range []struct {
		use   auth.Use
		field field
	}{
		{set.Email, p.emailField(v)},
		{set.Phone, field{Name: "phone_number", Label: v.T("auth.field.phone_number"), Type: "tel", Autocomplete: "tel"}},
		{set.Username, field{Name: "username", Label: v.T("auth.field.username"), Type: "text", Autocomplete: "username"}},
		{set.FirstName, field{Name: "first_name", Label: v.T("auth.field.first_name"), Type: "text", Autocomplete: "given-name"}},
		{set.LastName, field{Name: "last_name", Label: v.T("auth.field.last_name"), Type: "text", Autocomplete: "family-name"}},
	} {
		if !f.use.On() || (f.use == auth.UseOptional && (f.field.Name == "first_name" || f.field.Name == "last_name")) {
			continue
		}
		f.field.Required, f.field.Value = f.use == auth.UseRequired, v.r.PostFormValue(f.field.Name)
		out = append(out, f.field)
	}
	label := v.T("auth.field.password_optional")
	if set.PasswordRequired {
		label = v.T("auth.field.password")
	}
	return append(out, field{
		Name: "password", Label: label, Type: "password", Autocomplete: "new-password", Required: set.PasswordRequired,
	})
}
