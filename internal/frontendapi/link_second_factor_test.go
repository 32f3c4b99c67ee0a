package frontendapi_test

import "testing"

// TestMagicLinkKeepsTheSecondFactor: whoever reads the mail alone does not get
// in, also not by the ticket that a link to an app becomes.
func TestMagicLinkKeepsTheSecondFactor(t *testing.T) {
	t.Parallel()
	s := linkServer(t, true)
	owner := nativeApp(s)
	owner.signUp(t, "ada@example.com")
	phone, _ := owner.setUpTOTP(t)
	a := nativeApp(s)
	id := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "ada@example.com")).text("response.id")
	flow, approval := nativeLink(t, s, a.Caller, "/v1/client/sign_ins/"+id+"/prepare_first_factor", "ada@example.com")
	ticket := a.must(t, "POST", "/v1/client/magic_links/complete",
		form("flow_id", flow, "approval_token", approval, "code_verifier", linkVerifier)).text("response.ticket")
	got := a.must(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", ticket))
	if got.text("response.status") != "needs_second_factor" || len(a.sessions(t)) != 0 {
		t.Fatalf("the ticket alone: %v", got)
	}
	step := "/v1/client/sign_ins/" + got.text("response.id")
	signedIn(t, a, a.must(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t))))
	// A ticket of the back end is its word: nothing more is asked.
	b := nativeApp(s)
	user := owner.must(t, "GET", "/v1/me", nil).text("response.id")
	word := backend(t, s, "POST", "/v1/sign_in_tokens", `{"user_id":"`+user+`"}`).text("token")
	signedIn(t, b, b.must(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", word)))
}
