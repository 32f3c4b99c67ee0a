package frontendapi_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// Whoever deletes their own account is signed out everywhere, leaves nothing
// that anybody is shown, and may begin anew with the same address.
func TestDeleteOneself(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	here, there := nativeApp(s), nativeApp(s)
	here.signUp(t, "ada@example.com")
	elsewhere := there.signIn(t, "ada@example.com")
	user := here.must(t, "GET", "/v1/me", nil).text("response.id")
	org := here.must(t, "POST", "/v1/organizations", form("name", "Acme")).text("response.id")
	ticket := backend(t, s, "POST", "/v1/sign_in_tokens", `{"user_id":"`+user+`"}`).text("token")

	gone := here.must(t, "DELETE", "/v1/me", nil)
	if gone.text("response.id") != user || gone.at("response.deleted") != true || gone.text("response.object") != "user" || gone.at("client.sessions.0") != nil {
		t.Errorf("the answer: %v", gone)
	}
	there.refused(t, "POST", "/v1/client/sessions/"+elsewhere+"/tokens", nil, 401, "authentication_invalid")
	for _, a := range []*app{here, there} {
		if got := a.sessions(t); len(got) != 0 {
			t.Errorf("a session outlived its user: %v", got)
		}
		a.refused(t, "GET", "/v1/me", nil, 401, "authentication_invalid")
	}
	fresh := nativeApp(s)
	fresh.refused(t, "POST", "/v1/client/sign_ins", form("identifier", "ada@example.com", "password", password), 422, "form_identifier_not_found")
	fresh.refused(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", ticket), 422, "ticket_invalid_code")
	back := s.BackEnd()
	back.Do(t, "GET", "/v1/users/"+user, "").Is(t, 404, "resource_not_found")
	if members := back.Do(t, "GET", "/v1/organizations/"+org+"/memberships", "").OK(t); members.Get("total_count") != 0.0 {
		t.Errorf("still a member: %s", members.Body)
	}
	fresh.signUp(t, "ada@example.com")
	if got := fresh.must(t, "GET", "/v1/me", nil).text("response.id"); got == user {
		t.Error("the account is back")
	}
}

// Where sensitive changes ask for a recent proof, deleting the account does.
func TestDeleteOneselfNeedsAProof(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withReverification)
	a := nativeApp(s)
	a.signUp(t, "ada@example.com")
	s.Advance(auth.ReverificationAge + 1)
	a.refused(t, "DELETE", "/v1/me", nil, 403, "session_reverification_required")
	if got := a.must(t, "GET", "/v1/me", nil); got.text("response.id") == "" {
		t.Errorf("the account: %v", got)
	}
}
