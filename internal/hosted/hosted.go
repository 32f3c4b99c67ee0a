// Package hosted owns the instance's own pages: server-rendered, and with script
// for passkeys and for comfort only: everything else works without.
//
// It offers [Pages], which serve the sign-in and the sign-up in two kinds of
// visits: one on behalf of a native app, from the identifier to the way back to
// the app, and one of the browser itself, on the client that the Frontend API
// knows it by, with the pages of whoever is signed in there.
//
// It refuses to decide anything about a proof, to keep a person signed in in
// the browser after an app has been served, and to send a browser anywhere but
// where the flow was registered to end, or where the instance allows.
package hosted

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/browserflow"
	"github.com/perennialauth/perennial/internal/emaillink"
	"github.com/perennialauth/perennial/internal/locale"
	"github.com/perennialauth/perennial/internal/newdevice"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/internal/user"
)

// Config is what the pages are made of. Every member is required unless it says
// otherwise.
type Config struct {
	Settings      func() auth.Settings
	Flows         *browserflow.Flows
	Links         *emaillink.Links
	Clients       *session.Clients
	Sessions      *session.Sessions
	SignIns       *signin.Attempts
	SignUps       *signup.Attempts
	Trips         *oauth.Trips
	Self          *user.Self
	Organizations *organization.Service
	Admission     *admission.Service
	Tickets       Tickets
	Pictures      Pictures
	// PublicURL is the https base under which the instance is reached.
	PublicURL      string
	PublishableKey string
	// AllowedOrigin says whether a page of this origin may be returned to. Nil,
	// for development only, allows pages on loopback.
	AllowedOrigin func(origin string) bool
	// Addresses limits, per network address, the forms that are sent.
	Addresses Limiter
	Now       func() time.Time
}

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// Tickets recognises the tickets of links: whose it is and its hash.
type Tickets interface {
	Owner(text string) (id string, hash [32]byte, err error)
}

// Pictures makes an upload safe to serve, see the package picture.
type Pictures interface {
	Encode(ctx context.Context, file []byte) (contentType string, content []byte, err error)
}

// ConnectPath is the page that asks whether an account at a provider is to be
// connected, with what the provider sent in its query.
const ConnectPath = "/connect"

// Pages serve the hosted pages. It is safe for concurrent use.
type Pages struct {
	Config
	mux     *respond.Mux
	foreign *http.CrossOriginProtection
	cookies respond.ClientCookies
	theme   theme
}

// New returns the pages.
func New(c Config) *Pages {
	p := &Pages{
		Config: c, mux: respond.NewMux(), foreign: http.NewCrossOriginProtection(),
		cookies: respond.NewClientCookies(c.PublicURL, c.PublishableKey, c.Settings().Production),
	}
	for path, s := range map[string]steps{
		signInPath: {p.submitSignIn, p.signInPage}, signUpPath: {p.submitSignUp, p.signUpPage},
	} {
		p.mux.HandleFunc("GET "+path, p.page(s))
		p.mux.HandleFunc("POST "+path, p.page(s))
	}
	p.mux.HandleFunc("GET "+signOutPath, p.page(steps{show: p.signOutPage}))
	p.mux.HandleFunc("POST "+signOutPath, p.own(p.signOut))
	for path, page := range p.organizationPages() {
		p.mux.HandleFunc("GET "+path, page)
		p.mux.HandleFunc("POST "+path, page)
	}
	p.mux.HandleFunc("GET "+taskPath, p.own(p.task))
	p.mux.HandleFunc("POST "+taskPath, p.own(p.task))
	p.mux.HandleFunc("GET "+verifyPath, p.verify)
	p.mux.HandleFunc("POST "+verifyPath, p.verify)
	p.mux.HandleFunc("GET /{$}", p.home)
	p.mux.HandleFunc("GET /problem", p.problem)
	p.mux.HandleFunc("GET "+ConnectPath, p.connect)
	p.mux.HandleFunc("POST "+ConnectPath, p.connect)
	p.mux.HandleFunc("POST /language", p.chooseLanguage)
	p.mux.HandleFunc("GET /static/{digest}/{name}", p.static)
	p.userRoutes()
	for _, path := range []string{signInPath, signUpPath, signOutPath, userPath, organizationPath, verifyPath, taskPath} {
		p.mux.HandleFunc("GET "+path+"/{rest...}", p.missing)
	}
	return p
}

// Paths of the pages.
const (
	signInPath  = "/sign-in"
	signUpPath  = "/sign-up"
	signOutPath = "/sign-out"
	userPath    = "/user"
)

// Match says whether the request is for a page.
func (p *Pages) Match(r *http.Request) bool { return p.mux.Match(r) }

// ServeHTTP implements [http.Handler].
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// visit is one request for a page.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	ticket string // of the flow of a native app; empty for a visit of the browser itself
	flow   auth.BrowserFlow
	back   string         // of a visit of the browser itself: the address asked for, checked; or empty
	caller session.Caller // the browser: its own client, or the one that it has for the flow

	// What a step leads to, see [Pages.proceed].
	at      string         // the page that comes next
	said    string         // what that page says has been done, see [visit.notice]; or empty
	with    string         // what it is to ask for, of several; or empty
	away    string         // address of a provider that the browser goes to; or empty
	created auth.SessionID // of whoever is signed in by it; or empty
	fill    bool           // a script asks for the challenge of a passkey
	texts   *locale.Texts  // see [visit.words]
}

// web says whether the browser itself is to be signed in, and not an app.
func (v *visit) web() bool { return v.ticket == "" }

// maxForm bounds a form that is sent, in bytes.
const maxForm = 16 << 10

// open checks where the request comes from and finds its flow and visitor.
func (p *Pages) open(v *visit) (err error) {
	if err := p.accept(v); err != nil {
		return err
	}
	if v.web() {
		v.back = p.asked(v.r.URL.Query())
	} else {
		if v.flow, err = p.Flows.Find(v.r.Context(), v.ticket); err != nil {
			return err
		}
		v.r = v.r.WithContext(newdevice.Unwatched(v.r.Context()))
	}
	return p.recognise(v)
}

// accept checks where the request comes from and reads its form, if it has one.
// An upload is left to whoever knows how large it may be.
func (p *Pages) accept(v *visit) error {
	if err := p.foreign.Check(v.r); err != nil {
		return auth.Refuse(auth.CodeOriginInvalid)
	}
	// What is sent by mail because of this is in the language of the page.
	v.r = v.r.WithContext(locale.With(v.r.Context(), v.words().Language))
	if v.r.Method == http.MethodPost {
		if wait, ok := p.Addresses.Take(ratelimit.AddressKey(respond.ClientAddress(v.r))); !ok {
			return &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
		}
		if strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/") {
			return nil
		}
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
		if err := v.r.ParseForm(); err != nil {
			return auth.Refuse(auth.CodeBodyInvalid)
		}
		return clean(v.r.PostForm)
	}
	return nil
}

// clean refuses text that is not UTF-8 or has a NUL, as the APIs do: browsers
// send none, and not every store keeps it.
func clean(form url.Values) error {
	for name, values := range form {
		for _, value := range values {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return auth.RefuseParam(auth.CodeParamFormatInvalid, name)
			}
		}
	}
	return nil
}

// redirect sends the browser to a page of its own, or to an address that was
// checked. What it finds there is asked for anew, so that reloading it, or going
// back, repeats no form.
func (p *Pages) redirect(v *visit, address string) {
	p.headers(v)
	p.handOut(v)
	v.w.Header().Set("Location", address)
	v.w.WriteHeader(http.StatusSeeOther)
}
