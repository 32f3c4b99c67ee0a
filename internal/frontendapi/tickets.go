package frontendapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
)

// Tickets recognises the tickets of links: whose it is and its hash.
type Tickets interface {
	Owner(text string) (id string, hash [32]byte, err error)
}

// acceptTicket is where the link of an invitation or a sign-in token leads. It
// sends the browser on to the application with the ticket and what to do with
// it; somebody who is signed in as the invited person has joined by then.
func (a *API) acceptTicket(c *call) error {
	if err := a.limit(c); err != nil {
		return err
	}
	ticket := c.r.URL.Query().Get("ticket")
	owner, hash, err := a.Tickets.Owner(ticket)
	if err != nil {
		return auth.RefuseParam(auth.CodeTicketInvalid, "ticket") //nolint:nilerr // not ours is an answer
	}
	arrival := organization.Arrival{Status: organization.ArrivalSignIn}
	switch {
	case strings.HasPrefix(owner, "orginv_"):
		if arrival, err = a.Organizations.Invitations.Arrive(c.r.Context(), hash, a.signedIn(c)); err != nil {
			return err
		}
	case !auth.OwnsSignInTicket(owner):
		arrival.Status = organization.ArrivalSignUp
	}
	target, err := url.Parse(a.arrivalURL(arrival))
	if err != nil {
		return auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	q := target.Query()
	q.Set("__clerk_status", string(arrival.Status))
	if arrival.Status != organization.ArrivalComplete {
		q.Set("__clerk_ticket", ticket)
	}
	target.RawQuery = q.Encode()
	c.w.Header().Set("Location", target.String())
	// The address of the next page holds the ticket: it must not leak further.
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// arrivalURL is where an arrival leads: what the inviter chose, the home of the
// application, or a page of this server.
func (a *API) arrivalURL(arrival organization.Arrival) string {
	for _, target := range []string{arrival.RedirectURL, a.Settings().HomeURL} {
		if target != "" {
			return target
		}
	}
	switch arrival.Status {
	case organization.ArrivalSignUp:
		return a.PublicURL + "/sign-up"
	case organization.ArrivalComplete:
		return a.PublicURL + "/organization"
	default:
		return a.PublicURL + "/sign-in"
	}
}

// signedIn are the users who are signed in on the caller's client.
func (a *API) signedIn(c *call) (out []auth.User) {
	for _, s := range c.caller.Client.SignedInSessions(a.Now()) {
		if u, ok := c.caller.Client.Users[s.User]; ok {
			out = append(out, u)
		}
	}
	return out
}
