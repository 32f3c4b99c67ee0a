package hosted_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/idptest"
)

// connecting is a native app whose person connects an account, and the browser
// that it opened.
type connecting struct {
	*flow
	idp *idptest.Running
}

func connect(t *testing.T, s *apitest.Server, idp *idptest.Running, email string) *connecting {
	t.Helper()
	app := s.Native()
	app.SignUp(t, email)
	return &connecting{&flow{t: t, server: s, app: app, cookies: map[string]string{}}, idp}
}

// ask begins a trip as published SDKs do, goes through the provider as somebody,
// and stops where the browser is asked something, or is back at the app.
func (c *connecting) ask(name string) {
	c.t.Helper()
	a := c.app.Form(c.t, "POST", "/v1/me/external_accounts", "strategy", elsewhere, "redirect_url", redirect).OK(c.t)
	c.come(c.idp.SignIn(c.t, a.Text("response", "verification", "external_verification_redirect_url"), name))
}

// account is the account elsewhere, as the app reads its client afterwards:
// what the published SDKs do, whatever the address says that they come back by.
func (c *connecting) account(path ...string) string {
	c.t.Helper()
	a := c.app.Do(c.t, "GET", "/v1/client", "").OK(c.t)
	return a.Text(append([]string{"response", "sessions", "0", "user", "external_accounts", "0"}, path...)...)
}

func (c *connecting) back() {
	c.t.Helper()
	c.must(http.StatusSeeOther)
	if to := c.last.Header.Get("Location"); to != redirect {
		c.t.Errorf("sent to %s", to)
	}
}

// TestConnectInApp: the person in front of the browser decides, once.
func TestConnectInApp(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t)
	c := connect(t, s, idp, "me@example.org")
	c.ask("ada")
	c.must(200, "The &lt;provider&gt;", html.EscapeString(auth.MaskEmail("me@example.org")))
	if strings.Contains(c.body, "me@example.org") || c.account("verification", "status") != "unverified" {
		t.Errorf("told or connected before anybody was asked: %s", c.body)
	}
	if policy := c.last.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' myapp:") {
		t.Errorf("the form leads nowhere: %s", policy)
	}
	c.send("POST", url.Values{"do": {"connect"}}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	c.must(http.StatusForbidden)
	if c.account("verification", "status") != "unverified" {
		t.Error("another site has pressed the button")
	}
	c.post("do", "connect")
	c.back()
	if c.account("verification", "status") != "verified" || c.account("provider_user_id") != "1" {
		t.Errorf("not connected: %s", c.account("verification", "status"))
	}
	c.post("do", "cancel") // too late: it is done
	c.back()
	if c.account("verification", "status") != "verified" {
		t.Error("undone by a second answer")
	}
}

// TestConnectInAppDeadEnds: whatever else happens connects nothing, and leaves a
// reason where the SDKs read it.
func TestConnectInAppDeadEnds(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t)
	owner := connect(t, s, idp, "ada@example.com")
	owner.ask("ada")
	owner.post("do", "connect")
	owner.back()

	c := connect(t, s, idp, "me@example.org")
	c.ask("ada")
	c.post("do", "connect")
	c.back()
	if c.account("verification", "error", "code") != "external_account_exists" || c.account("provider_user_id") != "" {
		t.Errorf("somebody else's account: %s", c.account("verification", "error", "code"))
	}
	c.ask("bob")
	c.post("do", "cancel")
	c.back()
	if c.account("verification", "error", "code") != "oauth_access_denied" {
		t.Errorf("not wanted: %s", c.account("verification", "error", "code"))
	}
	c.ask("bob")
	page := c.page
	s.Advance(auth.OAuthFlowLifetime + time.Second)
	c.post("do", "connect")
	c.back()
	if c.account("verification", "status") != "expired" {
		t.Errorf("too late: %s", c.account("verification", "status"))
	}
	c.page = "/connect?state=pos_AAAA&code=x"
	c.send("GET", nil)
	c.must(422, `role="alert"`)
	c.page = page
	c.app.Do(t, "DELETE", "/v1/me", "").OK(t)
	c.send("GET", nil)
	c.back()
	for _, address := range []string{"https://evil.example/", "javascript:alert(1)", "http://localhost/x"} {
		owner.app.Form(t, "POST", "/v1/me/external_accounts", "strategy", elsewhere, "redirect_url", address).Is(t, 422, "form_param_value_invalid")
	}
}
