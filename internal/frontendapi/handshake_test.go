package frontendapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// handshake sends the browser to the handshake and returns the cookies that
// the application's back end is told to set.
func handshake(t *testing.T, a *app, query ...string) map[string]*http.Cookie {
	t.Helper()
	got := answer{a.Send(t, apitest.Request{
		Method: "GET", Path: "/v1/client/handshake?" + form(query...).Encode(), Header: http.Header{"Origin": nil},
	})}
	if got.Status != http.StatusTemporaryRedirect {
		t.Fatalf("%v", got)
	}
	to, err := url.Parse(got.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	signed := to.Query().Get("__clerk_handshake")
	if c := a.Cookie("__clerk_handshake"); c != nil {
		if signed != "" || !c.HttpOnly || !c.Secure || c.Domain != "example.com" || len(c.String()) > 4096 {
			t.Errorf("handshake cookie of %d bytes: %+v", len(c.String()), c)
		}
		signed = c.Value
	}
	list, _ := claims(t, signed)["handshake"].([]any)
	header := http.Header{}
	for _, c := range list {
		line, _ := c.(string)
		header.Add("Set-Cookie", line)
	}
	out := map[string]*http.Cookie{}
	for _, c := range (&http.Response{Header: header}).Cookies() {
		out[c.Name] = c
	}
	return out
}

func TestHandshakeInDevelopment(t *testing.T) {
	t.Parallel()
	a := browserApp(apitest.Start(t))
	const app = "http://localhost:3000/dashboard?tab=1"
	out := handshake(t, a, "redirect_url", app, "format", "nonce", "suffixed_cookies", "false")
	if out["__client_uat"].Value != "0" || out["__session"].Value != "" || out["__session"].MaxAge >= 0 || !strings.HasPrefix(out["__clerk_db_jwt"].Value, "dvb_") {
		t.Errorf("signed out: %v", out)
	}
	if a.Token() != "" {
		t.Error("a handshake created a client")
	}
	a.signUp(t, "a@example.com")
	in := handshake(t, a, "redirect_url", app, "__clerk_db_jwt", out["__clerk_db_jwt"].Value)
	c := claims(t, in["__session"].Value)
	uat := in["__client_uat"].Value
	if c["azp"] != "http://localhost:3000" || uat == "0" || in["__session"].HttpOnly || in["__session"].Secure {
		t.Errorf("signed in: claims %v, uat %s, %v", c, uat, in["__session"])
	}
	if in["__clerk_db_jwt"].Value != out["__clerk_db_jwt"].Value {
		t.Error("the browser's id was replaced, which would begin again")
	}
	suffixed := 0
	for name := range in {
		if strings.HasPrefix(name, "__session_") || strings.HasPrefix(name, "__client_uat_") || strings.HasPrefix(name, "__clerk_db_jwt_") {
			suffixed++
		}
	}
	if suffixed != 3 {
		t.Errorf("%d suffixed cookies: %v", suffixed, in)
	}
	for _, target := range []string{"", "https://evil.example/", "javascript:alert(1)", "//evil.example"} {
		a.refused(t, "GET", "/v1/client/handshake?"+form("redirect_url", target).Encode(), nil, 422, "form_param_value_invalid")
	}
}

func TestHandshakeInProduction(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Host, o.Settings.Production = "clerk.example.com", true
		o.AllowedOrigin = func(origin string) bool { return origin == "https://app.example.com" }
	})
	a := &app{Caller: s.Browser("https://app.example.com"), s: s, browser: true}
	a.signUp(t, "a@example.com")
	out := handshake(t, a, "redirect_url", "https://app.example.com/")
	if claims(t, out["__session"].Value)["azp"] != "https://app.example.com" || !out["__session"].Secure || out["__clerk_db_jwt"] != nil {
		t.Errorf("%v", out)
	}
	a.refused(t, "GET", "/v1/client/handshake?redirect_url=https%3A%2F%2Fevil.example%2F", nil, 422, "form_param_value_invalid")
	a.refused(t, "POST", "/v1/dev_browser", nil, 404, "resource_not_found")
}
