package hosted

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/respond"
)

// statusParam is the published name of what is left to do with a ticket.
const statusParam = "__clerk_status"

// home is the root of the instance, which is where links of invitations lead as
// long as the application has no home of its own. It sends browsers to the page
// that they need next; for everybody else there is nothing here.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) {
	if !respond.AsksForHTML(r) {
		respond.NotFound(w, r)
		return
	}
	given := r.URL.Query()
	pages := map[string]string{"sign_in": signInPath, "sign_up": signUpPath, "complete": organizationPath}
	to := cmp.Or(pages[given.Get(statusParam)], userPath)
	if ticket := given.Get(ticketParam); ticket != "" && (to == signInPath || to == signUpPath) {
		to += "?" + url.Values{ticketParam: {ticket}}.Encode()
	}
	v := &visit{w: w, r: r}
	p.headers(v)
	// The address may hold a ticket, which is not to be told to the next page.
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
