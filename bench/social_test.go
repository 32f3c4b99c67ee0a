package bench_test

import (
	"bufio"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/idptest"
)

const (
	callback = "https://127.0.0.1:4343/v1/oauth_callback"
	webPage  = "http://localhost:3000"
	strategy = "oauth_custom_idp"
)

// BenchmarkOAuthCallback measures the request that a person's browser comes back
// from an OpenID provider with, for somebody who has an account: the code is
// exchanged, the ID token verified, the person signed in. The provider is a
// process of its own, so that its work is not counted, and the way there is not
// measured.
func BenchmarkOAuthCallback(b *testing.B) {
	provider := startProvider(b)
	s := apitest.Start(b, func(o *apitest.Options) {
		o.Settings.Social = auth.SocialSettings{"custom_idp": {
			Enabled: true, Name: "The provider", Issuer: provider.URL, ClientID: idptest.ClientID,
			ClientSecret: idptest.ClientSecret, Scopes: []string{"openid", "email", "profile"},
		}}
	})
	comeBack(b, s, provider, "sign_ups")
	var spent time.Duration
	for b.Loop() {
		spent += comeBack(b, s, provider, "sign_ins")
	}
	b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "cpu-us/callback")
	b.ReportMetric(0, "ns/op") // of the whole way, which says nothing
}

// comeBack sends a fresh browser to the provider and back, and returns the
// processor time of what the last request of that took.
func comeBack(b *testing.B, s *apitest.Server, provider *idptest.Running, what string) time.Duration {
	b.Helper()
	browser := s.Browser(webPage)
	begun := browser.Form(b, "POST", "/v1/client/"+what, "strategy", strategy, "redirect_url", webPage+"/sso-callback",
		"action_complete_redirect_url", webPage+"/done").OK(b)
	proof := []string{"response", "first_factor_verification"}
	if what == "sign_ups" {
		proof = []string{"response", "verifications", "external_account"}
	}
	back := provider.SignIn(b, begun.Text(append(proof, "external_verification_redirect_url")...), "ada")
	r := httptest.NewRequest(http.MethodGet, back.RequestURI(), nil)
	r.Host, r.TLS = s.Host, &tls.ConnectionState{}
	if cookie := browser.Cookie("__client"); cookie != nil {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	rec := httptest.NewRecorder()
	before := processorTime(b)
	s.Handler.ServeHTTP(rec, r)
	took := processorTime(b) - before
	if where := rec.Header().Get("Location"); !strings.HasPrefix(where, webPage+"/done") {
		b.Fatalf("came back to %d %q %s", rec.Code, where, rec.Body)
	}
	return took
}

// startProvider runs the provider in a process of its own.
func startProvider(b *testing.B) *idptest.Running {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "idp")
	if text, err := exec.Command("go", "build", "-o", binary, "../internal/idptest/idp").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, text)
	}
	command := exec.Command(binary, "127.0.0.1:0", callback, "ada=ada@example.com")
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // says that it was killed
	})
	issuer, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return &idptest.Running{URL: strings.TrimSpace(issuer)}
}
