package frontendapi_test

import (
	"slices"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func withMailFactor(o *apitest.Options) { o.Settings.SecondFactors.EmailCode = true }

// strategies are those of a list of factors.
func strategies(list any) (out []string) {
	elements, _ := list.([]any)
	for _, e := range elements {
		factor, _ := e.(map[string]any)
		name, _ := factor["strategy"].(string)
		out = append(out, name)
	}
	return out
}

// A code by mail stands in for the authenticator app after a password: once,
// not with a code for another purpose, and counted like any other.
func TestSecondFactorByMail(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withMailFactor)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	if got := owner.other().must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", password)); got.text("response.status") != "complete" {
		t.Fatalf("nobody set up a second factor, and yet: %v", got)
	}
	owner.setUpTOTP(t)

	a := nativeApp(s)
	step := a.firstFactor(t, "a@example.com")
	offered := a.must(t, "GET", step, nil)
	if got := strategies(offered.at("response.supported_second_factors")); !slices.Equal(got, []string{"totp", "backup_code", "email_code"}) {
		t.Errorf("offered: %v", got)
	}
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "email_code", "code", "123456"), 422, "verification_missing")
	prepared := a.must(t, "POST", step+"/prepare_second_factor", form("strategy", "email_code"))
	if prepared.text("response.second_factor_verification.strategy") != "email_code" || prepared.text("response.status") != "needs_second_factor" {
		t.Errorf("prepared: %v", prepared)
	}
	code := s.Code(t, "a@example.com")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	a.refused(t, "POST", step+"/attempt_second_factor", form("strategy", "email_code", "code", wrong), 422, "form_code_incorrect")
	b := nativeApp(s)
	other := b.firstFactor(t, "a@example.com")
	b.must(t, "POST", other+"/prepare_second_factor", form("strategy", "email_code"))
	if s.Code(t, "a@example.com") != code {
		b.refused(t, "POST", other+"/attempt_second_factor", form("strategy", "email_code", "code", code), 422, "form_code_incorrect")
	}
	done := a.must(t, "POST", step+"/attempt_second_factor", form("strategy", "email_code", "code", code))
	signedIn(t, a, done)
	if age, _ := done.at("client.sessions.0.factor_verification_age").([]any); len(age) != 2 || age[1] != 0.0 {
		t.Errorf("the session does not say that a second factor was proven: %v", age)
	}

	// Too late.
	c := nativeApp(s)
	late := c.firstFactor(t, "a@example.com")
	c.must(t, "POST", late+"/prepare_second_factor", form("strategy", "email_code"))
	code = s.Code(t, "a@example.com")
	s.Advance(auth.CodeLifetime)
	c.refused(t, "POST", late+"/attempt_second_factor", form("strategy", "email_code", "code", code), 422, "verification_expired")
}

// Who proved with the mailbox proves nothing more with it.
func TestMailboxIsNotBothFactors(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withMailFactor)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	owner.setUpTOTP(t)
	a := nativeApp(s)
	begun := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "strategy", "email_code"))
	step := "/v1/client/sign_ins/" + begun.text("response.id")
	due := a.must(t, "POST", step+"/attempt_first_factor", form("strategy", "email_code", "code", s.Code(t, "a@example.com")))
	if got := strategies(due.at("response.supported_second_factors")); !slices.Equal(got, []string{"totp", "backup_code"}) {
		t.Errorf("offered: %v", got)
	}
	a.refused(t, "POST", step+"/prepare_second_factor", form("strategy", "email_code"), 422, "strategy_for_user_invalid")
}
