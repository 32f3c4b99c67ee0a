package frontendapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// Only addresses of allowed origins are redirected to; none is the home of the
// application.
func TestRedirect(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Settings.HomeURL = "https://app.example.com/home"
		o.AllowedOrigin = func(origin string) bool { return origin == "https://app.example.com" }
	})
	b := s.Browser("https://app.example.com")
	for target, want := range map[string]string{
		"":                                "https://app.example.com/home",
		"https://app.example.com/a?b=c#d": "https://app.example.com/a?b=c#d",
	} {
		a := b.Do(t, "GET", "/v1/redirect?redirect_url="+url.QueryEscape(target), "")
		if a.Status != http.StatusTemporaryRedirect || a.Header.Get("Location") != want {
			t.Errorf("%q: %d to %q, want %q", target, a.Status, a.Header.Get("Location"), want)
		}
	}
	for _, evil := range []string{
		"https://evil.example", "//evil.example", "/\\evil.example", "https://app.example.com@evil.example", "javascript:alert(1)",
		"https://app.example.com.evil.example", "http://app.example.com", "data:text/html,x", "https:app.example.com", "relative",
		"https://user@app.example.com", "https://app.example.com:8443", "\thttps://evil.example", "https://evil.example/https://app.example.com",
	} {
		a := b.Do(t, "GET", "/v1/redirect?redirect_url="+url.QueryEscape(evil), "")
		if a.Status != http.StatusUnprocessableEntity || a.Header.Get("Location") != "" {
			t.Errorf("%q: %d to %q", evil, a.Status, a.Header.Get("Location"))
		}
	}
}

// A page of another site cannot sign anybody out with an image.
func TestClearSiteData(t *testing.T) {
	t.Parallel()
	b := apitest.Start(t).Browser("https://localhost:3000")
	ask := func(site string) *apitest.Answer {
		return b.Send(t, apitest.Request{Method: "GET", Path: "/v1/clear-site-data", Header: http.Header{"Sec-Fetch-Site": {site}, "Origin": nil}})
	}
	if a := ask("same-site").OK(t); a.Header.Get("Clear-Site-Data") != `"*"` {
		t.Errorf("header %q", a.Header.Get("Clear-Site-Data"))
	}
	if a := ask("cross-site").Is(t, 400, "origin_invalid"); a.Header.Get("Clear-Site-Data") != "" {
		t.Error("another site cleared this one's data")
	}
}

func TestDevBrowser(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b := s.Browser("https://localhost:3000")
	made := b.Do(t, "GET", "/v1/dev_browser/init?origin=https%3A%2F%2Flocalhost%3A3000", "").OK(t)
	id := made.Text("id")
	if !strings.HasPrefix(id, "dvb_") || made.Header.Get("Clerk-Db-Jwt") != id {
		t.Errorf("made %s", made.Body)
	}
	if again := b.Do(t, "GET", "/v1/dev_browser/init?__clerk_db_jwt="+id, "").OK(t); again.Text("id") != id {
		t.Errorf("not kept: %s", again.Body)
	}
	if forged := b.Do(t, "GET", "/v1/dev_browser/init?__clerk_db_jwt=dvb_%3Cscript%3E", "").OK(t); strings.Contains(string(forged.Body), "script") {
		t.Errorf("repeated: %s", forged.Body)
	}
	b.Do(t, "GET", "/v1/dev_browser/init?origin=https%3A%2F%2Fevil.example", "").Is(t, 400, "origin_invalid")
	b.Do(t, "POST", "/v1/dev_browser/set_first_party_cookie?__clerk_db_jwt="+id, "").OK(t)
	if c := b.Cookie("__clerk_db_jwt"); c == nil || c.Value != id || !c.HttpOnly {
		t.Errorf("cookie %v", c)
	}
	production := apitest.Start(t, func(o *apitest.Options) { o.Host, o.Settings.Production = "clerk.example.com", true }).Browser("https://example.com")
	production.Do(t, "GET", "/v1/dev_browser/init", "").Is(t, 400, "request_invalid_for_environment")
	if a := production.Do(t, "POST", "/v1/dev_browser/set_first_party_cookie", ""); a.Status < 400 || production.Cookie("__clerk_db_jwt") != nil {
		t.Errorf("production: %d %s", a.Status, a.Body)
	}
}

func TestProxyHealth(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	good := http.Header{
		"Clerk-Proxy-Url": {"https://" + s.Host + "/"}, "Clerk-Secret-Key": {apitest.SecretKey}, "X-Forwarded-For": {"192.0.2.1"},
	}
	ask := func(name, value string) *apitest.Answer {
		h := good.Clone()
		if name != "" {
			h.Set(name, value)
		}
		return s.Native().Send(t, apitest.Request{Method: "GET", Path: "/v1/proxy-health?domain_id=dmn_1", Header: h}).OK(t)
	}
	if a := ask("", ""); a.Text("status") != "healthy" || a.Text("x_forwarded_for") != "192.0.2.1" {
		t.Errorf("healthy: %s", a.Body)
	}
	for name, value := range map[string]string{
		"Clerk-Proxy-Url": "https://app.example.com/__clerk", "Clerk-Secret-Key": "sk_test_wrong", "X-Forwarded-For": "203.0.113.9",
	} {
		if a := ask(name, value); a.Text("status") != "unhealthy" || !strings.Contains(a.Text("message"), name) {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	s.Native().Send(t, apitest.Request{Method: "GET", Path: "/v1/proxy-health", Header: good}).Is(t, 422, "form_param_missing")
}

func TestServiceToken(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	app := s.Native()
	sid := app.SignUp(t, "a@example.com")
	s.BackEnd().Do(t, "POST", "/v1/jwt_templates", `{"name":"firebase","claims":{"mail":"{{user.primary_email_address}}"}}`).OK(t)
	path := "/v1/me/tokens?_clerk_session_id=" + sid
	if got := claims(t, app.Form(t, "POST", path, "service", "firebase").OK(t).Text("jwt")); got["mail"] != "a@example.com" {
		t.Errorf("claims %v", got)
	}
	app.Form(t, "POST", path, "service", "other").Is(t, 404, "resource_not_found")
	app.Form(t, "POST", path).Is(t, 422, "form_param_missing")
	if a := s.Native().Form(t, "POST", path, "service", "firebase"); a.Status != http.StatusUnauthorized {
		t.Errorf("nobody: %d %s", a.Status, a.Body)
	}
}

func TestAccountPortal(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.HomeURL = "https://app.example.com" })
	a := s.Browser("https://localhost:3000").Do(t, "GET", "/v1/account_portal", "").OK(t)
	if a.Get("enabled") != false || a.Text("after_sign_in_url") != "https://app.example.com" {
		t.Errorf("got %s", a.Body)
	}
}

// Test tools add their token to every request of the Frontend API; captchas are
// never asked for, with a token or without.
func TestTestingToken(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	token := s.BackEnd().Do(t, "POST", "/v1/testing_tokens", "").OK(t).Text("token")
	q := "?__clerk_testing_token=" + url.QueryEscape(token)
	b := s.Browser("https://localhost:3000")
	b.Do(t, "POST", "/v1/environment"+q+"&_method=PATCH", "").OK(t)
	a := b.Form(t, "POST", "/v1/client/sign_ups"+q, "email_address", "ada+clerk_test@example.com", "password", apitest.Password).OK(t)
	path := "/v1/client/sign_ups/" + a.Text("response", "id")
	b.Form(t, "POST", path+"/prepare_verification"+q, "strategy", "email_code").OK(t)
	a = b.Form(t, "POST", path+"/attempt_verification"+q, "strategy", "email_code", "code", "424242").OK(t)
	if a.Text("response", "status") != "complete" || a.Get("client", "captcha_bypass") != true {
		t.Errorf("got %s", a.Body)
	}
	if got := b.Do(t, "GET", "/v1/client"+q, "").OK(t); got.Text("response", "sessions", "0", "status") != string(auth.SessionActive) {
		t.Errorf("client %s", got.Body)
	}
}
