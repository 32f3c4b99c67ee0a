package hosted

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/signin"
)

// page is what the pages of a sign-in and of a sign-up are given.
type page struct {
	frame
	// Step is what the person does next. Of a sign-in: identify, password,
	// choose, code, link, passkey, second, new-password, ticket, unknown. Of a
	// sign-up: create, complete, confirm, code, link, known, closed, waitlist. Of
	// both: accounts, away, done. Of neither: sign-out.
	Step        string
	Identifier  string
	Strategy    auth.Strategy // of what was sent, or of the second factor asked for
	Sent        bool          // a code or a link is on its way
	Resend      int           // seconds until another one can be asked for
	Followed    string        // where to go on after a link was followed elsewhere
	Factors     []signin.Factor
	HasPassword bool
	HasPasskey  bool
	Autofill    bool          // passkeys are offered beside the names that a browser knows
	Reset       auth.Strategy // by which another password is to be had, or empty
	New         bool          // nobody is known by the identifier
	Links       bool          // links are sent, beside codes
	Options     string        // for the authenticator, as JSON
	Providers   []provider    // offered
	Provider    string        // the one that To leads to
	To          string        // address that the browser goes to by itself
	Ticket      string        // of a link that somebody has followed
	Fields      []field
	// LegalConsent: the terms have to be accepted.
	LegalConsent bool
	Accounts     []holder
	Add          string // where another account is signed in, or empty
	Stay         string // where to go instead of signing out
	Away         string // where to sign out

	// Set by show.
	Action  string // where forms go
	Other   string // the other of sign-in and sign-up; empty when closed
	Waiting bool   // Other is a waitlist
	SignUp  bool
	Returns string // where the browser goes in the end, in words
}

// With is the address of the page that asks for one of several second factors.
func (next *page) With(s auth.Strategy) string {
	sign := "?"
	if strings.Contains(next.Action, sign) {
		sign = "&"
	}
	return next.Action + sign + url.Values{withParam: {string(s)}}.Encode()
}

// templates are the files of those steps that have one of their own.
var templates = map[string]string{"away": "away", "done": "away", "accounts": "account", "sign-out": "account"}

// show writes the page of a step, with what was wrong about the last one.
func (p *Pages) show(v *visit, next page, problem error) {
	status := http.StatusOK
	if problem != nil {
		status = p.tell(v, &next, problem)
	}
	other, name := signUpPath, "sign_in"
	if v.at == signUpPath {
		other, next.SignUp, name = signInPath, true, "sign_up"
	}
	next.Action, next.Other, next.Notice = v.at+v.query(), other+v.query(), v.notice()
	if !v.web() {
		next.Returns = v.returns(v.flow.RedirectURL)
	}
	if mode := p.Settings().SignUpMode; mode != auth.SignUpPublic && !next.SignUp {
		if next.Waiting = mode == auth.SignUpWaitlist; !next.Waiting {
			next.Other = ""
		}
	}
	if next.To != "" {
		v.w.Header().Set("Refresh", "0;url="+next.To)
	}
	if own, ok := templates[next.Step]; ok {
		name = own
	}
	if next.HasPasskey || next.Step == "passkey" {
		next.Scripts = append(next.Scripts, "passkey.js")
	}
	p.render(v, status, name, &next)
}

// tell puts what is wrong where it is wrong: beside the fields that it is about,
// and above the form otherwise.
func (p *Pages) tell(v *visit, next *page, problem error) (status int) {
	status, next.Problem = p.explain(v, problem)
	if marked(v, next.Fields, problem) {
		next.Problem = v.T("auth.check_fields")
	}
	return status
}

// marked puts what is wrong beside the fields that it is about, and says whether
// there are any. The first one of them is where to go on.
func marked(v *visit, fields []field, problem error) (found bool) {
	for _, refused := range refusals(problem) {
		for i := range fields {
			if f := &fields[i]; f.Name == refused.Param && f.Problem == "" {
				f.Problem, f.Focus = v.refusal(refused.Code), !found
				found = true
			}
		}
	}
	return found
}

// refusals are those that an error joins.
func refusals(err error) (out []*auth.Error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			out = append(out, refusals(e)...)
		}
		return out
	}
	var refused *auth.Error
	if errors.As(err, &refused) {
		out = append(out, refused)
	}
	return out
}

// ticketGiven is the ticket of the link that somebody has followed to get here,
// or that the form has which they were shown.
func (v *visit) ticketGiven() string {
	if v.r.Method == http.MethodPost {
		return v.r.PostForm.Get("ticket")
	}
	return v.r.URL.Query().Get(ticketParam)
}

// ticketParam is the published name of a ticket in the address of a page.
const ticketParam = "__clerk_ticket"

// returns says in words where the browser goes in the end.
func (v *visit) returns(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme == "":
		return ""
	case address == auth.PasteReturn:
		return v.T("auth.returns.terminal")
	case u.Scheme == "http":
		return v.T("auth.returns.program")
	case u.Scheme == "https":
		return v.T("auth.returns.site", "Site", u.Hostname())
	default:
		return v.T("auth.returns.app", "App", u.Scheme)
	}
}
