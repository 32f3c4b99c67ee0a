package frontendapi

import (
	"fmt"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/wire"
)

// createSignUp begins a sign-up.
func (a *API) createSignUp(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	fields := signUpFields(form)
	if err := form.Err(); err != nil {
		return err
	}
	if err := a.ensure(c, true); err != nil {
		return err
	}
	if err := a.socialFields(c, form, &fields); err != nil {
		return err
	}
	view, err := a.SignUps.Create(c.r.Context(), c.caller.Client, fields, respond.Activity(c.r))
	return a.answerSignUp(c, view, err)
}

// getSignUp shows the client's current attempt.
func (a *API) getSignUp(c *call) error {
	id, err := c.signUpID()
	if err != nil {
		return err
	}
	if nonce := c.r.URL.Query().Get("rotating_token_nonce"); nonce != "" {
		return a.redeemSignUp(c, id, nonce)
	}
	view, err := a.SignUps.Get(c.caller.Client, id)
	return a.answerSignUp(c, view, err)
}

// updateSignUp gives more fields.
func (a *API) updateSignUp(c *call) error {
	id, err := c.signUpID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	fields := signUpFields(form)
	if err := form.Err(); err != nil {
		return err
	}
	if err := a.socialFields(c, form, &fields); err != nil {
		return err
	}
	view, err := a.SignUps.Update(c.r.Context(), c.caller.Client, id, fields, respond.Activity(c.r))
	return a.answerSignUp(c, view, err)
}

// prepareVerification sends the code that proves the address.
func (a *API) prepareVerification(c *call) error {
	id, err := c.signUpID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	strategy := auth.Strategy(form.Required("strategy"))
	if err := form.Err(); err != nil {
		return err
	}
	if strategy == auth.StrategyEmailLink {
		return a.prepareSignUpLink(c, form, id)
	}
	view, err := a.SignUps.Prepare(c.r.Context(), c.caller.Client, id, strategy)
	return a.answerSignUp(c, view, err)
}

// attemptVerification submits that code.
func (a *API) attemptVerification(c *call) error {
	id, err := c.signUpID()
	if err != nil {
		return err
	}
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	strategy, code := auth.Strategy(form.Required("strategy")), form.String("code")
	if err := form.Err(); err != nil {
		return err
	}
	view, err := a.SignUps.Attempt(c.r.Context(), c.caller.Client, id, strategy, code, respond.Activity(c.r))
	return a.answerSignUp(c, view, err)
}

func (a *API) answerSignUp(c *call, view signup.View, err error) error {
	if err != nil {
		return err
	}
	return a.answerWith(c, func(*wire.Client) any { return a.signUpDoc(view.Attempt, c.caller.Client) })
}

// signUpDoc is the published document of a sign-up attempt on a client.
func (a *API) signUpDoc(s auth.SignUp, agg auth.ClientAggregate) *wire.SignUp {
	return respond.SignUp(s, a.Settings(), !agg.Users[s.CreatedUser].Password.Empty(), a.Now())
}

func signUpFields(form *respond.Form) signup.Fields {
	f := signup.Fields{
		EmailAddress: form.String("email_address"), PhoneNumber: form.String("phone_number"), Password: form.String("password"), Username: form.String("username"),
		FirstName: form.Optional("first_name"), LastName: form.Optional("last_name"),
		LegalAccepted: form.OptionalBool("legal_accepted"), Locale: form.String("locale"),
		Ticket: form.String("ticket"), Transfer: form.Bool("transfer"),
		Strategy: auth.Strategy(form.String("strategy")),
	}
	switch either := form.String("email_address_or_phone_number"); {
	case strings.Contains(either, "@") && f.EmailAddress == "":
		f.EmailAddress = either
	case f.PhoneNumber == "":
		f.PhoneNumber = either
	}
	if meta, given := form.Object("unsafe_metadata"); given {
		f.UnsafeMeta = meta
	}
	return f
}

// begin reads the body of a request that tries to prove or to learn something,
// as often as its address may.
func (a *API) begin(c *call) (*respond.Form, error) {
	if err := a.limit(c); err != nil {
		return nil, err
	}
	return c.read()
}

// signUpID is the attempt that a path names; see [call.signInID].
func (c *call) signUpID() (auth.SignUpID, error) {
	id := c.r.PathValue("sign_up_id")
	if !auth.ValidID("sua", id) {
		return "", auth.Refuse(auth.CodeResourceNotFound)
	}
	return auth.SignUpID(id), c.mayHaveAttempts()
}

// mayHaveAttempts is trouble of ours for a genuine credential whose client the
// store does not know: whether the attempt exists cannot be said.
func (c *call) mayHaveAttempts() error {
	if c.caller.Standing == session.Lost {
		return fmt.Errorf("client of a genuine credential is not there: %w", auth.ErrUnavailable)
	}
	return nil
}
