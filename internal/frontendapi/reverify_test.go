package frontendapi_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func withReverification(o *apitest.Options) { o.Settings.Reverification = true }

// TestSensitiveChangesNeedAFreshProof lets the proof of the sign-in get old.
func TestSensitiveChangesNeedAFreshProof(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withReverification)
	a := nativeApp(s)
	id := a.signUp(t, "a@example.com")
	a.must(t, "POST", "/v1/me/email_addresses", form("email_address", "b@example.com")) // just signed in
	s.Advance(auth.ReverificationAge + time.Second)
	refused := a.refused(t, "POST", "/v1/me/email_addresses", form("email_address", "c@example.com"), 403, "session_reverification_required")
	if refused.text("errors.0.meta.level") != "first_factor" {
		t.Errorf("level: %v", refused)
	}
	for path, method := range map[string]string{
		"/v1/me": "DELETE", "/v1/me/totp": "POST", "/v1/me/remove_password": "POST", "/v1/me/backup_codes": "POST",
	} {
		a.refused(t, method, path, form("current_password", password), 403, "session_reverification_required")
	}
	verify := "/v1/client/sessions/" + id + "/verify"
	a.must(t, "POST", verify, form("level", "first_factor"))
	done := a.must(t, "POST", verify+"/attempt_first_factor", form("strategy", "password", "password", password))
	if done.text("response.status") != "complete" || done.text("response.session.id") != id {
		t.Fatalf("done: %v", done)
	}
	a.must(t, "POST", "/v1/me/email_addresses", form("email_address", "c@example.com"))
	// With a second factor, the first alone is not enough.
	phone, _ := a.setUpTOTP(t)
	s.Advance(auth.ReverificationAge + time.Second)
	refused = a.refused(t, "DELETE", "/v1/me/totp", nil, 403, "session_reverification_required")
	if refused.text("errors.0.meta.level") != "second_factor" {
		t.Errorf("level: %v", refused)
	}
	a.must(t, "POST", verify, form("level", "second_factor"))
	a.refused(t, "POST", verify+"/attempt_second_factor", form("strategy", "totp", "code", "000000"), 422, "form_code_incorrect")
	a.must(t, "POST", verify+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)))
	a.must(t, "DELETE", "/v1/me/totp", nil)
}

func TestReverificationSteps(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPhones)
	a := nativeApp(s)
	id := a.signUp(t, "a@example.com")
	verify := "/v1/client/sessions/" + id + "/verify"
	a.refused(t, "POST", verify+"/prepare_first_factor", form("strategy", "email_code"), 404, "session_reverification_not_found")
	a.refused(t, "POST", verify, nil, 422, "form_param_missing")
	a.refused(t, "POST", verify, form("level", "all"), 422, "form_param_value_invalid")
	nativeApp(s).refused(t, "POST", verify, form("level", "first_factor"), 401, "authentication_invalid")
	// Nobody asks for a factor that the person does not have.
	begun := a.must(t, "POST", verify, form("level", "multi_factor"))
	if begun.text("response.level") != "first_factor" || begun.text("response.status") != "needs_first_factor" {
		t.Errorf("begun: %v", begun)
	}
	a.refused(t, "POST", verify+"/attempt_second_factor", form("strategy", "totp", "code", "000000"), 422, "client_state_invalid")
	a.refused(t, "POST", verify+"/attempt_first_factor", form("strategy", "password", "password", "wrong password"), 422, "form_password_incorrect")
	a.must(t, "POST", verify+"/prepare_first_factor", form("strategy", "email_code"))
	a.refused(t, "POST", verify+"/attempt_first_factor", form("strategy", "email_code", "code", "000000"), 422, "form_code_incorrect")
	done := a.must(t, "POST", verify+"/attempt_first_factor", form("strategy", "email_code", "code", s.Code(t, "a@example.com")))
	if done.text("response.status") != "complete" {
		t.Errorf("done: %v", done)
	}
	a.refused(t, "POST", verify+"/prepare_first_factor", form("strategy", "email_code"), 422, "client_state_invalid")

	phone, _ := a.setUpTOTP(t)
	a.must(t, "POST", verify, form("level", "multi_factor"))
	half := a.must(t, "POST", verify+"/attempt_first_factor", form("strategy", "password", "password", password))
	if half.text("response.status") != "needs_second_factor" || half.text("response.supported_second_factors.0.strategy") != "totp" {
		t.Errorf("half: %v", half)
	}
	done = a.must(t, "POST", verify+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)))
	if done.text("response.status") != "complete" {
		t.Errorf("done: %v", done)
	}
	a.must(t, "POST", verify, form("level", "first_factor"))
	s.Advance(auth.ReverificationLifetime)
	a.refused(t, "POST", verify+"/attempt_first_factor", form("strategy", "password", "password", password), 422, "client_state_invalid")
}
