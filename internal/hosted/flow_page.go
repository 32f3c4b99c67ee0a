package hosted

import (
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/signin"
)

// page is what the pages of a sign-in and of a sign-up are given.
type page struct {
	frame
	// Step is what the person does next. Of a sign-in: identify, password,
	// choose, code, passkey, second, unknown. Of a sign-up: create, complete,
	// confirm, code, known. Of both: away, done.
	Step        string
	Identifier  string
	Strategy    auth.Strategy // of the code that was sent, or of the second factor asked for
	Factors     []signin.Factor
	HasPassword bool
	HasPasskey  bool
	Options     string     // for the authenticator, as JSON
	Providers   []provider // offered
	Provider    string     // the one that To leads to
	To          string     // address that the browser goes to by itself
	Fields      []field
	// LegalConsent: the terms have to be accepted.
	LegalConsent bool

	// Set by show.
	Action  string // where forms go
	Other   string // the other of sign-in and sign-up; empty when closed
	SignUp  bool
	Returns string // where the browser goes in the end, in words
}

// show writes the page of a step, with what was wrong about the last one.
func (p *Pages) show(v *visit, next page, problem error) {
	status := http.StatusOK
	if problem != nil {
		status, next.Problem = p.explain(v, problem)
	}
	here, other := "/sign-in", "/sign-up"
	name := "sign_in"
	if v.r.URL.Path == other {
		here, other = other, here
		next.SignUp, name = true, "sign_up"
	}
	query := v.query()
	next.Action, next.Other = here+query, other+query
	if !v.web() {
		next.Returns = v.returns(v.flow.RedirectURL)
	}
	if p.Settings().SignUpMode != auth.SignUpPublic && !next.SignUp {
		next.Other = ""
	}
	if next.To != "" {
		v.w.Header().Set("Refresh", "0;url="+next.To)
		name = "away"
	}
	if next.HasPasskey || next.Step == "passkey" {
		next.Scripts = append(next.Scripts, "passkey.js")
	}
	p.render(v, status, name, &next)
}

// returns says in words where the browser goes in the end.
func (v *visit) returns(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme == "":
		return ""
	case u.Scheme == "http":
		return v.T("auth.returns.program")
	case u.Scheme == "https":
		return v.T("auth.returns.site", "Site", u.Hostname())
	default:
		return v.T("auth.returns.app", "App", u.Scheme)
	}
}
