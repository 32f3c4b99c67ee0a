package backendapi_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// What the back end does to a person shows on their devices at once: the
// client no longer has the session, and its tokens are refused.
func TestDevicesAgreeInARace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		do    func(w *world, user, session string)
		again string // code of the next sign-in, empty when it works
	}{
		{"session revoked", func(w *world, _, session string) { w.must("POST", "/v1/sessions/"+session+"/revoke", "null") }, ""},
		{"user banned", func(w *world, user, _ string) { w.must("POST", "/v1/users/"+user+"/ban", "null") }, "user_banned"},
		{"user deleted", func(w *world, user, _ string) { w.must("DELETE", "/v1/users/"+user, "") }, "form_identifier_not_found"},
		{"password set, signed out", func(w *world, user, _ string) {
			w.must("PATCH", "/v1/users/"+user, `{"password":"another long enough one","sign_out_of_other_sessions":true}`)
		}, "form_password_incorrect"},
		{"password removed, signed out", func(w *world, user, _ string) {
			w.must("POST", "/v1/users/"+user+"/remove_password", `{"sign_out_of_other_sessions":true}`)
		}, "strategy_for_user_invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			user, bystander := w.newUser("ada@example.com"), w.newUser("bob@example.com")
			for _, device := range []*apitest.Caller{w.Native(), w.Browser("https://app.example.com")} {
				other := device.SignIn(t, "bob@example.com")
				session := device.SignIn(t, "ada@example.com")
				token := device.Token()
				tc.do(w, user, session)
				c := device.Do(t, "GET", "/v1/client", "").OK(t)
				if strings.Contains(string(c.Body), session) || strings.Contains(string(c.Body), user) {
					t.Errorf("GET client still shows the session: %s", c.Body)
				}
				if got := c.Text("response", "last_active_session_id"); got != other {
					t.Errorf("current session %q, want the other person's %q", got, other)
				}
				if device.Token() != token {
					t.Error("the device got another credential")
				}
				device.Do(t, "POST", "/v1/client/sessions/"+session+"/tokens", "").Is(t, 401, "authentication_invalid")
				device.Do(t, "POST", "/v1/client/sessions/"+session+"/touch", "").Is(t, 401, "authentication_invalid")
				device.Do(t, "GET", "/v1/me?_clerk_session_id="+session, "").Is(t, 401, "authentication_invalid")
				device.Do(t, "POST", "/v1/client/sessions/"+session+"/remove", "").OK(t) // over already, and that is fine
				device.Do(t, "POST", "/v1/client/sessions/"+other+"/tokens", "").OK(t)
				if me := device.Do(t, "GET", "/v1/me", "").OK(t); me.Text("response", "id") != bystander {
					t.Errorf("acting for %s", me.Text("response", "id"))
				}
				a := device.Form(t, "POST", "/v1/client/sign_ins", "identifier", "ada@example.com", "password", apitest.Password)
				if a.Code() != tc.again {
					t.Errorf("signing in again: %d %s, want %q", a.Status, a.Body, tc.again)
				}
				if tc.again != "" {
					break // what happened to the person cannot happen twice
				}
			}
		})
	}
}

// Both APIs count and lock in the same place.
func TestLockIsTheSameInBothAPIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("ada@example.com")
	device := w.Native()
	signIn := func(password string) *apitest.Answer {
		return device.Form(t, "POST", "/v1/client/sign_ins", "identifier", "ada@example.com", "password", password)
	}
	signIn("wrong").Is(t, 422, "form_password_incorrect")
	if left := w.must("GET", "/v1/users/"+user, "")["verification_attempts_remaining"]; left != float64(auth.LockoutFailures-1) {
		t.Errorf("%v attempts left", left)
	}
	w.must("POST", "/v1/users/"+user+"/lock", "null")
	signIn(apitest.Password).Is(t, 403, "user_locked")
	w.must("POST", "/v1/users/"+user+"/unlock", "null")
	signIn(apitest.Password).OK(t)
	device = w.Native()
	for range auth.LockoutFailures {
		signIn("wrong")
	}
	if u := w.must("GET", "/v1/users/"+user, ""); u["locked"] != true || u["verification_attempts_remaining"] != 0.0 {
		t.Errorf("locked %v, %v attempts left", u["locked"], u["verification_attempts_remaining"])
	}
	w.Advance(auth.LockoutDuration)
	signIn(apitest.Password).OK(t)
}

// However sign-ins on many devices and a ban interleave, nobody banned stays
// signed in.
func TestBanRacesWithSignInsOnDevices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("ada@example.com")
	devices := make([]*apitest.Caller, 6)
	var wg sync.WaitGroup
	for i := range devices {
		devices[i] = w.Native()
		wg.Go(func() {
			devices[i].Form(t, "POST", "/v1/client/sign_ins", "identifier", "ada@example.com", "password", apitest.Password)
		})
	}
	wg.Go(func() { w.must("POST", "/v1/users/"+user+"/ban", "null") })
	wg.Wait()
	for _, d := range devices {
		if c := d.Do(t, "GET", "/v1/client", "").OK(t); c.Has("response", "sessions", "0") {
			t.Errorf("a banned user is signed in: %s", c.Body)
		}
	}
}

// A sign-in token signs its user in once, on whichever device comes first.
func TestSignInTokenSignsInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("ada@example.com")
	ticket := w.must("POST", "/v1/sign_in_tokens", fmt.Sprintf(`{"user_id":%q}`, user))
	revoked := w.must("POST", "/v1/sign_in_tokens", fmt.Sprintf(`{"user_id":%q}`, user))
	w.must("POST", "/v1/sign_in_tokens/"+revoked["id"].(string)+"/revoke", "null")
	use := func(ticket any) *apitest.Answer {
		return w.Native().Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", ticket.(string))
	}
	if a := use(ticket["token"]).OK(t); a.Text("response", "status") != "complete" {
		t.Errorf("got %s", a.Body)
	}
	for name, bad := range map[string]any{"used": ticket["token"], "revoked": revoked["token"], "made up": "pst_AAAA"} {
		if a := use(bad); a.Status < 400 || a.Status >= 500 {
			t.Errorf("a ticket that is %s: %d %s", name, a.Status, a.Body)
		}
	}
	w.refused("POST", "/v1/sign_in_tokens/"+ticket["id"].(string)+"/revoke", "", 400, "sign_in_token_cannot_be_revoked_code")
}

// Private metadata is the back end's: no Frontend API answer has it, and
// nothing a device sends can set what is not the person's own.
func TestPrivateStaysPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("ada@example.com")
	w.must("PATCH", "/v1/users/"+user+"/metadata", `{"private_metadata":{"credit":"s3cret-score"},"public_metadata":{"plan":"free"}}`)
	device := w.Native()
	device.SignIn(t, "ada@example.com")
	evil := []string{
		"public_metadata", `{"plan":"pro"}`, "private_metadata", `{"credit":"x"}`, "external_id", "taken-over", "banned", "true",
		"locale", "xx", "primary_email_address_id", "", "password", "another long enough one", "unsafe_metadata", `{"theme":"dark"}`,
	}
	for _, path := range []string{"/v1/me", "/v1/me/metadata"} {
		device.Form(t, "PATCH", path, evil...).OK(t)
	}
	for _, path := range []string{"/v1/me", "/v1/client", "/v1/me/sessions", "/v1/me/sessions/active"} {
		if a := device.Do(t, "GET", path, "").OK(t); strings.Contains(string(a.Body), "s3cret-score") || strings.Contains(string(a.Body), "private_metadata") {
			t.Errorf("%s shows private metadata: %s", path, a.Body)
		}
	}
	u := w.must("GET", "/v1/users/"+user, "")
	if got := fmt.Sprint(u["public_metadata"], u["private_metadata"], u["external_id"], u["unsafe_metadata"], u["locale"]); got !=
		"map[plan:free] map[credit:s3cret-score] <nil> map[theme:dark] <nil>" {
		t.Errorf("got %s", got)
	}
	device.SignIn(t, "ada@example.com") // the password is the old one
}

// Back ends look people up by address. Somebody who only claims an address must
// not be found by it, or they would be taken for its owner.
func TestUnprovenAddressNamesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newUser("eve@example.com")
	thief := w.Native()
	thief.SignIn(t, "eve@example.com")
	thief.Form(t, "POST", "/v1/me/email_addresses", "email_address", "ada@example.com").OK(t)
	if _, text := w.send("GET", "/v1/users?email_address=ada%40example.com", ""); len(ids(t, text)) != 0 {
		t.Errorf("found %s", text)
	}
	owner := w.newUser("ada@example.com")
	if _, text := w.send("GET", "/v1/users?email_address=ada%40example.com", ""); len(ids(t, text)) != 1 || ids(t, text)[0] != owner {
		t.Errorf("found %s", text)
	}
}
