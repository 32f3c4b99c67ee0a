package frontendapi_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	hasher "github.com/perennialauth/perennial/internal/password"
)

// request performs one request without the checks of the tests, which would be
// most of what is measured.
func request(b *testing.B, a *app, method, path string, body url.Values) {
	b.Helper()
	r := httptest.NewRequest(method, path+"?_is_native=1", strings.NewReader(body.Encode()))
	r.Header.Set("Authorization", a.Token())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	a.s.Handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		b.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
}

// against reports how many times the limit, measured in the same run, one
// operation takes.
func against(b *testing.B, limit string, f func()) {
	b.Helper()
	perOp := b.Elapsed() / time.Duration(b.N)
	const runs = 20
	f()
	start := time.Now()
	for range runs {
		f()
	}
	b.ReportMetric(float64(perOp)/float64(time.Since(start)/runs), "x-"+limit)
}

func BenchmarkGetClient(b *testing.B) {
	s := apitest.Start(b)
	a := nativeApp(s)
	sid := auth.SessionID(a.signUp(b, "a@example.com"))
	request(b, a, "GET", "/v1/client", nil) // sign the token it carries
	b.ReportAllocs()
	for b.Loop() {
		request(b, a, "GET", "/v1/client", nil)
	}
	against(b, "point-read", func() {
		if _, err := s.Store.Session(b.Context(), sid); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkMint(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	signature := func() {
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
	for name, step := range map[string]time.Duration{"reused": 0, "signed": 20 * time.Second} {
		b.Run(name, func(b *testing.B) {
			s := apitest.Start(b)
			a := nativeApp(s)
			path := "/v1/client/sessions/" + a.signUp(b, "a@example.com") + "/tokens"
			b.ReportAllocs()
			for b.Loop() {
				s.Advance(step)
				request(b, a, "POST", path, nil)
			}
			against(b, "rsa-signature", signature)
		})
	}
}

func BenchmarkPasswordSignIn(b *testing.B) {
	s := apitest.Start(b, func(o *apitest.Options) { o.Passwords = hasher.Default() })
	a := nativeApp(s)
	a.signUp(b, "a@example.com")
	body := form("identifier", "a@example.com", "password", password)
	for b.Loop() {
		s.Advance(2 * auth.CodeReplayWindow) // never the answer to a repeated request
		request(b, a, "POST", "/v1/client/sign_ins", body)
	}
	stored, err := s.Passwords.Hash(b.Context(), password)
	if err != nil {
		b.Fatal(err)
	}
	against(b, "hash", func() {
		if ok, err := s.Passwords.Verify(b.Context(), stored, password); err != nil || !ok {
			b.Fatal(ok, err)
		}
	})
}

// BenchmarkOrganizationSwitch makes a session act in one and the other of two
// organizations, as an app does it: touch, then a token.
func BenchmarkOrganizationSwitch(b *testing.B) {
	s := apitest.Start(b)
	a := nativeApp(s)
	sid := a.signUp(b, "a@example.com")
	orgs := []string{}
	for _, name := range []string{"one", "two"} {
		orgs = append(orgs, a.Form(b, "POST", "/v1/organizations", "name", name, "slug", name+"-org").OK(b).Text("response", "id"))
	}
	session := "/v1/client/sessions/" + sid
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		org := orgs[n%2]
		n++
		request(b, a, "POST", session+"/touch", form("active_organization_id", org, "intent", "select_org"))
		request(b, a, "POST", session+"/tokens", form("organization_id", org))
	}
}
