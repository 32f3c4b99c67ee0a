package frontendapi_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/factor"
)

// withPhones switches phone numbers on, for both factors.
func withPhones(o *apitest.Options) {
	o.Settings.Phone, o.Settings.SecondFactors.PhoneCode, o.Settings.SecondFactors.EmailCode = auth.UseOptional, true, true
}

// authenticator is a person's app.
type authenticator struct {
	secret string
	s      *apitest.Server
}

// code is what the app shows. The clock moves on first, because a code is
// accepted once.
func (a authenticator) code(t *testing.T) string {
	t.Helper()
	a.s.Advance(time.Minute)
	code, err := factor.Password(a.secret, a.s.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// setUpTOTP adds an authenticator app and returns it with the backup codes.
func (a *app) setUpTOTP(t *testing.T) (authenticator, []string) {
	t.Helper()
	begun := a.must(t, "POST", "/v1/me/totp", nil)
	phone := authenticator{begun.text("response.secret"), a.s}
	if begun.at("response.verified") != false || phone.secret == "" || begun.text("response.uri")[:10] != "otpauth://" {
		t.Fatalf("begun: %v", begun)
	}
	proven := a.must(t, "POST", "/v1/me/totp/attempt_verification", form("code", phone.code(t)))
	codes, _ := proven.at("response.backup_codes").([]any)
	if proven.at("response.verified") != true || len(codes) != auth.BackupCodeCount || proven.at("response.secret") != nil {
		t.Fatalf("proven: %v", proven)
	}
	out := make([]string, 0, len(codes))
	for _, c := range codes {
		text, _ := c.(string)
		out = append(out, text)
	}
	return phone, out
}

// firstFactor signs in by password and returns the path of the attempt, which
// must wait for its second factor.
func (a *app) firstFactor(t *testing.T, email string) string {
	t.Helper()
	got := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", email, "password", password))
	if got.text("response.status") != "needs_second_factor" || got.at("response.created_session_id") != nil || len(a.sessions(t)) != 0 {
		t.Fatalf("after the first factor: %v", got)
	}
	return "/v1/client/sign_ins/" + got.text("response.id")
}

func TestSecondFactorByApp(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	phone, _ := owner.setUpTOTP(t)
	me := owner.must(t, "GET", "/v1/me", nil)
	if me.at("response.totp_enabled") != true || me.at("response.two_factor_enabled") != true || me.at("response.backup_code_enabled") != true {
		t.Errorf("the user does not show it: %v", me)
	}
	a := nativeApp(s)
	step := a.firstFactor(t, "a@example.com")
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", "000000"), 422, "form_code_incorrect")
	code := phone.code(t)
	done := a.must(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", code))
	signedIn(t, a, done)
	again := a.must(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", code))
	if again.text("response.created_session_id") != done.text("response.created_session_id") {
		t.Errorf("the same request again: %v", again)
	}
	age, _ := a.must(t, "GET", "/v1/client", nil).at("response.sessions.0.factor_verification_age").([]any)
	if len(age) != 2 || age[0] != float64(1) && age[0] != float64(0) || age[1] != float64(0) {
		t.Errorf("factor ages: %v", age)
	}
	// The same code of somebody who looked over the shoulder.
	thief := nativeApp(s)
	step = thief.firstFactor(t, "a@example.com")
	thief.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", code), 422, "form_code_incorrect")
}

func TestBackupCodesWorkOnce(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	_, codes := owner.setUpTOTP(t)
	a := nativeApp(s)
	step := a.firstFactor(t, "a@example.com")
	// People type them with spaces and capitals.
	typed := codes[0][:5] + " - " + codes[0][5:]
	signedIn(t, a, a.must(t, "POST", step+"/attempt_second_factor", form("strategy", "backup_code", "code", typed)))
	b := nativeApp(s)
	step = b.firstFactor(t, "a@example.com")
	b.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "backup_code", "code", codes[0]), 422, "form_code_incorrect")
	signedIn(t, b, b.must(t, "POST", step+"/attempt_second_factor", form("strategy", "backup_code", "code", codes[1])))

	fresh := owner.must(t, "POST", "/v1/me/backup_codes/", nil)
	if list, _ := fresh.at("response.codes").([]any); len(list) != auth.BackupCodeCount {
		t.Errorf("a new set: %v", fresh)
	}
	c := nativeApp(s)
	step = c.firstFactor(t, "a@example.com")
	c.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "backup_code", "code", codes[2]), 422, "form_code_incorrect")
	c.must(t, "POST", step+"/attempt_second_factor", form("strategy", "backup_code", "code", fresh.text("response.codes.0")))
}

func TestSecondFactorByText(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPhones)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	number := owner.must(t, "POST", "/v1/me/phone_numbers/", form("phone_number", "+49 (30) 1234567"))
	if number.text("response.phone_number") != "+49301234567" {
		t.Fatalf("not E.164: %v", number)
	}
	path := "/v1/me/phone_numbers/" + number.text("response.id")
	owner.refused(t, "PATCH", path, form("reserved_for_second_factor", "true"), 422, "primary_identification_not_verified")
	owner.must(t, "POST", path+"/prepare_verification", nil)
	owner.must(t, "POST", path+"/attempt_verification", form("code", s.Code(t, "+49301234567")))
	reserved := owner.must(t, "PATCH", path, form("reserved_for_second_factor", "true", "default_second_factor", "true"))
	if codes, _ := reserved.at("response.backup_codes").([]any); len(codes) != auth.BackupCodeCount {
		t.Errorf("no backup codes with the first second factor: %v", reserved)
	}
	// Reserved, it is no first factor any more.
	nativeApp(s).refused(t, "POST", "/v1/client/sign_ins", form("identifier", "+49301234567"), 422, "form_identifier_not_found")

	a := nativeApp(s)
	step := a.firstFactor(t, "a@example.com")
	offered := a.must(t, "GET", step, nil)
	if offered.text("response.supported_second_factors.0.safe_identifier") != "+4********67" ||
		offered.text("response.supported_second_factors.0.strategy") != "phone_code" ||
		offered.at("response.supported_second_factors.0.default") != true {
		t.Errorf("offered: %v", offered)
	}
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "phone_code", "code", "123456"), 422, "verification_missing")
	prepared := a.must(t, "POST", step+"/prepare_second_factor",
		form("strategy", "phone_code", "phone_number_id", offered.text("response.supported_second_factors.0.phone_number_id")))
	if prepared.text("response.second_factor_verification.channel") != "sms" {
		t.Errorf("prepared: %v", prepared)
	}
	signedIn(t, a, a.must(t, "POST", step+"/attempt_second_factor", form("strategy", "phone_code", "code", s.Code(t, "+49301234567"))))

	byMail := nativeApp(s)
	step = byMail.firstFactor(t, "a@example.com")
	byMail.must(t, "POST", step+"/prepare_second_factor", form("strategy", "email_code"))
	signedIn(t, byMail, byMail.must(t, "POST", step+"/attempt_second_factor", form("strategy", "email_code", "code", s.Code(t, "a@example.com"))))
}

func TestSecondFactorRefusals(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPhones)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	owner.refused(t, "POST", "/v1/me/backup_codes", nil, 403, "feature_not_enabled")
	owner.refused(t, "POST", "/v1/me/totp/attempt_verification", form("code", "000000"), 404, "resource_not_found")
	owner.refused(t, "DELETE", "/v1/me/totp", nil, 404, "resource_not_found")
	phone, _ := owner.setUpTOTP(t)
	owner.refused(t, "POST", "/v1/me/totp", nil, 400, "totp_already_enabled")

	a := nativeApp(s)
	first := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com"))
	step := "/v1/client/sign_ins/" + first.text("response.id")
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)), 422, "client_state_invalid")
	a.must(t, "POST", step+"/attempt_first_factor", form("strategy", "password", "password", password))
	a.refused(t, "POST", step+"/attempt_first_factor", form("strategy", "password", "password", password), 422, "client_state_invalid")
	a.refused(t, "POST", step+"/prepare_second_factor", form("strategy", "phone_code"), 422, "strategy_for_user_invalid")
	a.refused(t, "POST", step+"/prepare_second_factor", form("strategy", "totp"), 422, "strategy_not_supported")
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "password", "code", "x"), 422, "strategy_for_user_invalid")
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp"), 422, "form_param_missing")
	// A first factor does not wait for ever, and dies with the password.
	s.Advance(auth.SecondFactorLifetime)
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)), 422, "verification_expired")
	b := nativeApp(s)
	step = b.firstFactor(t, "a@example.com")
	owner.must(t, "POST", "/v1/me/change_password", form("current_password", password, "new_password", "another fine password"))
	b.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)), 422, "verification_expired")
}

// Guessing second factors locks the account as guessing passwords does.
func TestSecondFactorLockout(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	phone, _ := owner.setUpTOTP(t)
	a := nativeApp(s)
	step := a.firstFactor(t, "a@example.com")
	for range auth.LockoutFailures {
		a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", "000000"), 422, "form_code_incorrect")
	}
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)), 403, "user_locked")
}

// TestRequiredSecondFactor keeps a session pending until one is set up.
func TestRequiredSecondFactor(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.SecondFactors.Required = true })
	a := nativeApp(s)
	created := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com", "password", password))
	a.verifySignUp(t, created.text("response.id"), "a@example.com")
	client := a.must(t, "GET", "/v1/client", nil)
	if client.text("response.sessions.0.status") != "pending" || client.text("response.sessions.0.tasks.0.key") != "setup-mfa" {
		t.Fatalf("not pending: %v", client)
	}
	a.setUpTOTP(t)
	client = a.must(t, "GET", "/v1/client", nil)
	if client.text("response.sessions.0.status") != "active" || client.at("response.sessions.0.tasks") != nil {
		t.Errorf("not active: %v", client)
	}
	a.refused(t, "DELETE", "/v1/me/totp", nil, 403, "second_factor_required")
}

func TestRemovingTheSecondFactor(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	a.setUpTOTP(t)
	gone := a.must(t, "DELETE", "/v1/me/totp", nil)
	if gone.at("response.deleted") != true || !regexp.MustCompile(`^totp_`).MatchString(gone.text("response.id")) {
		t.Errorf("gone: %v", gone)
	}
	me := a.must(t, "GET", "/v1/me", nil)
	if me.at("response.two_factor_enabled") != false || me.at("response.backup_code_enabled") != false || me.at("response.mfa_disabled_at") == nil {
		t.Errorf("still there: %v", me)
	}
	b := nativeApp(s)
	signedIn(t, b, b.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", password)))
}

// TestPasswordResetKeepsTheSecondFactor: whoever reads the mail alone does not
// get in.
func TestPasswordResetKeepsTheSecondFactor(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	phone, _ := owner.setUpTOTP(t)
	a := nativeApp(s)
	begun := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "strategy", "reset_password_email_code"))
	step := "/v1/client/sign_ins/" + begun.text("response.id")
	a.must(t, "POST", step+"/attempt_first_factor", form("strategy", "reset_password_email_code", "code", s.Code(t, "a@example.com")))
	got := a.must(t, "POST", step+"/reset_password", form("password", "another fine password"))
	if got.text("response.status") != "needs_second_factor" || len(a.sessions(t)) != 0 {
		t.Fatalf("after the reset: %v", got)
	}
	signedIn(t, a, a.must(t, "POST", step+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t))))
}
