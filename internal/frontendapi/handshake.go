package frontendapi

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/token"
)

const handshakeName = "__clerk_handshake"

// Handshakes signs what a handshake tells an application's back end.
type Handshakes interface {
	Handshake(cookies []string) (string, error)
}

// handshake reconciles an application with its client: a browser is sent here
// when its session token and what the client says cannot both be right, and
// goes back with signed cookies that can. In production these travel in a
// cookie of the shared site; in development, where there is none, in the URL.
func (a *API) handshake(c *call) error {
	q := c.r.URL.Query()
	target, err := url.Parse(q.Get("redirect_url"))
	if err != nil || !a.mayRedirect(q.Get("redirect_url")) {
		return auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	if q.Has("organization_id") {
		if err := a.switchOrganization(c, q.Get("organization_id")); err != nil {
			return err
		}
	}
	cookies, err := a.handshakeCookies(c, target)
	if err != nil {
		return err
	}
	signed, err := a.Handshakes.Handshake(cookies)
	if err != nil {
		return err
	}
	if a.Settings().Production {
		//nolint:gosec // the back end of the site reads it, whatever its scheme
		http.SetCookie(c.w, &http.Cookie{
			Name: handshakeName, Value: signed, Path: "/", Domain: a.cookies.Domain, MaxAge: int(token.HandshakeLifetime / time.Second),
			HttpOnly: true, Secure: a.cookies.HTTPS, SameSite: http.SameSiteLaxMode,
		})
	} else {
		back := target.Query()
		back.Set(handshakeName, signed)
		target.RawQuery = back.Encode()
	}
	a.handOut(c)
	return c.redirect(target.String())
}

// switchOrganization makes the caller's session act in the organization that the
// address of a page calls for, by id or slug. A page of an organization that the
// person does not belong to is the application's to answer.
func (a *API) switchOrganization(c *call, org string) error {
	found, err := a.Sessions.Find(c.caller, "")
	if err == nil {
		_, err = a.Sessions.Touch(c.r.Context(), c.caller, found.ID, &org, respond.Activity(c.r))
	}
	var refused *auth.Error
	switch {
	case errors.As(err, &refused):
		return nil
	case err != nil:
		return err
	}
	c.caller, err = a.Clients.Reload(c.r.Context(), c.caller)
	return err
}

// handshakeCookies are the cookies of the application's own site as they should
// be: the session token and when somebody last signed in, or both cleared.
func (a *API) handshakeCookies(c *call, target *url.URL) ([]string, error) {
	jwt, since := "", "0"
	found, err := a.Sessions.Find(c.caller, "")
	var refused *auth.Error
	switch {
	case err == nil:
		to := c.audience()
		to.Origin = target.Scheme + "://" + target.Host
		signed, err := a.Sessions.Token(c.caller.Client, found, to)
		if err != nil {
			return nil, err
		}
		jwt, since = signed.JWT, strconv.FormatInt(c.caller.Client.Client.SignedInOrOutAt.Unix(), 10)
	case c.caller.Standing == session.Lost || !errors.As(err, &refused):
		return nil, err
	}
	secure := target.Scheme == "https"
	out := append(a.siteCookies("__session", jwt, secure), a.siteCookies(respond.ClientUATCookie, since, secure)...)
	if !a.Settings().Production {
		out = append(out, a.siteCookies(respond.DevBrowserName, respond.DevBrowser(c.r.URL.Query().Get(respond.DevBrowserName)), secure)...)
	}
	return out, nil
}

// siteCookies are a cookie of the application's site under its plain name and
// under that of this instance's key; an empty value clears them.
func (a *API) siteCookies(name, value string, secure bool) []string {
	age := int(respond.CookieLifetime / time.Second)
	if value == "" {
		age = -1
	}
	out := make([]string, 0, 2)
	for _, n := range []string{name, name + "_" + a.cookies.Suffix} {
		//nolint:gosec // clerk-js on the page reads and renews these
		cookie := http.Cookie{Name: n, Value: value, Path: "/", MaxAge: age, Secure: secure, SameSite: http.SameSiteLaxMode}
		out = append(out, cookie.String())
	}
	return out
}
