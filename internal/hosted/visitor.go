package hosted

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
)

// visitorCookie holds the credential of the client that a browser has for the
// length of a flow. It is not the cookie of the Frontend API: nobody is to be
// signed in in the browser because an app was served.
const visitorCookie = "__perennial_visit"

// flowCookie holds the ticket of the flow for which the browser is at a
// provider: the address that it comes back to is stored, and a ticket is not.
const flowCookie = "__perennial_flow"

// Credential is that of the client that a browser has for a flow, or empty.
func Credential(r *http.Request) string {
	cookie, err := r.Cookie(visitorCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// recognise finds the client that the browser brought, if any.
func (p *Pages) recognise(v *visit) (err error) {
	if credential := Credential(v.r); credential != "" {
		v.caller, err = p.Clients.Resolve(v.r.Context(), credential)
	}
	return err
}

// approved says whether this visitor has been through the flow already, and
// only the way back is left to take once more.
func (v *visit) approved() bool {
	return !v.flow.ApprovedAt.IsZero() && v.flow.Visitor == v.caller.Client.Client.ID
}

// signedIn says whether the visitor has proven who they are.
func (p *Pages) signedIn(v *visit) bool {
	return v.caller.Standing == session.Known && v.caller.Client.LastActive(p.Now()) != ""
}

// enter gives the browser a client to sign in on.
func (p *Pages) enter(v *visit) error {
	if v.caller.Standing == session.Known {
		return nil
	}
	caller, err := p.Clients.Ensure(v.r.Context(), session.Caller{}, session.Device{})
	if err != nil {
		return fmt.Errorf("visitor: %w", err)
	}
	v.caller = caller
	p.setCookie(v, visitorCookie, caller.Issued, int(auth.BrowserFlowLifetime.Seconds()))
	return nil
}

// leave makes the browser begin again.
func (p *Pages) leave(v *visit) {
	v.caller = session.Caller{}
	p.setCookie(v, visitorCookie, "", -1)
}

// setCookie sets a cookie that comes along when a provider sends the browser
// back, and with no form of another site.
func (p *Pages) setCookie(v *visit, name, value string, age int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		Secure: v.r.TLS != nil || p.Settings().Production, SameSite: http.SameSiteLaxMode,
	})
}

// reload reads the visitor's client as it is after a step.
func (p *Pages) reload(v *visit) (err error) {
	v.caller, err = p.Clients.Reload(v.r.Context(), v.caller)
	return err
}

const maxUserAgent = 256 // bytes

func activity(r *http.Request) auth.Activity {
	agent := r.UserAgent()
	return auth.Activity{
		IPAddress: respond.ClientAddress(r), UserAgent: strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], ""),
	}
}
