package frontendapi

import (
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/wire"
)

// getClient is 200 with a client, or 503. Any other answer to this request
// makes some published SDK forget a session that is still there: a refusal
// reads as "signed out", and a missing client as "never loaded".
func (a *API) getClient(c *call) error {
	if form := c.nonceForm(); form != nil {
		return a.redeemHostedAuth(c, form)
	}
	if err := a.showClient(c); err != nil {
		respond.Unavailable(c.w, c.r, err)
	}
	return nil
}

// createClient answers like [API.getClient]; a client that exists is returned.
func (a *API) createClient(c *call) error { return a.getClient(c) }

func (a *API) showClient(c *call) error {
	if c.r.Method == http.MethodHead && c.caller.Standing != session.Known {
		// Whoever asks without wanting an answer, a health check, needs no client.
		respond.JSON(c.w, http.StatusOK, wire.Envelope{})
		return nil
	}
	if err := a.ensure(c, false); err != nil {
		return err
	}
	var err error
	if c.caller, err = a.Clients.Renew(c.r.Context(), c.caller); err != nil {
		return err
	}
	client, err := a.toClient(c)
	if err != nil {
		return err
	}
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, wire.Envelope{Response: client})
	return nil
}

// destroyClient ends the client and all its sessions. Doing it again is fine.
func (a *API) destroyClient(c *call) error {
	if err := a.Sessions.Destroy(c.r.Context(), c.caller); err != nil {
		return err
	}
	if !c.native {
		a.cookies.Clear(c.w, c.r)
	}
	if c.caller.Standing == session.Nobody {
		respond.JSON(c.w, http.StatusOK, wire.Envelope{})
		return nil
	}
	var err error
	if c.caller, err = a.Clients.Reload(c.r.Context(), c.caller); err != nil {
		return err
	}
	gone, err := a.toClient(c)
	if err != nil {
		return err
	}
	respond.JSON(c.w, http.StatusOK, wire.Envelope{Response: gone})
	return nil
}

// extendCookie prolongs the client cookie in a top-level navigation, where
// browsers that cap script-set state let it live longest, and goes back.
func (a *API) extendCookie(c *call) error {
	target := c.r.URL.Query().Get("redirect_url")
	if !a.mayRedirect(target) {
		return auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	a.handOut(c)
	return c.redirect(target)
}

// redirect sends the browser to a target that was checked against the allowed
// origins: never an open redirect. It has no body: the standard library's would
// be HTML that repeats what the target carries.
func (c *call) redirect(target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	c.w.Header().Set("Location", u.String())
	c.w.WriteHeader(http.StatusTemporaryRedirect)
	return nil
}

// mayRedirect says whether a browser may be sent to target.
func (a *API) mayRedirect(target string) bool { return respond.MayRedirect(target, a.AllowedOrigin) }
