package frontendapi_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
)

// What a handshake hands out gives no reason for another one: either a session
// token that was not issued before the last sign-in, or neither token nor time.
// So it is however often it is asked for, and whatever ended the session.
func TestHandshakeNeverAsksForAnother(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := browserApp(s)
	sid := a.signUp(t, "a@example.com")
	settled := func(when string, signedIn bool) {
		t.Helper()
		for range 3 {
			out := handshake(t, a, "redirect_url", "http://localhost:3000/", "__clerk_hs_reason", "session-token-expired")
			uat, err := strconv.ParseInt(out["__client_uat"].Value, 10, 64)
			if err != nil || out["__clerk_db_jwt"].Value == "" {
				t.Fatalf("%s: %v", when, out)
			}
			if !signedIn {
				if uat != 0 || out["__session"].Value != "" {
					t.Errorf("%s: signed out, and uat %d with a token of %d bytes", when, uat, len(out["__session"].Value))
				}
				continue
			}
			c := claims(t, out["__session"].Value)
			issued, _ := c["iat"].(float64)
			end, _ := c["exp"].(float64)
			if int64(issued) < uat || uat == 0 || int64(end) <= s.Now().Unix() {
				t.Errorf("%s: uat %d, token from %v to %v at %d", when, uat, issued, end, s.Now().Unix())
			}
		}
	}
	settled("signed in", true)
	s.Advance(time.Hour)
	settled("token long over", true)
	s.BackEnd().Do(t, "POST", "/v1/sessions/"+sid+"/revoke", "").OK(t)
	settled("revoked", false)
	s.Advance(time.Second)
	a.signIn(t, "a@example.com")
	settled("signed in again", true)
	a.Do(t, "DELETE", "/v1/client/sessions", "").OK(t)
	settled("signed out", false)
}
