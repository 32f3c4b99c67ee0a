// Package hosted owns the instance's own pages: server-rendered, and with script
// for passkeys only, which nothing else can ask for.
//
// It offers [Pages], which serve the sign-in and the sign-up that a native app
// opens in the browser, from the identifier to the way back to the app.
//
// It refuses to decide anything about a proof, to keep a person signed in in
// the browser after the app has been served, and to send a browser anywhere but
// where the flow was registered to end.
package hosted

import (
	"net/http"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/browserflow"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/internal/user"
)

// Config is what the pages are made of. Every member is required.
type Config struct {
	Settings func() auth.Settings
	Flows    *browserflow.Flows
	Clients  *session.Clients
	SignIns  *signin.Attempts
	SignUps  *signup.Attempts
	Trips    *oauth.Trips
	Self     *user.Self
	// PublicURL is the https base under which the instance is reached.
	PublicURL string
	// Addresses limits, per network address, the forms that are sent.
	Addresses Limiter
	Now       func() time.Time
}

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// ConnectPath is the page that asks whether an account at a provider is to be
// connected, with what the provider sent in its query.
const ConnectPath = "/connect"

// Pages serve the hosted pages. It is safe for concurrent use.
type Pages struct {
	Config
	mux     *respond.Mux
	foreign *http.CrossOriginProtection
}

// New returns the pages.
func New(c Config) *Pages {
	p := &Pages{Config: c, mux: respond.NewMux(), foreign: http.NewCrossOriginProtection()}
	for path, step := range map[string]step{"/sign-in": p.signIn, "/sign-up": p.signUp} {
		p.mux.HandleFunc("GET "+path, p.page(step))
		p.mux.HandleFunc("POST "+path, p.page(step))
	}
	p.mux.HandleFunc("GET "+ConnectPath, p.connect)
	p.mux.HandleFunc("POST "+ConnectPath, p.connect)
	return p
}

// Match says whether the request is for a page.
func (p *Pages) Match(r *http.Request) bool { return p.mux.Match(r) }

// ServeHTTP implements [http.Handler].
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// visit is one request for a page on behalf of a flow.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	ticket string
	flow   auth.BrowserFlow
	caller session.Caller // the browser, as far as this flow knows it
	away   string         // address of a provider that the browser goes to next; or empty
}

// step does what a form asks for, if one was sent, and returns the page to show
// next, or complete: the visitor is signed in.
type step func(v *visit) (next page, complete bool, err error)

// maxForm bounds a form that is sent, in bytes.
const maxForm = 16 << 10

// page runs one step. A form from another site is refused before anything is
// read: it would sign somebody in as whoever made that site.
func (p *Pages) page(do step) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, ticket: r.URL.Query().Get("flow")}
		if p.resume(v) {
			return
		}
		if err := p.open(v); err != nil {
			p.fail(v, err)
			return
		}
		next, complete, err := do(v)
		switch {
		case err != nil && next.Step == "":
			p.fail(v, err)
		case complete:
			p.finish(v)
		default:
			p.show(v, next, err)
		}
	}
}

// open checks where the request comes from and finds its flow and visitor.
func (p *Pages) open(v *visit) (err error) {
	if err := p.accept(v); err != nil {
		return err
	}
	if v.flow, err = p.Flows.Find(v.r.Context(), v.ticket); err != nil {
		return err
	}
	return p.recognise(v)
}

// accept checks where the request comes from and reads its form, if it has one.
func (p *Pages) accept(v *visit) error {
	if err := p.foreign.Check(v.r); err != nil {
		return auth.Refuse(auth.CodeOriginInvalid)
	}
	if v.r.Method == http.MethodPost {
		if wait, ok := p.Addresses.Take(ratelimit.AddressKey(respond.ClientAddress(v.r))); !ok {
			return &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
		}
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
		if err := v.r.ParseForm(); err != nil {
			return auth.Refuse(auth.CodeBodyInvalid)
		}
	}
	return nil
}

// finish sends the browser back to the app. A browser that no form sent here
// comes from a provider, and some open no app unless a person asked them to just
// now: it is shown a page with a link that does.
func (p *Pages) finish(v *visit) {
	address, err := p.Flows.Approve(v.r.Context(), v.flow.ID, v.caller.Client.Client.ID)
	if err != nil {
		p.fail(v, err)
		return
	}
	if v.r.Method == http.MethodGet {
		p.show(v, page{Step: "done", To: address}, nil)
		return
	}
	p.headers(v, "")
	v.w.Header().Set("Location", address)
	v.w.WriteHeader(http.StatusSeeOther)
}
