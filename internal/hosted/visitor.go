package hosted

import (
	"fmt"
	"net/http"

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
func Credential(r *http.Request) string { return cookie(r, visitorCookie) }

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// recognise finds the client that the browser brought, if any: its own, or that
// of the flow.
func (p *Pages) recognise(v *visit) (err error) {
	name := visitorCookie
	if v.web() {
		name = respond.ClientCookie
	}
	if credential := cookie(v.r, name); credential != "" {
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

// enter gives the browser a client to sign in on, for the flow or of its own.
func (p *Pages) enter(v *visit) (err error) {
	if v.known() {
		return nil
	}
	if v.web() {
		// The cookie is set with the answer, whatever it is, see handOut.
		v.caller, err = p.Clients.Admit(v.r.Context(), v.caller, session.Device{})
	} else if v.caller, err = p.Clients.Ensure(v.r.Context(), session.Caller{}, session.Device{}); err == nil {
		p.setCookie(v, visitorCookie, v.caller.Issued, int(auth.BrowserFlowLifetime.Seconds()))
	}
	if err != nil {
		return fmt.Errorf("visitor: %w", err)
	}
	return nil
}

// handOut gives a browser that visits for itself the credential of its client,
// or prolongs it, exactly as the Frontend API does.
func (p *Pages) handOut(v *visit) {
	if v.web() {
		p.cookies.Set(v.w, v.r, v.caller.Credential(), v.caller.SignedInAt(p.Now()))
	}
}

// leave makes the visitor of a flow begin again.
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

// known says whether the visitor has a client.
func (v *visit) known() bool { return v.caller.Standing == session.Known }
