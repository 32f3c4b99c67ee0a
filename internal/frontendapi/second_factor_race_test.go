package frontendapi_test

import (
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/factor"
)

// TestRaceForASecondFactor presents one code on many devices at once.
func TestRaceForASecondFactor(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	phone, codes := owner.setUpTOTP(t)
	s.Advance(time.Minute)
	shown, err := factor.Password(phone.secret, s.Now())
	if err != nil {
		t.Fatal(err)
	}
	const rivals = 6
	for strategy, code := range map[string]string{"backup_code": codes[0], "totp": shown} {
		t.Run(strategy, func(t *testing.T) {
			var (
				attempts sync.WaitGroup
				answers  = make([]answer, rivals)
				callers  = make([]*app, rivals)
				steps    = make([]string, rivals)
			)
			for i := range rivals {
				callers[i] = nativeApp(s)
				steps[i] = callers[i].firstFactor(t, "a@example.com")
			}
			for i := range rivals {
				attempts.Go(func() {
					answers[i] = callers[i].send(t, "POST", steps[i]+"/attempt_second_factor", form("strategy", strategy, "code", code))
				})
			}
			attempts.Wait()
			in := 0
			for _, r := range answers {
				switch {
				case r.Status == 200 && r.text("response.status") == "complete":
					in++
				case r.Status == 422 && r.Code() == "form_code_incorrect", r.Status == 503:
				default:
					t.Errorf("%v", r)
				}
			}
			if in != 1 {
				t.Errorf("one code let %d in", in)
			}
		})
	}
}

// TestNewPasswordTask keeps sessions pending until the password was replaced.
func TestNewPasswordTask(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	user, err := s.Store.UserByEmail(t.Context(), "a@example.com")
	if err != nil {
		t.Fatal(err)
	}
	user.NewPasswordDue = true
	if err := s.Store.Commit(t.Context(), auth.Change{Users: []auth.User{user}}); err != nil {
		t.Fatal(err)
	}
	// A session from before still has to prove the password it replaces.
	owner.refused(t, "POST", "/v1/me/change_password", form("new_password", "another fine password"), 422, "form_param_missing")
	a := nativeApp(s)
	a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", password))
	client := a.must(t, "GET", "/v1/client", nil)
	if client.text("response.sessions.0.status") != "pending" || client.text("response.sessions.0.tasks.0.key") != "reset-password" {
		t.Fatalf("not pending: %v", client)
	}
	a.must(t, "POST", "/v1/me/change_password", form("new_password", "another fine password", "sign_out_of_other_sessions", "true"))
	client = a.must(t, "GET", "/v1/client", nil)
	if client.text("response.sessions.0.status") != "active" || client.at("response.sessions.0.tasks") != nil {
		t.Errorf("not active: %v", client)
	}
	if left := owner.sessions(t); len(left) != 0 {
		t.Errorf("other sessions live on: %v", left)
	}
	b := nativeApp(s)
	signedIn(t, b, b.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", "another fine password")))
}
