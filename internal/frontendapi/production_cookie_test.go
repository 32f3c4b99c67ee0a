package frontendapi_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// In production the server tells pages of the site when somebody last signed
// in: back ends decide by it whether a page without a session token is signed
// out, so it must never outlive the sessions.
func TestPagesLearnOfSignOuts(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v1/client", "/v1/client/sessions"} {
		s := apitest.Start(t, func(o *apitest.Options) {
			o.Host, o.Settings.Production, o.Settings.TestCodes = "clerk.example.com", true, false
			o.AllowedOrigin = func(origin string) bool { return origin == "https://app.example.com" }
		})
		page := s.Browser("https://app.example.com")
		page.SignUp(t, "ada@example.org")
		uat := page.Cookie("__client_uat")
		if uat == nil || uat.Value == "0" || uat.HttpOnly || !uat.Secure || uat.Domain != "example.com" {
			t.Fatalf("signed in: %v", uat)
		}
		page.Do(t, "DELETE", path, "").OK(t)
		if uat := page.Cookie("__client_uat"); uat == nil || uat.Value != "0" {
			t.Errorf("after DELETE %s pages believe that somebody is signed in: %v", path, uat)
		}
	}
}

// A foreign page gets a refusal that it can read, and no credential.
func TestForeignPagesGetNothingInProduction(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Host, o.Settings.Production = "clerk.example.com", true
		o.AllowedOrigin = func(origin string) bool { return origin == "https://app.example.com" }
	})
	page := s.Browser("https://evil.example.net")
	for _, path := range []string{"/v1/client", "/v1/client/sign_ins", "/v1/client/sign_ups", "/v1/me"} {
		a := page.Form(t, "POST", path, "identifier", "ada@example.org").Is(t, 400, "origin_invalid")
		if len(a.Header["Set-Cookie"]) > 0 {
			t.Errorf("%s: a cookie for a foreign page: %v", path, a.Header["Set-Cookie"])
		}
	}
	// Naming itself native does not help: cookies do not count then.
	victim := s.Browser("https://app.example.com")
	victim.SignUp(t, "ada@example.org")
	thief := s.Browser("https://evil.example.net")
	a := thief.Send(t, apitest.Request{
		Method: "GET", Path: "/v1/me?_is_native=1", Header: map[string][]string{"Cookie": {"__client=" + victim.Token()}},
	})
	a.Is(t, 401, "authentication_invalid")
}

// Health checks that ask for the head only must not fill the store with
// clients that nobody will use.
func TestHeadMakesNoClient(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	for _, c := range []*apitest.Caller{s.Native(), s.Browser("https://app.example.com")} {
		c.Do(t, "HEAD", "/v1/client", "")
		if c.Token() != "" {
			t.Error("a client was made for HEAD")
		}
	}
	if _, n, err := s.Store.Clients(t.Context(), 1, 0); n != 0 || err != nil {
		t.Errorf("%d clients, %v", n, err)
	}
}
