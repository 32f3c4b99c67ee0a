package frontendapi

import (
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// passkeyRoutes are the operations on one's own passkeys.
func (a *API) passkeyRoutes() map[string]handler {
	return map[string]handler{
		"POST /v1/me/passkeys":                                   a.createMyPasskey,
		"GET /v1/me/passkeys/{passkey_id}":                       a.getMyPasskey,
		"PATCH /v1/me/passkeys/{passkey_id}":                     a.renameMyPasskey,
		"DELETE /v1/me/passkeys/{passkey_id}":                    a.deleteMyPasskey,
		"POST /v1/me/passkeys/{passkey_id}/attempt_verification": a.attemptMyPasskey,
	}
}

// relyingParty is who a passkey is for that this request is about.
func (a *API) relyingParty(c *call) auth.RelyingParty {
	origin := c.r.Header.Get("Origin")
	if origin == "null" {
		origin = "" // a web view of an app that shows a file
	}
	return a.Settings().RelyingParty(a.host, origin, a.AllowedOrigin)
}

// hostOf is the host of a URL without its port.
func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// createMyPasskey begins a registration: its verification has the options.
func (a *API) createMyPasskey(c *call) error {
	if _, err := a.begin(c); err != nil {
		return err
	}
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	p, err := a.Self.CreatePasskey(c.r.Context(), acting.User, a.relyingParty(c))
	return a.answerPasskey(c, p, err)
}

func (a *API) attemptMyPasskey(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	if s := form.String("strategy"); s != "" && auth.Strategy(s) != auth.StrategyPasskey {
		form.Fail(auth.CodeStrategyUnsupported, "strategy")
	}
	credential := form.String("public_key_credential")
	if err := form.Err(); err != nil {
		return err
	}
	p, err := a.Self.AttemptPasskey(c.r.Context(), me.ID, c.passkeyID(), a.relyingParty(c), credential)
	return a.answerPasskey(c, p, err)
}

func (a *API) getMyPasskey(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	p, ok := me.Passkey(c.passkeyID())
	if !ok {
		return auth.Refuse(auth.CodeResourceNotFound)
	}
	return a.answerPasskey(c, p, nil)
}

func (a *API) renameMyPasskey(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	form, err := c.read()
	if err != nil {
		return err
	}
	name := form.String("name")
	if err := form.Err(); err != nil {
		return err
	}
	p, err := a.Self.RenamePasskey(c.r.Context(), me.ID, c.passkeyID(), name)
	return a.answerPasskey(c, p, err)
}

func (a *API) deleteMyPasskey(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	if err := a.Self.DeletePasskey(c.r.Context(), acting.User, c.passkeyID()); err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "passkey", ID: string(c.passkeyID()), Deleted: true})
}

func (c *call) passkeyID() auth.PasskeyID { return auth.PasskeyID(c.r.PathValue("passkey_id")) }

// answerPasskey is the answer of every operation on one passkey.
func (a *API) answerPasskey(c *call, p auth.Passkey, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, a.toPasskey(p))
}

func (a *API) toPasskey(p auth.Passkey) wire.Passkey {
	return wire.Passkey{
		Object: "passkey", ID: string(p.ID), Name: p.Name, LastUsedAt: respond.Millis(p.LastUsedAt),
		Verification: respond.Verification(p.Verification, a.Now()),
		CreatedAt:    p.CreatedAt.UnixMilli(), UpdatedAt: p.UpdatedAt.UnixMilli(),
	}
}
