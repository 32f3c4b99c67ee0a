package frontendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/wire"
)

// mintToken answers with a fresh token of a session, for the organization that
// the body names or the session acts in.
func (a *API) mintToken(c *call) error {
	id, err := c.sessionID()
	if err != nil {
		// No session has such an id, so this one is surely over.
		return auth.Refuse(auth.CodeAuthenticationInvalid)
	}
	form, err := c.read()
	if err != nil {
		return err
	}
	org := form.Optional("organization_id")
	if err := form.Err(); err != nil {
		return err
	}
	signed, err := a.Sessions.Mint(c.r.Context(), c.caller, id, org, c.audience(), respond.Activity(c.r))
	if err != nil {
		return err
	}
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, wire.Token{Object: "token", JWT: signed.JWT})
	return nil
}

// mintTemplateToken answers with a token of a session that a template describes.
func (a *API) mintTemplateToken(c *call) error {
	id, err := c.sessionID()
	if err != nil {
		return auth.Refuse(auth.CodeAuthenticationInvalid)
	}
	signed, err := a.Sessions.MintTemplate(c.r.Context(), c.caller, id, c.r.PathValue("template"), c.audience(), respond.Activity(c.r))
	if err != nil {
		return err
	}
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, wire.Token{Object: "token", JWT: signed.JWT})
	return nil
}

func (a *API) getSession(c *call) error {
	id, err := c.sessionID()
	if err != nil {
		return err
	}
	found, err := a.Sessions.Get(c.r.Context(), c.caller, id)
	if err != nil {
		return err
	}
	return a.answer(c, a.toSession(c, found))
}

func (a *API) touchSession(c *call) error {
	id, err := c.sessionID()
	if err != nil {
		return auth.Refuse(auth.CodeAuthenticationInvalid)
	}
	form, err := c.read()
	if err != nil {
		return err
	}
	org := form.Optional("active_organization_id")
	if err := form.Err(); err != nil {
		return err
	}
	used, err := a.Sessions.Touch(c.r.Context(), c.caller, id, org, respond.Activity(c.r))
	if err != nil {
		return err
	}
	return a.answerWith(c, func(*wire.Client) any { return a.toSession(c, used) })
}

func (a *API) endSession(c *call) error    { return a.finish(c, auth.SessionEnded) }
func (a *API) removeSession(c *call) error { return a.finish(c, auth.SessionRemoved) }

// finish ends one session of the caller; one that is over already stays as it is.
func (a *API) finish(c *call, status auth.SessionStatus) error {
	id, err := c.sessionID()
	if err != nil {
		return err
	}
	over, err := a.Sessions.End(c.r.Context(), c.caller, id, status)
	if err != nil {
		return err
	}
	return a.answer(c, a.toSession(c, over))
}

// endAllSessions signs everybody out of the client and keeps the client.
func (a *API) endAllSessions(c *call) error {
	if err := a.Sessions.EndAll(c.r.Context(), c.caller); err != nil {
		return err
	}
	if c.caller.Standing == session.Over {
		gone, err := a.toClient(c)
		if err != nil {
			return err
		}
		return a.answer(c, gone)
	}
	return a.answerWith(c, func(now *wire.Client) any { return now })
}
