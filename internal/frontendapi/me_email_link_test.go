package frontendapi_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// profileLink has a signed-in browser ask for a link to a new address of theirs
// and returns the path of the address.
func profileLink(t *testing.T, c *apitest.Caller, address string) (path string) {
	t.Helper()
	path = "/v1/me/email_addresses/" + c.Form(t, "POST", "/v1/me/email_addresses", "email_address", address).OK(t).Text("response", "id")
	a := c.Form(t, "POST", path+"/prepare_verification", "strategy", "email_link", "redirect_url", linkPage).OK(t)
	if a.Text("response", "verification", "status") != "unverified" || a.Text("response", "verification", "strategy") != "email_link" {
		t.Fatalf("prepared: %s", a.Body)
	}
	return path
}

func emailStatus(t *testing.T, c *apitest.Caller, path string) string {
	t.Helper()
	return c.Do(t, "GET", path, "").OK(t).Text("response", "verification", "status")
}

// TestEmailLinkOfProfile: followed where it was asked for, elsewhere only where
// the instance lets it, and once.
func TestEmailLinkOfProfile(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	tab := s.Browser("http://127.0.0.1:3000")
	tab.SignUp(t, "ada@example.com")
	path := profileLink(t, tab, "second@example.com")
	mail := link(t, s, "second@example.com")
	if _, status, _ := follow(t, s.Browser("http://127.0.0.1:3000"), mail); status != "client_mismatch" || emailStatus(t, tab, path) != "unverified" {
		t.Errorf("in another browser: %s, %s", status, emailStatus(t, tab, path))
	}
	for range 2 { // the second time changes nothing
		to, status, session := follow(t, tab, mail)
		if status != "verified" || session != "" || to.Query().Get("from") != "mail" || emailStatus(t, tab, path) != "verified" {
			t.Errorf("followed: %s, %s", to, emailStatus(t, tab, path))
		}
	}
	tab.Form(t, "POST", path+"/prepare_verification", "strategy", "email_link", "redirect_url", linkPage).Is(t, 422, "verification_already_verified")

	s = linkServer(t, false)
	tab = s.Browser("http://127.0.0.1:3000")
	tab.SignUp(t, "ada@example.com")
	path = profileLink(t, tab, "second@example.com")
	if _, status, _ := follow(t, s.Browser("http://127.0.0.1:3000"), link(t, s, "second@example.com")); status != "verified" || emailStatus(t, tab, path) != "verified" {
		t.Errorf("on another device: %s, %s", status, emailStatus(t, tab, path))
	}
}

// TestEmailLinkOfProfileDeadEnds: late, replaced, of an address that is gone or
// somebody else's, and to a page that is not the application's.
func TestEmailLinkOfProfileDeadEnds(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	s.Native().SignUp(t, "owner@example.com")
	tab := s.Browser("http://127.0.0.1:3000")
	tab.SignUp(t, "ada@example.com")
	path := profileLink(t, tab, "late@example.com")
	late := link(t, s, "late@example.com")
	tab.Form(t, "POST", path+"/prepare_verification", "strategy", "email_link", "redirect_url", "https://evil.example/").
		Is(t, 422, "form_param_value_invalid")
	tab.Form(t, "POST", path+"/prepare_verification", "strategy", "email_link", "redirect_uri", "myapp://callback",
		"code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").Is(t, 422, "form_param_unknown")
	s.Advance(auth.EmailLinkLifetime + time.Second)
	if _, status, _ := follow(t, tab, late); status != "expired" || emailStatus(t, tab, path) != "expired" {
		t.Errorf("late: %s, %s", status, emailStatus(t, tab, path))
	}
	tab.Form(t, "POST", path+"/prepare_verification", "strategy", "email_link", "redirect_url", linkPage).OK(t)
	if _, status, _ := follow(t, tab, late); status != "expired" {
		t.Errorf("replaced: %s", status)
	}
	s.Advance(time.Second)
	gone := link(t, s, "late@example.com")
	tab.Do(t, "DELETE", path, "").OK(t)
	if _, status, _ := follow(t, tab, gone); status != "expired" {
		t.Errorf("gone: %s", status)
	}
	tab.Form(t, "POST", "/v1/me/email_addresses", "email_address", "owner@example.com").Is(t, 422, "form_identifier_exists")
}
