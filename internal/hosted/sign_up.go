package hosted

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signup"
)

// signUp takes one step of a sign-up, see [Pages.signIn].
func (p *Pages) signUp(v *visit) (next page, complete bool, err error) {
	if v.approved() {
		return page{}, true, nil
	}
	if v.r.Method == http.MethodPost {
		err = p.submitSignUp(v)
		if err == nil && v.caller.Standing == session.Known {
			err = p.reload(v)
		}
	}
	if p.signedIn(v) {
		return page{}, true, nil
	}
	return p.signUpPage(v), false, err
}

func (p *Pages) submitSignUp(v *visit) error {
	ctx, form := v.r.Context(), v.r.PostForm
	do := form.Get("do")
	switch {
	case do == "restart":
		p.leave(v)
		return nil
	case do == "create":
		return p.createSignUp(v)
	}
	attempt := v.caller.Client.SignUp
	if attempt == nil || v.caller.Standing != session.Known {
		return auth.Refuse(auth.CodeBrowserFlowOver)
	}
	strategy := auth.Strategy(form.Get("strategy"))
	var err error
	switch do {
	case "send":
		_, err = p.SignUps.Prepare(ctx, v.caller.Client, attempt.ID, strategy)
	case "prove":
		_, err = p.SignUps.Attempt(ctx, v.caller.Client, attempt.ID, strategy, form.Get("code"), activity(v.r))
	default:
		err = auth.RefuseParam(auth.CodeParamInvalid, "do")
	}
	return err
}

// createSignUp begins with what the form holds, has the first code sent, or
// completes a sign-up that needs none.
func (p *Pages) createSignUp(v *visit) error {
	ctx, form := v.r.Context(), v.r.PostForm
	if err := p.enter(v); err != nil {
		return err
	}
	given := func(name string) *string {
		if text := form.Get(name); text != "" {
			return &text
		}
		return nil
	}
	legal := form.Get("legal_accepted") == "true"
	view, err := p.SignUps.Create(ctx, v.caller.Client, signup.Fields{
		EmailAddress: form.Get("email_address"), PhoneNumber: form.Get("phone_number"), Username: form.Get("username"),
		Password: form.Get("password"), FirstName: given("first_name"), LastName: given("last_name"), LegalAccepted: &legal,
	}, activity(v.r))
	if err != nil {
		return err
	}
	if err := p.reload(v); err != nil {
		return err
	}
	if strategy := proofOf(view.Unverified); strategy != "" {
		_, err = p.SignUps.Prepare(ctx, v.caller.Client, view.Attempt.ID, strategy)
	} else if len(view.Missing) == 0 {
		_, err = p.SignUps.Update(ctx, v.caller.Client, view.Attempt.ID, signup.Fields{}, activity(v.r))
	}
	return err
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

func (p *Pages) signUpPage(v *visit) page {
	next := page{Step: "create", Fields: p.signUpFields(v), LegalConsent: p.Settings().LegalConsent}
	attempt := v.caller.Client.SignUp
	if v.caller.Standing != session.Known || attempt == nil {
		return next
	}
	view := p.SignUps.Describe(*attempt)
	if strategy := proofOf(view.Unverified); strategy != "" && view.Status == auth.SignUpMissingRequirements && len(view.Missing) == 0 {
		next.Step, next.Strategy, next.Identifier = "code", strategy, attempt.EmailAddress
		if strategy == auth.StrategyPhoneCode {
			next.Identifier = attempt.PhoneNumber
		}
	}
	return next
}

// field is one thing that a sign-up asks for.
type field struct {
	Name, Label, Type, Autocomplete, Value string
	Required                               bool
}

// signUpFields are what the instance wants to know, with what was entered.
func (p *Pages) signUpFields(v *visit) (out []field) {
	set := p.Settings()
	for _, f := range []struct {
		use   auth.Use
		field field
	}{
		{set.Email, field{Name: "email_address", Label: "Email address", Type: "email", Autocomplete: "email"}},
		{set.Phone, field{Name: "phone_number", Label: "Phone number", Type: "tel", Autocomplete: "tel"}},
		{set.Username, field{Name: "username", Label: "Username", Type: "text", Autocomplete: "username"}},
		{set.FirstName, field{Name: "first_name", Label: "First name", Type: "text", Autocomplete: "given-name"}},
		{set.LastName, field{Name: "last_name", Label: "Last name", Type: "text", Autocomplete: "family-name"}},
	} {
		if !f.use.On() || (f.use == auth.UseOptional && (f.field.Name == "first_name" || f.field.Name == "last_name")) {
			continue
		}
		f.field.Required, f.field.Value = f.use == auth.UseRequired, v.r.PostFormValue(f.field.Name)
		out = append(out, f.field)
	}
	label := "Password (optional)"
	if set.PasswordRequired {
		label = "Password"
	}
	return append(out, field{
		Name: "password", Label: label, Type: "password", Autocomplete: "new-password", Required: set.PasswordRequired,
	})
}
