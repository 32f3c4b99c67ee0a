package frontendapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

const (
	linkPage     = "http://127.0.0.1:3000/verify?from=mail"
	linkVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

func linkServer(t *testing.T, sameClient bool) *apitest.Server {
	t.Helper()
	return apitest.Start(t, func(o *apitest.Options) {
		o.Settings.EmailLink, o.Settings.EmailLinkSameClient = true, sameClient
	})
}

// link is the path of the newest link sent to an address.
func link(t *testing.T, s *apitest.Server, to string) string {
	t.Helper()
	for _, m := range s.Messages(t, to) {
		if m.Link == "" {
			continue
		}
		u, err := url.Parse(m.Link)
		if err != nil || !strings.Contains(m.Body, m.Link) || u.Path != "/v1/verify" {
			t.Fatalf("link %q in %q", m.Link, m.Body)
		}
		return u.RequestURI()
	}
	t.Fatalf("no link was sent to %s", to)
	return ""
}

// follow opens a link and returns where it leads, with the published words.
func follow(t *testing.T, browser *apitest.Caller, path string) (to *url.URL, status, session string) {
	t.Helper()
	a := browser.Do(t, http.MethodGet, path, "")
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	q := to.Query()
	return to, q.Get("__clerk_status"), q.Get("__clerk_created_session")
}

// linkSignIn begins a sign-in by link and returns the path of the attempt.
func linkSignIn(t *testing.T, s *apitest.Server, c *apitest.Caller, email string) string {
	t.Helper()
	s.Native().SignUp(t, email)
	s.Advance(time.Second)
	a := c.Form(t, "POST", "/v1/client/sign_ins", "identifier", email).OK(t)
	path := "/v1/client/sign_ins/" + a.Text("response", "id")
	if !strings.Contains(string(a.Body), `"strategy":"email_link"`) {
		t.Errorf("the attempt does not offer a link: %s", a.Body)
	}
	a = c.Form(t, "POST", path+"/prepare_first_factor", "strategy", "email_link", "redirect_url", linkPage).OK(t)
	if v := a.Text("response", "first_factor_verification", "status"); v != "unverified" {
		t.Errorf("status %q", v)
	}
	return path
}

func TestEmailLinkSignIn(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	tab := s.Browser("http://127.0.0.1:3000")
	path := linkSignIn(t, s, tab, "ada@example.com")
	mail := link(t, s, "ada@example.com")

	elsewhere := s.Browser("http://127.0.0.1:3000")
	if _, status, session := follow(t, elsewhere, mail); status != "client_mismatch" || session != "" {
		t.Errorf("in another browser: %s %s", status, session)
	}
	to, status, session := follow(t, tab, mail)
	if status != "verified" || session == "" || to.Host != "127.0.0.1:3000" || to.Query().Get("from") != "mail" {
		t.Fatalf("%s", to)
	}
	a := tab.Do(t, "GET", path, "").OK(t)
	if a.Text("response", "status") != "complete" || a.Text("response", "created_session_id") != session ||
		a.Text("client", "sessions", "0", "id") != session {
		t.Errorf("the polling tab sees %s", a.Body)
	}
	client := a.Text("client", "id")
	if v := a.Text("response", "first_factor_verification", "verified_at_client"); v != client {
		t.Errorf("verified at client %q, want %q", v, client)
	}
	if _, status, again := follow(t, tab, mail); status != "verified" || again != session {
		t.Errorf("followed again: %s %s", status, again)
	}
}

func TestEmailLinkInAnotherBrowser(t *testing.T) {
	t.Parallel()
	s := linkServer(t, false)
	tab, phone := s.Browser("http://127.0.0.1:3000"), s.Browser("http://127.0.0.1:3000")
	path := linkSignIn(t, s, tab, "ada@example.com")
	_, status, session := follow(t, phone, link(t, s, "ada@example.com"))
	if status != "verified" {
		t.Fatalf("status %s", status)
	}
	a := tab.Do(t, "GET", path, "").OK(t)
	if a.Text("client", "sessions", "0", "id") != session || a.Text("response", "first_factor_verification", "verified_at_client") == a.Text("client", "id") {
		t.Errorf("the tab that asked sees %s", a.Body)
	}
	if a := phone.Do(t, "GET", "/v1/client", "").OK(t); a.Text("response", "sessions", "0", "id") != "" {
		t.Errorf("the other browser is signed in: %s", a.Body)
	}
}

func TestEmailLinkExpires(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	tab := s.Browser("http://127.0.0.1:3000")
	path := linkSignIn(t, s, tab, "ada@example.com")
	first := link(t, s, "ada@example.com")
	s.Advance(auth.CodeResendInterval + time.Second)
	tab.Form(t, "POST", path+"/prepare_first_factor", "strategy", "email_link", "redirect_url", linkPage).OK(t)
	second := link(t, s, "ada@example.com")
	if _, status, _ := follow(t, tab, first); status != "expired" || first == second {
		t.Errorf("a link that was replaced: %s", status)
	}
	s.Advance(auth.EmailLinkLifetime + time.Second)
	if _, status, _ := follow(t, tab, second); status != "expired" {
		t.Errorf("a link too late: %s", status)
	}
	if a := tab.Do(t, "GET", path, "").OK(t); a.Text("response", "first_factor_verification", "status") != "expired" {
		t.Errorf("the polling tab sees %s", a.Body)
	}
	for _, token := range []string{"", "pel_made-up", strings.TrimPrefix(second, "/v1/verify?token=") + "x"} {
		if a := tab.Do(t, "GET", "/v1/verify?token="+token, ""); a.Status/100 != 4 || a.Header.Get("Location") != "" {
			t.Errorf("%q: %d %s", token, a.Status, a.Body)
		}
	}
}

func TestEmailLinkSignUp(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	tab := s.Browser("http://127.0.0.1:3000")
	a := tab.Form(t, "POST", "/v1/client/sign_ups", "email_address", "new@example.com", "password", apitest.Password).OK(t)
	path := "/v1/client/sign_ups/" + a.Text("response", "id")
	a = tab.Form(t, "POST", path+"/prepare_verification", "strategy", "email_link", "redirect_url", linkPage).OK(t)
	if a.Text("response", "verifications", "email_address", "strategy") != "email_link" {
		t.Errorf("prepared as %s", a.Body)
	}
	_, status, session := follow(t, tab, link(t, s, "new@example.com"))
	a = tab.Do(t, "GET", path, "").OK(t)
	if status != "verified" || a.Text("response", "status") != "complete" || a.Text("client", "sessions", "0", "id") != session {
		t.Errorf("%s: %s", status, a.Body)
	}
}

// TestEmailLinkTellsNothing: with enumeration protection an unknown address is
// answered like a known one, and gets no link.
func TestEmailLinkTellsNothing(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.EmailLink, o.Settings.EnumerationProtection = true, true })
	tab := s.Browser("http://127.0.0.1:3000")
	a := tab.Form(t, "POST", "/v1/client/sign_ins", "identifier", "nobody@example.com", "strategy", "email_link", "redirect_url", linkPage).OK(t)
	if a.Text("response", "first_factor_verification", "status") != "unverified" {
		t.Errorf("%s", a.Body)
	}
	for _, m := range s.Messages(t, "nobody@example.com") {
		if m.Link != "" {
			t.Errorf("a link was sent to nobody: %s", m.Body)
		}
	}
}

func TestEmailLinkRedirects(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	tab := s.Browser("http://127.0.0.1:3000")
	path := linkSignIn(t, s, tab, "ada@example.com")
	s.Advance(time.Hour)
	for _, target := range []string{
		"https://evil.example/", "//evil.example", "javascript:alert(1)", "/relative", "http://127.0.0.1@evil.example/", "myapp://callback",
	} {
		a := tab.Form(t, "POST", path+"/prepare_first_factor", "strategy", "email_link", "redirect_url", target)
		if a.Code() != "form_param_value_invalid" {
			t.Errorf("%s: %d %s", target, a.Status, a.Body)
		}
	}
	off := apitest.Start(t)
	tab = off.Browser("http://127.0.0.1:3000")
	off.Native().SignUp(t, "ada@example.com")
	a := tab.Form(t, "POST", "/v1/client/sign_ins", "identifier", "ada@example.com", "strategy", "email_link", "redirect_url", linkPage)
	if a.Code() != "strategy_not_supported" {
		t.Errorf("switched off: %d %s", a.Status, a.Body)
	}
}

// nativeLink has a link sent to an app and follows it.
func nativeLink(t *testing.T, s *apitest.Server, app *apitest.Caller, path, to string) (flow, approval string) {
	t.Helper()
	sum := sha256.Sum256([]byte(linkVerifier))
	app.Form(t, "POST", path, "strategy", "email_link", "redirect_uri", "myapp://callback",
		"code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256").OK(t)
	target, _, _ := follow(t, s.Browser("https://mail.example"), link(t, s, to))
	if target.Scheme != "myapp" {
		t.Fatalf("sent to %s", target)
	}
	return target.Query().Get("flow_id"), target.Query().Get("approval_token")
}

func TestMagicLinkSignIn(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	s.Native().SignUp(t, "ada@example.com")
	s.Advance(time.Second)
	app := s.Native()
	a := app.Form(t, "POST", "/v1/client/sign_ins", "identifier", "ada@example.com").OK(t)
	id := a.Text("response", "id")
	flow, approval := nativeLink(t, s, app, "/v1/client/sign_ins/"+id+"/prepare_first_factor", "ada@example.com")
	if flow != id {
		t.Errorf("flow %s, want %s", flow, id)
	}
	if a := app.Do(t, "GET", "/v1/client", "").OK(t); a.Text("response", "sessions", "0", "id") != "" {
		t.Error("following the link has signed somebody in")
	}
	complete := func(flow, approval, verifier string) *apitest.Answer {
		return app.Form(t, "POST", "/v1/client/magic_links/complete", "flow_id", flow, "approval_token", approval, "code_verifier", verifier)
	}
	for code, a := range map[string]*apitest.Answer{
		"pkce_verification_failed": complete(flow, approval, strings.Repeat("x", 43)),
		"approval_token_invalid":   complete(flow, approval+"x", linkVerifier),
	} {
		if a.Code() != code {
			t.Errorf("want %s: %s", code, a.Body)
		}
	}
	if a := complete("sia_other", approval, linkVerifier); a.Code() != "approval_token_invalid" {
		t.Errorf("another flow: %s", a.Body)
	}
	first := complete(flow, approval, linkVerifier).OK(t).Text("response", "ticket")
	second := complete(flow, approval, linkVerifier).OK(t).Text("response", "ticket") // the answer was lost
	if a := app.Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", first); a.Status == 200 {
		t.Errorf("the replaced ticket signs in: %s", a.Body)
	}
	a = app.Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", second).OK(t)
	if a.Text("response", "status") != "complete" || a.Text("client", "sessions", "0", "user", "primary_email_address_id") == "" {
		t.Errorf("signed in as %s", a.Body)
	}
	if a := complete(flow, approval, linkVerifier); a.Code() != "approval_token_consumed" && a.Code() != "approval_token_expired" {
		t.Errorf("used up: %s", a.Body)
	}
}

func TestMagicLinkSignUp(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	app := s.Native()
	a := app.Form(t, "POST", "/v1/client/sign_ups", "email_address", "new@example.com", "password", apitest.Password).OK(t)
	id := a.Text("response", "id")
	flow, approval := nativeLink(t, s, app, "/v1/client/sign_ups/"+id+"/prepare_verification", "new@example.com")
	thief := s.Native()
	thief.Do(t, "GET", "/v1/client", "").OK(t)
	if a := thief.Form(t, "POST", "/v1/client/magic_links/complete", "flow_id", flow, "approval_token", approval,
		"code_verifier", linkVerifier); a.Code() != "approval_token_invalid" {
		t.Errorf("another app: %s", a.Body)
	}
	a = app.Form(t, "POST", "/v1/client/magic_links/complete", "flow_id", flow, "approval_token", approval, "code_verifier", linkVerifier).OK(t)
	if a.Text("response", "status") != "complete" || a.Text("client", "sessions", "0", "id") != a.Text("response", "created_session_id") {
		t.Errorf("%s", a.Body)
	}
}
