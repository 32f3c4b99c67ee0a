package hosted

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
)

//go:embed pages.html
var pagesText string

//go:embed style.css
var styleText string

var (
	// pages are parsed when one is shown first: most processes show none.
	pages = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("pages").Funcs(template.FuncMap{
			"way": way, "sendsCode": sendsCode,
			// An address that was checked when the flow began may have a scheme of an app.
			"opened": func(address string) template.URL { return template.URL(address) }, //nolint:gosec // see above
			"style":  func() template.CSS { return template.CSS(styleText) },             //nolint:gosec // our own file
			"script": func() template.JS { return template.JS(passkeyScript) },           //nolint:gosec // our own file
		}).Parse(pagesText))
	})
	styleHash = hashSource(styleText)
)

// page is what a template is given.
type page struct {
	// Step is what the person does next; empty for an error page. Of a sign-in:
	// identify, password, choose, code, passkey, second, unknown. Of a sign-up:
	// create, complete, confirm, code, known. Of both: away, done. Of neither:
	// connect.
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
	Application string
	Action      string // where forms go
	Other       string // the other of sign-in and sign-up; empty when closed
	Script      bool
	SignUp      bool
	Returns     string // where the browser goes in the end, in words
	Problem     string
	Trace       string
}

// way says a strategy in words.
func way(s auth.Strategy) string {
	switch s {
	case auth.StrategyEmailCode:
		return "email"
	case auth.StrategyPhoneCode:
		return "text message"
	case auth.StrategyTOTP:
		return "authenticator app"
	case auth.StrategyBackupCode:
		return "backup code"
	default:
		return string(s)
	}
}

// show writes the page of a step, with what was wrong about the last one.
func (p *Pages) show(v *visit, next page, problem error) {
	status := http.StatusOK
	if problem != nil {
		status, next.Problem = p.explain(v, problem)
	}
	here, other := "/sign-in", "/sign-up"
	if v.r.URL.Path == other {
		here, other = other, here
		next.SignUp = true
	}
	query := v.query()
	next.Action, next.Other = here+query, other+query
	if !v.web() {
		next.Returns = returns(v.flow.RedirectURL)
	}
	if p.Settings().SignUpMode != auth.SignUpPublic && !next.SignUp {
		next.Other = ""
	}
	if next.To != "" {
		v.w.Header().Set("Refresh", "0;url="+next.To)
	}
	p.write(v, status, next)
}

// fail writes a page that says why there is nothing to be done here.
func (p *Pages) fail(v *visit, err error) {
	status, problem := p.explain(v, err)
	p.write(v, status, page{Problem: problem})
}

// explain is the status and the words for what went wrong.
func (p *Pages) explain(v *visit, err error) (status int, words string) {
	var refused *auth.Error
	if !errors.As(err, &refused) {
		slog.ErrorContext(v.r.Context(), "hosted page", "trace_id", v.w.Header().Get(respond.TraceHeader), "error", err)
		v.w.Header().Set("Retry-After", "2")
		return http.StatusServiceUnavailable, "Something went wrong on our side. Nothing was lost; try again in a moment."
	}
	switch refused.Code {
	case auth.CodeBrowserFlowOver:
		status = http.StatusGone
	case auth.CodeOriginInvalid, auth.CodeUserLocked, auth.CodeUserBanned:
		status = http.StatusForbidden
	case auth.CodeOAuthProviderDown:
		status = http.StatusServiceUnavailable
	case auth.CodeTooManyRequests:
		status = http.StatusTooManyRequests
		v.w.Header().Set("Retry-After", strconv.Itoa(int(refused.Retry.Seconds())+1))
	default:
		status = http.StatusUnprocessableEntity
	}
	return status, respond.ErrorOf(refused.Code).LongMessage
}

func (p *Pages) write(v *visit, status int, next page) {
	script := ""
	if next.Script = next.HasPasskey || next.Step == "passkey"; next.Script {
		script = scriptHash
	}
	next.Application, next.Trace = p.Settings().ApplicationName, v.w.Header().Get(respond.TraceHeader)
	var b bytes.Buffer
	if err := pages().Execute(&b, next); err != nil {
		slog.ErrorContext(v.r.Context(), "render page", "trace_id", next.Trace, "error", err)
		respond.Unavailable(v.w, v.r, err)
		return
	}
	p.headers(v, script)
	p.handOut(v)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes())
}

// headers keep a page to itself: no script but one of our own, no frame, nothing
// from elsewhere, and a form may lead here or back to the app. With no referrer
// at all a browser would call its own forms foreign.
func (p *Pages) headers(v *visit, script string) {
	h := v.w.Header()
	action := "'self'"
	if to := formTarget(cmp.Or(v.flow.RedirectURL, v.back)); to != "" {
		action += " " + to
	}
	if script != "" {
		script = "; script-src " + script
	}
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+styleHash+script+"; form-action "+action+
		"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Del("Access-Control-Allow-Origin")
	h.Del("Access-Control-Allow-Credentials")
}

// formTarget is a return address as a source of a Content-Security-Policy,
// which browsers apply to where a form is redirected, too. The policy has no
// form for an IPv6 address.
func formTarget(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return ""
	}
	if (u.Scheme == "http" || u.Scheme == "https") && !strings.Contains(u.Host, "[") {
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + ":"
}

// returns says in words where the browser goes in the end.
func returns(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return ""
	case u.Scheme == "http":
		return "a program on this computer"
	case u.Scheme == "https":
		return u.Hostname()
	default:
		return "the app “" + u.Scheme + "”"
	}
}
