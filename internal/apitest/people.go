package apitest

import "testing"

// Password is a password that every rule accepts.
const Password = "correct horse battery staple" //nolint:gosec // of test accounts

// SignUp makes an account with [Password] and a code from the inbox, and
// returns the session it is signed in with.
func (c *Caller) SignUp(t testing.TB, email string) (sessionID string) {
	t.Helper()
	a := c.Form(t, "POST", "/v1/client/sign_ups", "email_address", email, "password", Password).OK(t)
	path := "/v1/client/sign_ups/" + a.Text("response", "id")
	c.Form(t, "POST", path+"/prepare_verification", "strategy", "email_code").OK(t)
	a = c.Form(t, "POST", path+"/attempt_verification", "strategy", "email_code", "code", c.server.Code(t, email)).OK(t)
	if a.Text("response", "status") != "complete" {
		t.Fatalf("sign-up of %s is not complete: %s", email, a.Body)
	}
	return a.Text("response", "created_session_id")
}

// SignIn signs in with [Password] and returns the session.
func (c *Caller) SignIn(t testing.TB, email string) (sessionID string) {
	t.Helper()
	a := c.Form(t, "POST", "/v1/client/sign_ins", "identifier", email, "password", Password).OK(t)
	if a.Text("response", "status") != "complete" {
		t.Fatalf("sign-in of %s is not complete: %s", email, a.Body)
	}
	return a.Text("response", "created_session_id")
}
