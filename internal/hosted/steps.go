package hosted

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// steps are a page that leads through a sign-in or a sign-up: submit does what a
// form asks for, and show is the page that where it stands calls for. That
// follows from what is stored, so a reload, a second tab and the back button all
// show what is true.
type steps struct {
	submit func(v *visit) error
	show   func(v *visit) (page, error)
}

// page serves steps. A form from another site is refused before anything is
// read: it would sign somebody in as whoever made that site. One that was taken
// is answered with an address, so that no reload sends it again.
func (p *Pages) page(s steps) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, at: r.URL.Path, ticket: r.URL.Query().Get("flow")}
		if p.resume(v) {
			return
		}
		if err := p.open(v); err != nil {
			p.fail(v, err)
			return
		}
		var problem error
		switch {
		case v.approved() || p.passing(v):
			p.finish(v)
			return
		case r.Method == http.MethodPost:
			if problem = s.submit(v); problem == nil {
				p.proceed(v)
				return
			}
		}
		p.present(v, s, problem)
	}
}

// passing says whether the visitor is signed in and comes from elsewhere, only
// to go on: from a provider, or by a link in a mail.
func (p *Pages) passing(v *visit) bool {
	return v.r.Method == http.MethodGet && p.signedIn(v) && (!v.web() || v.r.URL.Query().Has(resumeParam))
}

// proceed answers a form that was taken.
func (p *Pages) proceed(v *visit) {
	if v.known() {
		if err := p.reload(v); err != nil {
			p.fail(v, err)
			return
		}
	}
	switch {
	case v.fill:
		p.challenge(v)
	case v.created != "" || (!v.web() && p.signedIn(v)):
		p.finish(v)
	case v.away != "":
		p.show(v, p.away(v, auth.Strategy(v.r.PostForm.Get("strategy"))), nil)
	default:
		p.redirect(v, v.at+v.query(saidParam, v.said, withParam, v.with))
	}
}

// present shows where the visitor stands, with what was wrong about the form
// that was sent, if one was.
func (p *Pages) present(v *visit, s steps, problem error) {
	if problem != nil && v.known() {
		if err := p.reload(v); err != nil {
			p.fail(v, err)
			return
		}
	}
	if ended(problem) {
		v.said = "ended"
		p.redirect(v, v.at+v.query(saidParam, v.said))
		return
	}
	show := s.show
	if v.at != signOutPath && v.web() && p.signedIn(v) && !p.adding(v) {
		show = p.accountsPage
	}
	next, err := show(v)
	if err != nil {
		p.fail(v, err)
		return
	}
	p.show(v, next, problem)
}

// ended says whether a form was about an attempt that is over: it took too long,
// or another tab has begun another one. What is there now is shown instead.
func ended(problem error) bool {
	for _, code := range []auth.Code{auth.CodeBrowserFlowOver, auth.CodeAttemptInvalidState, auth.CodeResourceNotFound} {
		if errors.Is(problem, auth.Refuse(code)) {
			return true
		}
	}
	return false
}

const (
	// saidParam names what has been done, and withParam what is asked for.
	saidParam = "said"
	withParam = "with"
	// addParam says that somebody is to sign in beside who is signed in already.
	addParam = "add"
)

// adding says whether another account is to be signed in.
func (p *Pages) adding(v *visit) bool {
	return v.r.URL.Query().Has(addParam) && !p.Settings().SingleSession
}

// notices are what the address of a page may make it say, besides its own: words
// of ours and nothing from the address.
var notices = []string{"ended", "sent", "signed_out", "waitlisted"}

// notice is what the page says has been done.
func (v *visit) notice() string {
	if said := v.r.URL.Query().Get(saidParam); slices.Contains(notices, said) {
		return v.T("auth.said." + said)
	}
	return ""
}

// query is what the addresses of the pages of a visit carry, so that every step
// knows what it is for, and further parameters by name and value.
func (v *visit) query(more ...string) string {
	q := url.Values{}
	if !v.web() {
		q.Set("flow", v.ticket)
	}
	if v.back != "" {
		q.Set(redirectParam, v.back)
	}
	given := v.r.URL.Query()
	if id := given.Get(respond.DevBrowserName); v.web() && auth.ValidID("dvb", id) {
		q.Set(respond.DevBrowserName, id)
	}
	if v.web() && given.Has(addParam) {
		q.Set(addParam, "1")
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// finish sends the browser back to the app, or on its way. One that no form sent
// here comes from a provider, and some open no app unless a person asked them to
// just now: it is shown a page with a link that does.
func (p *Pages) finish(v *visit) {
	if v.web() {
		p.redirect(v, p.onward(v))
		return
	}
	address, err := p.Flows.Approve(v.r.Context(), v.flow.ID, v.caller.Client.Client.ID)
	if err != nil {
		p.fail(v, err)
		return
	}
	if v.pasted() {
		p.handOver(v, address)
		return
	}
	if v.r.Method == http.MethodGet {
		p.show(v, page{Step: "done", To: address}, nil)
		return
	}
	p.redirect(v, address)
}

// onward is where somebody goes who is signed in: first to what the session
// waits for, if it does.
func (p *Pages) onward(v *visit) string {
	if found, err := p.Sessions.Find(v.caller, ""); err == nil && p.waits(v, found) {
		return taskPath + v.query()
	}
	return p.next(v)
}

// waits says whether a session is not active before its user has done something.
func (p *Pages) waits(v *visit, s auth.Session) bool {
	return p.Sessions.Acting(v.caller.Client, s).Tasks != ""
}
