package frontendapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// Several accounts on one client: each session has its token in the document,
// and signing one out leaves the other.
func TestSeveralAccounts(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	app, other := s.Native(), s.Native()
	first := app.SignUp(t, "a@example.com")
	s.Advance(time.Second) // sessions are shown in the order in which they began
	second := app.SignUp(t, "b@example.com")
	client := app.Do(t, "GET", "/v1/client", "").OK(t)
	if client.Text("response", "last_active_session_id") != second {
		t.Errorf("current is %s", client.Text("response", "last_active_session_id"))
	}
	for i, sid := range []string{first, second} {
		at := []string{"response", "sessions", []string{"0", "1"}[i]}
		if got := client.Text(append(at, "id")...); got != sid {
			t.Fatalf("session %d is %s, want %s", i, got, sid)
		}
		if got := claims(t, client.Text(append(at, "last_active_token", "jwt")...)); got["sid"] != sid {
			t.Errorf("the token of %s says %v", sid, got["sid"])
		}
	}
	app.Form(t, "POST", "/v1/client/sessions/"+first+"/touch").OK(t)
	if got := app.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "email_addresses", "0", "email_address"); got != "a@example.com" {
		t.Errorf("acting as %s", got)
	}
	// What another device has is shown there and has no token here.
	other.SignIn(t, "a@example.com")
	list := other.Do(t, "GET", "/v1/me/sessions/active", "").OK(t)
	tokens := 0
	for _, i := range []string{"0", "1"} {
		if list.Get(i, "last_active_token") != nil {
			tokens++
		}
	}
	if !list.Has("1") || tokens != 1 {
		t.Errorf("%d tokens in %s", tokens, list.Body)
	}
	gone := app.Form(t, "POST", "/v1/client/sessions/"+first+"/remove").OK(t)
	if gone.Text("client", "last_active_session_id") != second || gone.Has("client", "sessions", "1") {
		t.Errorf("after a sign-out: %s", gone.Body)
	}
}

// A session ends at its hard end however much it is used, and without use at the
// end of its inactivity, unlike one that was used.
func TestSessionAges(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	idle, used := s.Native(), s.Native()
	idleID, usedID := idle.SignUp(t, "a@example.com"), used.SignUp(t, "b@example.com")
	mint := func(app *apitest.Caller, sid string) int {
		return app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens").Status
	}
	step := auth.SessionInactivity - time.Hour
	s.Advance(step)
	if got := mint(used, usedID); got != http.StatusOK {
		t.Fatalf("used: %d", got)
	}
	s.Advance(2 * time.Hour)
	if got := mint(idle, idleID); got != http.StatusUnauthorized {
		t.Errorf("idle: %d", got)
	}
	if a := idle.Do(t, "GET", "/v1/client", "").OK(t); a.Has("response", "sessions", "0") {
		t.Errorf("an abandoned session is shown: %s", a.Body)
	}
	for passed := step + 2*time.Hour; passed+step < auth.SessionLifetime; passed += step {
		if got := mint(used, usedID); got != http.StatusOK {
			t.Fatalf("used, after %v: %d", passed, got)
		}
		s.Advance(step)
	}
	s.Advance(step)
	if got := mint(used, usedID); got != http.StatusUnauthorized {
		t.Errorf("past its hard end: %d", got)
	}
}

// A revoked session makes no token any more, and the last one it made is over
// within the lifetime of a token, whoever ends it.
func TestRevocationIsSeenWithinOneToken(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	app := s.Native()
	sid := app.SignUp(t, "a@example.com")
	last := claims(t, app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens").OK(t).Text("jwt"))
	s.BackEnd().Do(t, "POST", "/v1/sessions/"+sid+"/revoke", "").OK(t)
	app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens").Is(t, 401, "authentication_invalid")
	if a := app.Do(t, "GET", "/v1/client", "").OK(t); a.Has("response", "sessions", "0") {
		t.Errorf("still shown: %s", a.Body)
	}
	if end, _ := last["exp"].(float64); end > float64(s.Now().Add(time.Minute).Unix()) {
		t.Errorf("the last token is valid until %v", end)
	}
}
