package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
)

// createSignIn begins a sign-in; with a password or a ticket it may end it too.
func (a *API) createSignIn(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := signin.Create{
		Strategy: auth.Strategy(form.String("strategy")), Identifier: form.String("identifier"),
		Password: form.String("password"), Ticket: form.String("ticket"),
		ID: identificationID(form), Activity: respond.Activity(c.r), RelyingParty: a.relyingParty(c),
		Device: auth.TrustedDeviceID(form.String("trusted_device_id")),
	}
	request.SignUpIfMissing = form.Bool("sign_up_if_missing")
	request.Transfer = form.Bool("transfer")
	if err := form.Err(); err != nil {
		return err
	}
	if err := a.ensure(c, true); err != nil {
		return err
	}
	if request.Strategy == auth.StrategyEmailLink {
		return a.createLinkSignIn(c, form, request)
	}
	if social(request.Strategy) && !request.Transfer {
		return a.createSocialSignIn(c, form, request.Strategy)
	}
	view, err := a.SignIns.Create(c.r.Context(), c.caller.Client, request)
	return a.answerSignIn(c, view, err)
}

// getSignIn shows the client's current attempt.
func (a *API) getSignIn(c *call) error {
	id, err := c.signInID()
	if err != nil {
		return err
	}
	if nonce := c.r.URL.Query().Get("rotating_token_nonce"); nonce != "" {
		return a.redeemSignIn(c, id, nonce)
	}
	view, err := a.SignIns.Get(c.r.Context(), c.caller.Client, id)
	return a.answerSignIn(c, view, err)
}

// prepareFirstFactor sends the code of a first factor.
func (a *API) prepareFirstFactor(c *call) error {
	id, err := c.signInID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := prepareRequest(form)
	request.RelyingParty, request.Device = a.relyingParty(c), auth.TrustedDeviceID(form.String("trusted_device_id"))
	if err := form.Err(); err != nil {
		return err
	}
	if request.Strategy == auth.StrategyEmailLink {
		return a.prepareSignInLink(c, form, id)
	}
	if request.Strategy.External() {
		return a.prepareSocialSignIn(c, form, id, request.Strategy)
	}
	view, err := a.SignIns.PrepareFirstFactor(c.r.Context(), c.caller.Client, id, request)
	return a.answerSignIn(c, view, err)
}

func prepareRequest(form *respond.Form) signin.Prepare {
	if c := form.String("channel"); c != "" && c != "sms" {
		form.Fail(auth.CodeParamInvalid, "channel")
	}
	return signin.Prepare{Strategy: auth.Strategy(form.Required("strategy")), ID: identificationID(form)}
}

// identificationID is what a code goes to, whichever kind it is.
func identificationID(form *respond.Form) auth.IdentificationID {
	if id := form.String("email_address_id"); id != "" {
		return auth.EmailID(id)
	}
	return auth.PhoneID(form.String("phone_number_id"))
}

// prepareSecondFactor sends the code of a second factor.
func (a *API) prepareSecondFactor(c *call) error {
	id, err := c.signInID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := prepareRequest(form)
	if err := form.Err(); err != nil {
		return err
	}
	view, err := a.SignIns.PrepareSecondFactor(c.r.Context(), c.caller.Client, id, request)
	return a.answerSignIn(c, view, err)
}

// attemptSecondFactor submits the proof of a second factor.
func (a *API) attemptSecondFactor(c *call) error {
	id, err := c.signInID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := signin.Attempt{
		Strategy: auth.Strategy(form.Required("strategy")), Code: form.String("code"), Activity: respond.Activity(c.r),
	}
	if err := form.Err(); err != nil {
		return err
	}
	view, err := a.SignIns.AttemptSecondFactor(c.r.Context(), c.caller.Client, id, request)
	return a.answerSignIn(c, view, err)
}

// attemptFirstFactor submits the proof of a first factor.
func (a *API) attemptFirstFactor(c *call) error {
	id, err := c.signInID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := signin.Attempt{
		Strategy: auth.Strategy(form.Required("strategy")), Password: form.String("password"),
		Code: form.String("code"), Credential: form.String("public_key_credential"), RelyingParty: a.relyingParty(c),
		Device: signedByDevice(form), Activity: respond.Activity(c.r),
	}
	if err := form.Err(); err != nil {
		return err
	}
	view, err := a.SignIns.AttemptFirstFactor(c.r.Context(), c.caller.Client, id, request)
	return a.answerSignIn(c, view, err)
}

// resetPassword sets a new password after a proven reset code.
func (a *API) resetPassword(c *call) error {
	id, err := c.signInID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := signin.Reset{
		Password: form.Required("password"), SignOutOthers: form.Bool("sign_out_of_other_sessions"), Activity: respond.Activity(c.r),
	}
	if err := form.Err(); err != nil {
		return err
	}
	view, err := a.SignIns.ResetPassword(c.r.Context(), c.caller.Client, id, request)
	return a.answerSignIn(c, view, err)
}

func (a *API) answerSignIn(c *call, view signin.View, err error) error {
	if err != nil {
		return err
	}
	c.known = view.Owner
	return a.answer(c, a.signInDoc(view))
}

// signInID is the attempt that a path names. It is only ever looked for on the
// caller's own client.
func (c *call) signInID() (auth.SignInID, error) {
	id := c.r.PathValue("sign_in_id")
	if !auth.ValidID("sia", id) {
		return "", auth.Refuse(auth.CodeResourceNotFound)
	}
	return auth.SignInID(id), c.mayHaveAttempts()
}
