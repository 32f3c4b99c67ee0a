package idptest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Running is a provider that listens.
type Running struct {
	*Provider
	URL string // the issuer
}

// Start runs a provider for the length of a test.
func Start(t testing.TB, callbacks ...string) *Running {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	p, err := New(server.URL, callbacks...)
	if err != nil {
		t.Fatal(err)
	}
	handler = p
	return &Running{p, server.URL}
}

// SignIn goes through the provider as a person's browser does, from the address
// that the server under test names to the one that the provider sends the
// browser back to, which is returned.
func (p *Running) SignIn(t testing.TB, address, name string) *url.URL {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error { return http.ErrUseLastResponse }}
	login := p.follow(t, browser, address, func(u *url.URL) bool { return u.Path == "/login/username" })
	answer, err := browser.PostForm(p.URL+"/login/username", url.Values{"id": {login.Query().Get("authRequestID")}, "username": {name}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return p.follow(t, browser, answer.Header.Get("Location"), func(u *url.URL) bool { return !strings.HasPrefix(u.String(), p.URL) })
}

// follow follows redirects until one leads to where done says.
func (p *Running) follow(t testing.TB, browser *http.Client, address string, done func(*url.URL) bool) *url.URL {
	t.Helper()
	for range 10 {
		u, err := url.Parse(address)
		if err != nil || address == "" {
			t.Fatalf("sent to %q: %v", address, err)
		}
		if u.Host == "" {
			u, _ = url.Parse(p.URL + address)
		}
		if done(u) {
			return u
		}
		answer, err := browser.Get(u.String())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if address = answer.Header.Get("Location"); address == "" {
			t.Fatalf("the provider says %d at %s: %s", answer.StatusCode, u, body)
		}
	}
	t.Fatalf("too many redirects at %s", address)
	return nil
}
