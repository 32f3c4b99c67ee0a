package frontendapi_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// signedIn checks a completed answer: the piggybacked client must already hold
// the session and name it as current, because native SDKs look nowhere else.
func signedIn(t *testing.T, a *app, done answer) string {
	t.Helper()
	id := done.text("response.created_session_id")
	if done.text("response.status") != "complete" || id == "" {
		t.Fatalf("not complete: %v", done)
	}
	if done.text("client.last_active_session_id") != id {
		t.Errorf("the piggybacked client does not name the new session: %v", done)
	}
	last := len(sessionIDs(done.at("client.sessions"))) - 1
	if last < 0 || done.at("client.sign_in") != nil || done.at("client.sign_up") != nil {
		t.Fatalf("client after completion: %v", done)
	}
	again := a.must(t, "GET", "/v1/client", nil)
	if again.text("response.last_active_session_id") != id {
		t.Errorf("GET client disagrees: %v", again)
	}
	minted := a.must(t, "POST", "/v1/client/sessions/"+id+"/tokens", form("organization_id", ""))
	if minted.text("object") != "token" || minted.text("jwt") == "" {
		t.Errorf("mint: %v", minted)
	}
	return id
}

func TestSignUpWithPasswordAndCode(t *testing.T) {
	t.Parallel()
	for mode, a := range apps(apitest.Start(t)) {
		email := mode + "@example.com"
		created := a.must(t, "POST", "/v1/client/sign_ups", form(
			"email_address", "  "+mode+"@EXAMPLE.com", "password", password, "first_name", "Ada", "last_name", "Lovelace",
			"unsafe_metadata", `{"plan":"trial"}`, "locale", "en-GB"))
		if created.text("response.status") != "missing_requirements" || created.text("response.unverified_fields.0") != "email_address" ||
			created.text("response.verifications.email_address.next_action") != "needs_prepare" ||
			created.text("response.verifications.email_address.strategy") != "" {
			t.Fatalf("created: %v", created)
		}
		if created.text("client.sign_up.id") != created.text("response.id") {
			t.Errorf("the client does not show the attempt: %v", created)
		}
		done := a.verifySignUp(t, created.text("response.id"), email)
		signedIn(t, a, done)
		if done.at("response.has_password") != true {
			t.Errorf("the completed sign-up says there is no password: %v", done)
		}
		me := a.must(t, "GET", "/v1/me", nil)
		for path, want := range map[string]any{
			"response.first_name": "Ada", "response.email_addresses.0.email_address": email,
			"response.password_enabled": true, "response.unsafe_metadata.plan": "trial", "response.locale": "en-GB",
			"response.email_addresses.0.verification.status": "verified",
		} {
			if me.at(path) != want {
				t.Errorf("%s: %v, want %v", path, me.at(path), want)
			}
		}
	}
}

func TestSignUpWithCodeAlone(t *testing.T) {
	t.Parallel()
	for mode, a := range apps(apitest.Start(t)) {
		email := mode + "@example.com"
		created := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", email))
		signedIn(t, a, a.verifySignUp(t, created.text("response.id"), email))
		if a.must(t, "GET", "/v1/me", nil).at("response.password_enabled") != false {
			t.Error("a password that was never given")
		}
	}
}

// The code is asked for in the same request that begins the attempt.
func TestSignUpPreparedAtOnce(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	created := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com", "strategy", "email_code"))
	if created.text("response.verifications.email_address.next_action") != "needs_attempt" {
		t.Fatalf("created: %v", created)
	}
	signedIn(t, a, a.must(t, "POST", "/v1/client/sign_ups/"+created.text("response.id")+"/attempt_verification",
		form("strategy", "email_code", "code", a.s.Code(t, "a@example.com"))))
}

func TestSignUpCompletedByUpdate(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.PasswordRequired = true })
	a := nativeApp(s)
	created := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "typo@example.com"))
	id := created.text("response.id")
	if created.text("response.missing_fields.0") != "password" {
		t.Fatalf("created: %v", created)
	}
	// The address is corrected: what was proven about the old one is void.
	a.must(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", form("strategy", "email_code"))
	a.must(t, "PATCH", "/v1/client/sign_ups/"+id, form("email_address", "right@example.com"))
	a.refused(t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification",
		form("strategy", "email_code", "code", s.Code(t, "typo@example.com")), 422, "verification_missing")
	a.must(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", form("strategy", "email_code"))
	verified := a.must(t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification",
		form("strategy", "email_code", "code", s.Code(t, "right@example.com")))
	if verified.text("response.status") != "missing_requirements" {
		t.Fatalf("complete without a password: %v", verified)
	}
	signedIn(t, a, a.must(t, "PATCH", "/v1/client/sign_ups/"+id, form("password", password)))
}

func TestSignInWithPassword(t *testing.T) {
	t.Parallel()
	for mode, a := range apps(apitest.Start(t)) {
		email := mode + "@example.com"
		a.signUp(t, email)
		b := a.other()
		signedIn(t, b, b.must(t, "POST", "/v1/client/sign_ins", form("strategy", "password", "identifier", email, "password", password)))

		c := a.other()
		begun := c.must(t, "POST", "/v1/client/sign_ins", form("identifier", email))
		if begun.text("response.status") != "needs_first_factor" || begun.text("client.sign_in.id") != begun.text("response.id") {
			t.Fatalf("begun: %v", begun)
		}
		signedIn(t, c, c.must(t, "POST", "/v1/client/sign_ins/"+begun.text("response.id")+"/attempt_first_factor",
			form("strategy", "password", "password", password)))
	}
}

func TestSignInWithEmailCode(t *testing.T) {
	t.Parallel()
	for mode, a := range apps(apitest.Start(t)) {
		email := mode + "@example.com"
		a.signUp(t, email)
		b := a.other()
		begun := b.must(t, "POST", "/v1/client/sign_ins", form("identifier", email))
		factor := ""
		for i := range 5 {
			if p := "response.supported_first_factors." + string(rune('0'+i)); begun.text(p+".strategy") == "email_code" {
				factor = begun.text(p + ".email_address_id")
			}
		}
		id := begun.text("response.id")
		prepared := b.must(t, "POST", "/v1/client/sign_ins/"+id+"/prepare_first_factor",
			form("strategy", "email_code", "email_address_id", factor))
		if prepared.text("response.first_factor_verification.status") != "unverified" {
			t.Fatalf("prepared: %v", prepared)
		}
		signedIn(t, b, b.must(t, "POST", "/v1/client/sign_ins/"+id+"/attempt_first_factor",
			form("strategy", "email_code", "code", a.s.Code(t, email))))
	}
}

func TestResetPassword(t *testing.T) {
	t.Parallel()
	for mode, a := range apps(apitest.Start(t)) {
		email := mode + "@example.com"
		elsewhere := a.signUp(t, email)
		b := a.other()
		begun := b.must(t, "POST", "/v1/client/sign_ins", form("identifier", email, "strategy", "reset_password_email_code"))
		id := begun.text("response.id")
		proven := b.must(t, "POST", "/v1/client/sign_ins/"+id+"/attempt_first_factor",
			form("strategy", "reset_password_email_code", "code", a.s.Code(t, email)))
		if proven.text("response.status") != "needs_new_password" {
			t.Fatalf("proven: %v", proven)
		}
		b.refused(t, "POST", "/v1/client/sign_ins/"+id+"/reset_password", form("password", "short"), 422, "form_password_length_too_short")
		const newer = "another staple altogether"
		signedIn(t, b, b.must(t, "POST", "/v1/client/sign_ins/"+id+"/reset_password",
			form("password", newer, "sign_out_of_other_sessions", "true")))
		if got := a.sessions(t); len(got) != 0 {
			t.Errorf("%s: session %s survived: %v", mode, elsewhere, got)
		}
		a.refused(t, "POST", "/v1/client/sessions/"+elsewhere+"/tokens", nil, 401, "authentication_invalid")
		c := a.other()
		c.refused(t, "POST", "/v1/client/sign_ins", form("identifier", email, "password", password), 422, "form_password_incorrect")
		c.must(t, "POST", "/v1/client/sign_ins", form("identifier", email, "password", newer))
		if m := a.s.Messages(t, email)[0]; m.Code != "" {
			t.Errorf("the newest mail does not tell of the change: %+v", m)
		}
	}
}

func TestSignInWithTicket(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	user := a.must(t, "GET", "/v1/me", nil).text("response.id")
	made := backend(t, s, "POST", "/v1/sign_in_tokens", `{"user_id":"`+user+`"}`)
	b := a.other()
	first := b.must(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", made.text("token")))
	id := signedIn(t, b, first)
	// The answer was lost and the request is repeated: same session, not "already used".
	again := b.must(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", made.text("token")))
	if again.text("response.created_session_id") != id {
		t.Errorf("repeated: %v", again)
	}
	a.other().refused(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", made.text("token")),
		422, "sign_in_token_already_used_code")
	a.other().refused(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", "pst_garbage"), 422, "ticket_invalid_code")
	made = backend(t, s, "POST", "/v1/sign_in_tokens", `{"user_id":"`+user+`","expires_in_seconds":60}`)
	s.Advance(time.Minute)
	a.other().refused(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", made.text("token")), 422, "ticket_expired_code")
}

func TestReload(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	up := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com")).text("response.id")
	if got := a.must(t, "GET", "/v1/client/sign_ups/"+up, nil); got.text("response.id") != up {
		t.Errorf("sign-up: %v", got)
	}
	a.verifySignUp(t, up, "a@example.com")
	a.other().signUp(t, "b@example.com")
	in := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "b@example.com")).text("response.id")
	if got := a.must(t, "GET", "/v1/client/sign_ins/"+in, nil); got.text("response.id") != in {
		t.Errorf("sign-in: %v", got)
	}
	b := a.other()
	b.must(t, "GET", "/v1/client", nil)
	b.refused(t, "GET", "/v1/client/sign_ins/"+in, nil, 404, "resource_not_found")
	b.refused(t, "GET", "/v1/client/sign_ups/"+up, nil, 404, "resource_not_found")
	a.s.Advance(auth.AttemptLifetime)
	a.refused(t, "GET", "/v1/client/sign_ins/"+in, nil, 404, "resource_not_found")
}

func TestTestIdentities(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	const email = "ada+clerk_test@example.com"
	created := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", email, "strategy", "email_code"))
	signedIn(t, a, a.must(t, "POST", "/v1/client/sign_ups/"+created.text("response.id")+"/attempt_verification",
		form("strategy", "email_code", "code", "424242")))
	if m := s.Messages(t, ""); len(m) != 0 {
		t.Errorf("a test identity got mail: %+v", m)
	}
	strict := nativeApp(apitest.Start(t, func(o *apitest.Options) { o.Settings.TestCodes = false }))
	created = strict.must(t, "POST", "/v1/client/sign_ups", form("email_address", email, "strategy", "email_code"))
	strict.refused(t, "POST", "/v1/client/sign_ups/"+created.text("response.id")+"/attempt_verification",
		form("strategy", "email_code", "code", "424242"), 422, "form_code_incorrect")
}
