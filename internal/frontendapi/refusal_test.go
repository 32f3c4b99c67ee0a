package frontendapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func TestSignUpRefusals(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withUsernames)
	nativeApp(s).signUp(t, "taken@example.com")
	a := nativeApp(s)
	const path = "/v1/client/sign_ups"
	a.Run(t, []apitest.Scenario{
		{Name: "taken address", Request: post(path, "email_address", "Taken@example.com"), Status: 422,
			Code: "form_identifier_exists", Param: "email_address"},
		{Name: "not an address", Request: post(path, "email_address", "not an address"), Status: 422,
			Code: "form_param_format_invalid", Param: "email_address"},
		{Name: "short password", Request: post(path, "email_address", "b@example.com", "password", "short"), Status: 422,
			Code: "form_password_length_too_short", Param: "password"},
		{Name: "common password", Request: post(path, "email_address", "b@example.com", "password", "password123"), Status: 422,
			Code: "form_password_pwned", Param: "password"},
		{Name: "long password", Request: post(path, "email_address", "b@example.com", "password", strings.Repeat("ab1 ", 40)), Status: 422,
			Code: "form_password_length_too_long", Param: "password"},
		{Name: "bad username", Request: post(path, "email_address", "b@example.com", "username", "a b"), Status: 422,
			Code: "form_username_invalid_length", Param: "username"},
		{Name: "long name", Request: post(path, "email_address", "b@example.com", "first_name", strings.Repeat("x", 300)), Status: 422,
			Code: "form_param_max_length_exceeded", Param: "first_name"},
		{Name: "metadata that is no object", Request: post(path, "email_address", "b@example.com", "unsafe_metadata", "[1]"), Status: 422,
			Code: "form_param_value_invalid", Param: "unsafe_metadata"},
		{Name: "metadata that is no JSON", Request: post(path, "email_address", "b@example.com", "unsafe_metadata", "{"), Status: 422,
			Code: "form_param_value_invalid", Param: "unsafe_metadata"},
		{Name: "unsupported strategy", Request: post(path, "strategy", "oauth_google", "redirect_url", "x://y"), Status: 422,
			Code: "strategy_not_supported", Param: "strategy"},
		{Name: "transfer of nothing", Request: post(path, "transfer", "true"), Status: 422, Code: "form_param_value_invalid", Param: "transfer"},
		{Name: "several at once", Request: post(path, "email_address", "x", "username", "a"), Status: 422,
			Code: "form_param_format_invalid", Contains: []string{"form_username_invalid_length"}},
	})
	id := a.must(t, "POST", path, form("email_address", "b@example.com")).text("response.id")
	a.Run(t, []apitest.Scenario{
		{Name: "code before it was sent", Request: post(path+"/"+id+"/attempt_verification", "strategy", "email_code", "code", "123456"),
			Status: 422, Code: "verification_missing"},
		{Name: "prepare without strategy", Request: post(path + "/" + id + "/prepare_verification"), Status: 422, Param: "strategy", Code: "form_param_missing"},
		{Name: "prepare by phone", Request: post(path+"/"+id+"/prepare_verification", "strategy", "phone_code"), Status: 422, Code: "strategy_not_supported"},
		{Name: "unknown attempt", Request: post(path+"/sua_0/prepare_verification", "strategy", "email_code"), Status: 404, Code: "resource_not_found"},
		{Name: "not an id", Request: post(path+"/%00/prepare_verification", "strategy", "email_code"), Status: 404, Code: "resource_not_found"},
	})
	closed := nativeApp(apitest.Start(t, func(o *apitest.Options) { o.Settings.SignUpMode = auth.SignUpRestricted }))
	closed.refused(t, "POST", path, form("email_address", "b@example.com"), 403, "sign_up_mode_restricted")
}

func post(path string, pairs ...string) apitest.Request {
	return apitest.Request{Method: "POST", Path: path, Body: form(pairs...).Encode()}
}

func TestSignInRefusals(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	nativeApp(s).signUp(t, "a@example.com")
	codeOnly := nativeApp(s)
	id := codeOnly.must(t, "POST", "/v1/client/sign_ups", form("email_address", "code@example.com")).text("response.id")
	codeOnly.verifySignUp(t, id, "code@example.com")
	a := nativeApp(s)
	const path = "/v1/client/sign_ins"
	a.Run(t, []apitest.Scenario{
		{Name: "unknown address", Request: post(path, "identifier", "nobody@example.com"), Status: 422, Code: "form_identifier_not_found", Param: "identifier"},
		{Name: "unknown username", Request: post(path, "identifier", "nobody"), Status: 422, Code: "form_identifier_not_found", Param: "identifier"},
		{Name: "no identifier can be that", Request: post(path, "identifier", "a@b@c"), Status: 422, Code: "form_param_format_invalid", Param: "identifier"},
		{Name: "wrong password", Request: post(path, "identifier", "a@example.com", "password", "not the password"), Status: 422,
			Code: "form_password_incorrect", Param: "password"},
		{Name: "no password set", Request: post(path, "identifier", "code@example.com", "password", "whatever"), Status: 422, Code: "strategy_for_user_invalid"},
		{Name: "strategy without its secret", Request: post(path, "identifier", "a@example.com", "strategy", "password"), Status: 422,
			Code: "form_param_missing", Param: "password"},
		{Name: "strategy without identifier", Request: post(path, "strategy", "email_code"), Status: 422, Code: "form_param_missing", Param: "identifier"},
		{Name: "ticket without ticket", Request: post(path, "strategy", "ticket"), Status: 422, Code: "form_param_missing", Param: "ticket"},
		{Name: "unsupported strategy", Request: post(path, "strategy", "passkey"), Status: 422, Code: "strategy_not_supported", Param: "strategy"},
	})
	begun := a.must(t, "POST", path, form("identifier", "a@example.com"))
	step := path + "/" + begun.text("response.id")
	a.Run(t, []apitest.Scenario{
		{Name: "code before it was sent", Request: post(step+"/attempt_first_factor", "strategy", "email_code", "code", "123456"), Status: 422, Code: "verification_missing"},
		{Name: "no strategy", Request: post(step+"/attempt_first_factor", "password", "x"), Status: 422, Code: "form_param_missing", Param: "strategy"},
		{Name: "empty password", Request: post(step+"/attempt_first_factor", "strategy", "password"), Status: 422, Code: "form_param_missing", Param: "password"},
		{Name: "wrong password", Request: post(step+"/attempt_first_factor", "strategy", "password", "password", "no no no"), Status: 422, Code: "form_password_incorrect"},
		{Name: "somebody else's address", Request: post(step+"/prepare_first_factor", "strategy", "email_code", "email_address_id", "idn_0"), Status: 422,
			Code: "form_param_value_invalid", Param: "email_address_id"},
		{Name: "reset before the code", Request: post(step+"/reset_password", "password", "long enough to pass"), Status: 422, Code: "client_state_invalid"},
		{Name: "unknown attempt", Request: post(path+"/sia_0/attempt_first_factor", "strategy", "password", "password", "x"), Status: 404, Code: "resource_not_found"},
	})
	a.must(t, "POST", step+"/attempt_first_factor", form("strategy", "password", "password", password))
	a.refused(t, "POST", step+"/prepare_first_factor", form("strategy", "email_code"), 422, "client_state_invalid")
}

func TestCodesEndAndCount(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	id := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com", "strategy", "email_code")).text("response.id")
	step := "/v1/client/sign_ups/" + id
	code := s.Code(t, "a@example.com")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for range auth.CodeAttempts - 1 {
		a.refused(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", wrong), 422, "form_code_incorrect")
	}
	a.refused(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", wrong), 422, "verification_failed")
	a.refused(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", code), 422, "verification_failed")
	got := a.refused(t, "POST", step+"/prepare_verification", form("strategy", "email_code"), 429, "too_many_requests")
	if got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.Advance(auth.CodeResendInterval)
	a.must(t, "POST", step+"/prepare_verification", form("strategy", "email_code"))
	a.refused(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", code), 422, "form_code_incorrect")
	code = s.Code(t, "a@example.com")
	s.Advance(auth.CodeLifetime + time.Second)
	a.refused(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", code), 422, "verification_expired")
	a.must(t, "POST", step+"/prepare_verification", form("strategy", "email_code"))
	code = s.Code(t, "a@example.com")
	a.must(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", code))
	// The answer was lost and the code is submitted again.
	again := a.must(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", code))
	if again.text("response.status") != "complete" || len(sessionIDs(again.at("client.sessions"))) != 1 {
		t.Errorf("again: %v", again)
	}
	s.Advance(auth.CodeReplayWindow + time.Second)
	a.refused(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", code), 422, "verification_already_verified")
}

// Two effects, a double tap, a retry: one mail.
func TestPrepareTwiceSendsOnce(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	id := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com")).text("response.id")
	for range 3 {
		a.must(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", form("strategy", "email_code"))
	}
	if m := s.Messages(t, "a@example.com"); len(m) != 1 {
		t.Errorf("%d mails", len(m))
	}
}

// The same for the request that begins the attempt and asks for the code.
func TestBeginTwiceSendsOnce(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.must(t, "GET", "/v1/client", nil)
	body := form("email_address", "a@example.com", "strategy", "email_code")
	attempts := map[string]bool{}
	for _, got := range race(func(int) answer { return a.send(t, "POST", "/v1/client/sign_ups", body) }) {
		attempts[got.text("response.id")] = true
	}
	first := a.must(t, "POST", "/v1/client/sign_ups", body).text("response.id")
	if m := s.Messages(t, "a@example.com"); len(m) != 1 || len(attempts) != 1 || !attempts[first] {
		t.Errorf("sign-up: %d mails, attempts %v and %s", len(m), attempts, first)
	}
	a.must(t, "POST", "/v1/client/sign_ups/"+first+"/attempt_verification", form("strategy", "email_code", "code", s.Code(t, "a@example.com")))

	b := nativeApp(s)
	b.must(t, "GET", "/v1/client", nil)
	body = form("identifier", "a@example.com", "strategy", "email_code")
	attempts = map[string]bool{}
	for _, got := range race(func(int) answer { return b.send(t, "POST", "/v1/client/sign_ins", body) }) {
		attempts[got.text("response.id")] = true
	}
	if m := s.Messages(t, "a@example.com"); len(m) != 2 || len(attempts) != 1 {
		t.Errorf("sign-in: %d mails, attempts %v", len(m), attempts)
	}
	s.Advance(auth.CodeReprepareWindow)
	if later := b.must(t, "POST", "/v1/client/sign_ins", body).text("response.id"); attempts[later] {
		t.Error("a later request is not a repeated one")
	}
}

func TestSignInAgainAfterLostAnswer(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.SingleSession = true })
	nativeApp(s).signUp(t, "a@example.com")
	a := nativeApp(s)
	body := form("identifier", "a@example.com", "password", password)
	first := a.must(t, "POST", "/v1/client/sign_ins", body).text("response.created_session_id")
	if again := a.must(t, "POST", "/v1/client/sign_ins", body); again.text("response.created_session_id") != first {
		t.Errorf("again: %v", again)
	}
	a.refused(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", "wrong password"), 422, "form_password_incorrect")
	b := nativeApp(s)
	step := "/v1/client/sign_ins/" + b.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com")).text("response.id") + "/attempt_first_factor"
	attempt := form("strategy", "password", "password", password)
	first = b.must(t, "POST", step, attempt).text("response.created_session_id")
	if again := b.must(t, "POST", step, attempt); again.text("response.created_session_id") != first {
		t.Errorf("again: %v", again)
	}
	s.Advance(auth.CodeReplayWindow + time.Second)
	b.refused(t, "POST", step, attempt, 422, "client_state_invalid")
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	here, there := nativeApp(s), nativeApp(s)
	sid := here.signUp(t, "a@example.com")
	there.signIn(t, "a@example.com")
	const newer = "another staple altogether"
	const path = "/v1/me/change_password"
	here.refused(t, "POST", path, form("current_password", "wrong one", "new_password", newer), 422, "form_password_incorrect")
	here.refused(t, "POST", path, form("new_password", newer), 422, "form_param_missing")
	here.refused(t, "POST", path, form("current_password", password, "new_password", "short"), 422, "form_password_length_too_short")
	here.must(t, "POST", path, form("current_password", password, "new_password", newer, "sign_out_of_other_sessions", "true"))
	if got := here.sessions(t); len(got) != 1 || got[0] != sid {
		t.Errorf("the session that asked: %v", got)
	}
	if got := there.sessions(t); len(got) != 0 {
		t.Errorf("the other session survived: %v", got)
	}
	if m := s.Messages(t, "a@example.com"); len(m) < 2 || m[0].Code != "" {
		t.Errorf("nobody was told: %+v", m)
	}
	there.refused(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", password), 422, "form_password_incorrect")
	here.must(t, "POST", "/v1/me/remove_password", form("current_password", newer))
	if here.must(t, "GET", "/v1/me", nil).at("response.password_enabled") != false {
		t.Error("the password is still there")
	}
	here.must(t, "POST", path, form("new_password", newer))
	there.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", newer))
	here.must(t, "DELETE", "/v1/me", nil)
	for _, a := range []*app{here, there} {
		if got := a.sessions(t); len(got) != 0 {
			t.Errorf("a session outlived its user: %v", got)
		}
	}
}

func TestLockout(t *testing.T) {
	t.Parallel()
	for name, protect := range map[string]bool{"open": false, "protected": true} {
		s := apitest.Start(t, func(o *apitest.Options) { o.Settings.EnumerationProtection = protect })
		a := nativeApp(s)
		a.signUp(t, "a@example.com")
		identifiers := []string{"a@example.com"}
		if protect {
			identifiers = append(identifiers, "nobody@example.com", "nobody")
		}
		for _, identifier := range identifiers {
			b := nativeApp(s)
			try := func(pw string) answer {
				return b.send(t, "POST", "/v1/client/sign_ins", form("identifier", identifier, "password", pw))
			}
			for i := range auth.LockoutFailures {
				if got := try("wrong password"); got.Code() != "form_password_incorrect" {
					t.Fatalf("%s %s: failure %d: %v", name, identifier, i+1, got)
				}
			}
			verifies := s.Passwords.Stats().Verifies
			got := try(password)
			if got.Status != 403 || got.Code() != "user_locked" || got.Header.Get("Retry-After") == "" {
				t.Errorf("%s %s: %v", name, identifier, got)
			}
			if s.Passwords.Stats().Verifies != verifies {
				t.Errorf("%s: a locked account costs a hash", name)
			}
		}
		s.Advance(auth.LockoutDuration)
		a.other().signIn(t, "a@example.com")
	}
}

func TestAddressLimit(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Addresses.Burst, o.Addresses.Every = 3, time.Minute })
	a := nativeApp(s)
	for range 3 {
		a.refused(t, "POST", "/v1/client/sign_ins", form("identifier", "nobody@example.com"), 422, "form_identifier_not_found")
	}
	for _, path := range []string{
		"/v1/client/sign_ins", "/v1/client/sign_ups", "/v1/client/sign_ins/sia_0/attempt_first_factor",
		"/v1/client/sign_ins/sia_0/prepare_first_factor", "/v1/client/sign_ins/sia_0/reset_password",
		"/v1/client/sign_ups/sua_0/prepare_verification", "/v1/client/sign_ups/sua_0/attempt_verification",
		"/v1/me/change_password", "/v1/me/remove_password",
	} {
		a.refused(t, "POST", path, form("identifier", "a@example.com", "strategy", "x"), 429, "too_many_requests")
	}
	for range 20 { // never: some SDKs give up for good on a refusal here
		a.must(t, "GET", "/v1/client", nil)
		a.must(t, "GET", "/v1/environment", nil)
	}
}

func TestCodesPerAccountAreLimited(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Codes.Burst, o.Codes.Every = 2, time.Minute })
	nativeApp(s).signUp(t, "a@example.com")
	limited := 0
	for range 5 { // a fresh attempt each time: the limit is the account's
		got := nativeApp(s).send(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "strategy", "email_code"))
		if got.Status == 429 && got.Header.Get("Retry-After") != "" {
			limited++
		}
	}
	if limited != 3 {
		t.Errorf("%d of 5 refused, want 3", limited)
	}
}

// Fresh attempts do not start a fresh count: codes are guessed against the
// account, not against an attempt.
func TestWrongCodesLockTheAccount(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	nativeApp(s).signUp(t, "a@example.com")
	for range auth.LockoutFailures / auth.CodeAttempts {
		a := nativeApp(s)
		begun := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "strategy", "email_code"))
		for range auth.CodeAttempts {
			a.send(t, "POST", "/v1/client/sign_ins/"+begun.text("response.id")+"/attempt_first_factor",
				form("strategy", "email_code", "code", "00000x"))
		}
	}
	a := nativeApp(s)
	a.refused(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "strategy", "email_code"), 403, "user_locked")
	a.refused(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", password), 403, "user_locked")
	s.Advance(auth.LockoutDuration)
	a.signIn(t, "a@example.com")
}
