package frontendapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/apitest"
)

// weak is long enough, on no list of the first passwords that are tried, and
// guessed all the same.
const weak = "Wintertime7"

// A password that is too easy to guess is refused wherever one is set, with the
// advice that the components show, and nothing changes.
func TestPasswordStrength(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	unasked := nativeApp(s)
	unasked.must(t, "POST", "/v1/client/sign_ups", form("email_address", "any@example.com", "password", weak))

	backend(t, s, "PATCH", "/v1/instance/settings", `{"password_settings":{"min_zxcvbn_strength":3,"show_zxcvbn":true}}`)
	published := "user_settings.password_settings."
	if e := nativeApp(s).must(t, "GET", "/v1/environment", nil); e.at(published+"min_zxcvbn_strength") != 3.0 || e.at(published+"show_zxcvbn") != true {
		t.Errorf("the environment does not say so: %v", e.at("user_settings.password_settings"))
	}
	a := nativeApp(s)
	a.signUp(t, "ada@example.com")
	user := a.must(t, "GET", "/v1/me", nil).text("response.id")
	reset := a.other()
	id := reset.must(t, "POST", "/v1/client/sign_ins", form("identifier", "ada@example.com", "strategy", "reset_password_email_code")).text("response.id")
	reset.must(t, "POST", "/v1/client/sign_ins/"+id+"/attempt_first_factor",
		form("strategy", "reset_password_email_code", "code", s.Code(t, "ada@example.com")))

	for _, step := range []struct {
		name, method, path, param string
		as                        *app
		more                      []string // further parameters
	}{
		{"sign-up", "POST", "/v1/client/sign_ups", "password", a.other(), []string{"email_address", "bob@example.com"}},
		{"change", "POST", "/v1/me/change_password", "new_password", a, []string{"current_password", password}},
		{"reset", "POST", "/v1/client/sign_ins/" + id + "/reset_password", "password", reset, nil},
		{"creation by a back end", "POST", "/v1/users", "password", nil, nil},
		{"change by a back end", "PATCH", "/v1/users/" + user, "password", nil, nil},
	} {
		var got answer
		if step.as == nil {
			got = answer{s.BackEnd().Do(t, step.method, step.path, `{"email_address":["carl@example.com"],"password":"`+weak+`"}`)}
		} else {
			got = answer{step.as.Form(t, step.method, step.path, append(step.more, step.param, weak)...)}
		}
		if got.Status != 422 || got.Code() != "form_password_not_strong_enough" {
			t.Errorf("%s: %v", step.name, got)
		}
		want := map[string]any{"param_name": step.param, "zxcvbn": map[string]any{"suggestions": []any{
			map[string]any{"code": "anotherWord", "message": "Add more words that are less common."},
			map[string]any{"code": "capitalization", "message": "Write capitals elsewhere than at the beginning."},
		}}}
		if diff := cmp.Diff(want, got.at("errors.0.meta")); diff != "" {
			t.Errorf("%s: meta (-want +got):\n%s", step.name, diff)
		}
	}
	backend(t, s, "PATCH", "/v1/users/"+user, `{"password":"`+weak+`","skip_password_checks":true}`)
	reset.must(t, "POST", "/v1/client/sign_ins/"+id+"/reset_password", form("password", "verline vandermark"))
}

// Settings that no password could meet are refused.
func TestPasswordStrengthIsBounded(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	for _, body := range []string{
		`{"password_settings":{"min_zxcvbn_strength":5}}`, `{"password_settings":{"min_zxcvbn_strength":-1}}`,
		`{"password_settings":{"min_zxcvbn":1}}`,
	} {
		if got := s.BackEnd().Do(t, "PATCH", "/v1/instance/settings", body); got.Status != 422 {
			t.Errorf("%s: %d %s", body, got.Status, got.Body)
		}
	}
}
