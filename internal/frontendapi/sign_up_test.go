package frontendapi_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func withUsernames(o *apitest.Options) { o.Settings.Username = auth.UseOptional }

func TestSignUpWithUsername(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withUsernames)
	a := nativeApp(s)
	created := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com", "username", "Ada_L", "password", password))
	if created.text("response.username") != "ada_l" {
		t.Fatalf("created: %v", created)
	}
	signedIn(t, a, a.verifySignUp(t, created.text("response.id"), "a@example.com"))
	nativeApp(s).must(t, "POST", "/v1/client/sign_ins", form("identifier", "ada_l", "password", password))
	nativeApp(s).refused(t, "POST", "/v1/client/sign_ups", form("email_address", "b@example.com", "username", "ADA_L"), 422, "form_identifier_exists")
}

// Two attempts want one username: the second to finish is told, and can choose
// another one.
func TestUsernameTakenMeanwhile(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withUsernames)
	one, two := nativeApp(s), nativeApp(s)
	first := one.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com", "username", "ada_l")).text("response.id")
	second := two.must(t, "POST", "/v1/client/sign_ups", form("email_address", "b@example.com", "username", "ada_l")).text("response.id")
	one.verifySignUp(t, first, "a@example.com")
	step := "/v1/client/sign_ups/" + second
	two.must(t, "POST", step+"/prepare_verification", form("strategy", "email_code"))
	attempt := form("strategy", "email_code", "code", s.Code(t, "b@example.com"))
	got := two.refused(t, "POST", step+"/attempt_verification", attempt, 422, "form_identifier_exists")
	if got.text("errors.0.meta.param_name") != "username" {
		t.Errorf("which one is taken: %v", got)
	}
	two.must(t, "PATCH", step, form("username", "ada_two"))
	signedIn(t, two, two.must(t, "POST", step+"/attempt_verification", attempt))
}

func TestSignUpIsOverOnce(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	id := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com")).text("response.id")
	a.verifySignUp(t, id, "a@example.com")
	a.refused(t, "PATCH", "/v1/client/sign_ups/"+id, form("first_name", "Eve"), 422, "client_state_invalid")
	a.refused(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", form("strategy", "email_code"), 422, "verification_already_verified")
	if got := a.must(t, "GET", "/v1/me", nil); got.at("response.first_name") != nil {
		t.Errorf("a completed attempt changed the user: %v", got)
	}
}

// A new attempt on the same client replaces the one before.
func TestNewAttemptReplaces(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	first := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com")).text("response.id")
	second := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "b@example.com")).text("response.id")
	a.refused(t, "GET", "/v1/client/sign_ups/"+first, nil, 404, "resource_not_found")
	if got := a.must(t, "GET", "/v1/client", nil); got.text("response.sign_up.id") != second {
		t.Errorf("%v", got)
	}
}
