// Package idptest owns a real OpenID provider for tests: the certified protocol
// library of another project over a list of people.
//
// It offers [Provider], a handler that people sign in at by their name alone,
// and [Start], which runs one for the length of a test.
//
// It refuses to know anything about the server under test but its redirect URI.
package idptest

import (
	"crypto/sha256"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// ClientID and ClientSecret are what every provider knows its one client by.
const (
	ClientID     = "perennial"
	ClientSecret = "idp-secret" //nolint:gosec // of a provider that lives for one test
)

// Person is somebody with an account at the provider.
type Person struct {
	ID, Name, Email     string
	EmailVerified       bool
	FirstName, LastName string
}

// Provider is an OpenID provider. It is safe for concurrent use.
type Provider struct {
	mux    *http.ServeMux
	people people
	// Down makes every request fail as that of a provider in trouble.
	Down atomic.Bool
}

// password is everybody's: nothing here tests passwords.
const password = "password"

// New returns a provider that is reached under issuer and sends browsers back to
// one of these addresses only.
func New(issuer string, callbacks ...string) (*Provider, error) {
	p := &Provider{mux: http.NewServeMux(), people: people{byID: map[string]*storage.User{}}}
	kept := storage.NewStorageWithClients(&p.people, map[string]*storage.Client{
		ClientID: storage.WebClient(ClientID, ClientSecret, callbacks...),
	})
	protocol, err := op.NewProvider(&op.Config{
		CryptoKey: sha256.Sum256([]byte("test")), CryptoKeyId: "1", CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true,
	}, kept, op.StaticIssuer(issuer), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		return nil, fmt.Errorf("start provider: %w", err)
	}
	back := op.AuthCallbackURL(protocol)
	p.mux.Handle("/", protocol)
	p.mux.HandleFunc("GET /login/username", func(w http.ResponseWriter, r *http.Request) {
		_ = page.Execute(w, map[string]any{"ID": r.FormValue("authRequestID"), "People": p.people.names()})
	})
	p.mux.Handle("POST /login/username", op.NewIssuerInterceptor(protocol.IssuerFromRequest).HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			id := r.FormValue("id")
			if err := kept.CheckUsernamePassword(r.FormValue("username"), password, id); err != nil {
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			http.Redirect(w, r, back(r.Context(), id), http.StatusFound)
		}))
	return p, nil
}

var page = template.Must(template.New("login").Parse(`<!doctype html><title>Provider</title>
<form method="post" action="/login/username"><input type="hidden" name="id" value="{{.ID}}">
{{range .People}}<button name="username" value="{{.}}">{{.}}</button>{{end}}</form>`))

// ServeHTTP implements [http.Handler].
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.Down.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// Add gives somebody an account, or changes what is known about them.
func (p *Provider) Add(x Person) {
	p.people.mu.Lock()
	defer p.people.mu.Unlock()
	p.people.byID[x.ID] = &storage.User{
		ID: x.ID, Username: x.Name, Password: password, FirstName: x.FirstName, LastName: x.LastName, Email: x.Email,
		EmailVerified: x.EmailVerified,
	}
}

// people implements the storage's list of users.
type people struct {
	mu   sync.Mutex
	byID map[string]*storage.User
}

// GetUserByID implements [storage.UserStore].
func (p *people) GetUserByID(id string) *storage.User {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byID[id]
}

// GetUserByUsername implements [storage.UserStore].
func (p *people) GetUserByUsername(name string) *storage.User {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, u := range p.byID {
		if u.Username == name {
			return u
		}
	}
	return nil
}

// ExampleClientID implements [storage.UserStore].
func (p *people) ExampleClientID() string { return "service" }

func (p *people) names() (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, u := range p.byID {
		out = append(out, u.Username)
	}
	return out
}
