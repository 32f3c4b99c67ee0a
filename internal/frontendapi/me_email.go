package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// createMyEmail adds an address, which is then to be proven. It is limited per
// address, because it can tell who has an account.
func (a *API) createMyEmail(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	address := form.Required("email_address")
	if err := form.Err(); err != nil {
		return err
	}
	e, err := a.Self.AddEmail(c.r.Context(), acting.User, address)
	return a.answerEmail(c, e, err)
}

func (a *API) getMyEmail(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	e, ok := me.Email(auth.EmailID(c.r.PathValue("email_id")))
	if !ok {
		return auth.Refuse(auth.CodeResourceNotFound)
	}
	return a.answerEmail(c, e, nil)
}

func (a *API) prepareMyEmail(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	id := auth.EmailID(c.r.PathValue("email_id"))
	switch auth.Strategy(form.Required("strategy")) {
	case auth.StrategyEmailCode:
	case auth.StrategyEmailLink:
		if a.Settings().EmailLink {
			return a.prepareMyEmailLink(c, form, me.ID, id)
		}
		fallthrough
	default:
		form.Fail(auth.CodeStrategyUnsupported, "strategy")
	}
	if err := form.Err(); err != nil {
		return err
	}
	e, err := a.Self.PrepareEmail(c.r.Context(), me.ID, id)
	return a.answerEmail(c, e, err)
}

// prepareMyEmailLink sends a link in the place of a code. One that an app would
// complete itself is for its sign-ins and sign-ups only.
func (a *API) prepareMyEmailLink(c *call, form *respond.Form, me auth.UserID, id auth.EmailID) error {
	link, err := a.linkRequest(c, form)
	if err != nil {
		return err
	}
	if link.Challenge != "" {
		return auth.RefuseParam(auth.CodeParamUnknown, "code_challenge")
	}
	e, err := a.Self.PrepareEmailLink(c.r.Context(), c.caller.Client.Client.ID, me, id, link)
	return a.answerEmail(c, e, err)
}

func (a *API) attemptMyEmail(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	code := form.Required("code")
	if err := form.Err(); err != nil {
		return err
	}
	e, err := a.Self.AttemptEmail(c.r.Context(), me.ID, auth.EmailID(c.r.PathValue("email_id")), code)
	return a.answerEmail(c, e, err)
}

func (a *API) deleteMyEmail(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	id := c.r.PathValue("email_id")
	if err := a.Self.DeleteEmail(c.r.Context(), acting.User, auth.EmailID(id)); err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "email_address", ID: id, Deleted: true})
}

// answerEmail is the answer of every operation on one address.
func (a *API) answerEmail(c *call, e auth.EmailAddress, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, toEmail(e, a.Now()))
}
