package hosted

import (
	"net/http"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signup"
)

// signUp takes one step of a sign-up, see [Pages.signIn].
func (p *Pages) signUp(v *visit) (next page, complete bool, err error) {
	if v.approved() {
		return page{}, true, nil
	}
	if v.r.Method == http.MethodPost {
		err = p.submitSignUp(v)
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
	return p.signUpPage(v), false, err
}

func (p *Pages) submitSignUp(v *visit) error {
	ctx, form := v.r.Context(), v.r.PostForm
	do := form.Get("do")
	switch {
	case do == "restart":
		return p.restartSignUp(v)
	case do == "create":
		return p.createSignUp(v)
	case do == "elsewhere":
		return p.signUpElsewhere(v, auth.Strategy(form.Get("strategy")))
	case do == "transfer" && v.known():
		_, err := p.SignUps.Create(ctx, v.caller.Client, signup.Fields{Transfer: true}, respond.Activity(v.r))
		return err
	}
	attempt := v.caller.Client.SignUp
	if attempt == nil || !v.known() {
		return auth.Refuse(auth.CodeBrowserFlowOver)
	}
	strategy := auth.Strategy(form.Get("strategy"))
	var err error
	switch do {
	case "complete":
		_, err = p.SignUps.Update(ctx, v.caller.Client, attempt.ID, given(v.r), respond.Activity(v.r))
	case "send":
		_, err = p.SignUps.Prepare(ctx, v.caller.Client, attempt.ID, strategy)
	case "prove":
		_, err = p.SignUps.Attempt(ctx, v.caller.Client, attempt.ID, strategy, form.Get("code"), respond.Activity(v.r))
	default:
		err = auth.RefuseParam(auth.CodeParamInvalid, "do")
	}
	return err
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

// createSignUp begins with what the form holds, has the first code sent, or
// completes a sign-up that needs none.
func (p *Pages) createSignUp(v *visit) error {
	ctx := v.r.Context()
	if err := p.enter(v); err != nil {
		return err
	}
	view, err := p.SignUps.Create(ctx, v.caller.Client, given(v.r), respond.Activity(v.r))
	if err != nil {
		return err
	}
	if err := p.reload(v); err != nil {
		return err
	}
	if strategy := proofOf(view.Unverified); strategy != "" {
		_, err = p.SignUps.Prepare(ctx, v.caller.Client, view.Attempt.ID, strategy)
	} else if len(view.Missing) == 0 {
		_, err = p.SignUps.Update(ctx, v.caller.Client, view.Attempt.ID, signup.Fields{}, respond.Activity(v.r))
	}
	return err
}

// given are the fields that a form holds.
func given(r *http.Request) signup.Fields {
	form := r.PostForm
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
func (p *Pages) signUpPage(v *visit) page {
	next := page{
		Step: "create", Fields: p.signUpFields(v), LegalConsent: p.Settings().LegalConsent,
		Providers: p.providers(p.Settings().SocialStrategies()),
	}
	attempt := v.caller.Client.SignUp
	if !v.known() || attempt == nil {
		return next
	}
	view := p.SignUps.Describe(*attempt)
	strategy := proofOf(view.Unverified)
	switch {
	case view.Status != auth.SignUpMissingRequirements:
	case attempt.External.Status == auth.VerificationTransferable:
		next.Step, next.Identifier = "known", emailOf(attempt.ExternalAccount)
	case attempt.External.ErrorCode != "":
		next.Problem = v.refusal(attempt.External.ErrorCode)
	case len(view.Missing) > 0 && attempt.External.Status == auth.VerificationVerified:
		next.Step, next.Fields, next.LegalConsent = "complete", missing(next.Fields, view.Missing), slices.Contains(view.Missing, "legal_accepted")
	case len(view.Missing) == 0 && strategy != "":
		p.askProof(&next, *attempt, strategy)
	}
	return next
}

// askProof makes the page ask for the code that was sent, or whether to send
// one: what a provider told of somebody is proven by no form.
func (p *Pages) askProof(next *page, attempt auth.SignUp, strategy auth.Strategy) {
	proof := attempt.Email
	next.Step, next.Strategy, next.Identifier = "code", strategy, attempt.EmailAddress
	if strategy == auth.StrategyPhoneCode {
		proof, next.Identifier = attempt.Phone, attempt.PhoneNumber
	}
	if !proof.Started() {
		next.Step = "confirm"
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

// signUpFields are what the instance wants to know, with what was entered.
func (p *Pages) signUpFields(v *visit) (out []field) {
	set := p.Settings()
	for _, f := range []struct {
		use   auth.Use
		field field
	}{
		{set.Email, field{Name: "email_address", Label: v.T("auth.field.email_address"), Type: "email", Autocomplete: "email"}},
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
