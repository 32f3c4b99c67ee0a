package frontendapi_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

const racers = 16

// race runs f at once in as many goroutines and returns the answers.
func race(f func(i int) answer) []answer {
	out := make([]answer, racers)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() {
			<-start
			out[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return out
}

// count groups answers by status and code.
func count(answers []answer) map[string]int {
	out := map[string]int{}
	for _, a := range answers {
		out[http.StatusText(a.Status)+" "+a.Code()]++
	}
	return out
}

// The right code submitted by 16 at once on one client creates one user and
// one session, and everybody is told of them.
func TestRaceForASignUpCode(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	id := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com", "strategy", "email_code")).text("response.id")
	body := form("strategy", "email_code", "code", s.Code(t, "a@example.com"))
	sessions := map[string]int{}
	for _, got := range race(func(int) answer { return a.send(t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification", body) }) {
		if got.Status != http.StatusOK {
			t.Errorf("%v", got)
		}
		sessions[got.text("response.created_session_id")]++
	}
	if len(sessions) != 1 || len(a.sessions(t)) != 1 {
		t.Errorf("sessions %v", sessions)
	}
	if n := backend(t, s, "GET", "/v1/users/count", ""); n.at("total_count") != float64(1) {
		t.Errorf("users: %v", n)
	}
}

func TestRaceForASignInCode(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	nativeApp(s).signUp(t, "a@example.com")
	a := nativeApp(s)
	id := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "strategy", "email_code")).text("response.id")
	body := form("strategy", "email_code", "code", s.Code(t, "a@example.com"))
	sessions := map[string]int{}
	for _, got := range race(func(int) answer { return a.send(t, "POST", "/v1/client/sign_ins/"+id+"/attempt_first_factor", body) }) {
		if got.Status != http.StatusOK {
			t.Errorf("%v", got)
		}
		sessions[got.text("response.created_session_id")]++
	}
	if len(sessions) != 1 || len(a.sessions(t)) != 1 {
		t.Errorf("sessions %v", sessions)
	}
}

// Wrong codes in parallel cannot pass the limit.
func TestRaceOfWrongCodes(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	id := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com", "strategy", "email_code")).text("response.id")
	right := s.Code(t, "a@example.com")
	got := count(race(func(int) answer {
		for {
			// A device repeats what was answered 503: that is not a guess.
			if got := a.send(t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification", form("strategy", "email_code", "code", "00000x")); got.Status != 503 {
				return got
			}
		}
	}))
	if n := got["Unprocessable Entity form_code_incorrect"]; n > auth.CodeAttempts-1 {
		t.Errorf("%d guesses were judged: %v", n+1, got)
	}
	a.refused(t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification", form("strategy", "email_code", "code", right), 422, "verification_failed")
}

// 16 devices sign up with one address: one of them gets it.
func TestRaceForAnAddress(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	const email = "ada+clerk_test@example.com"
	devices, ids := make([]*app, racers), make([]string, racers)
	for i := range devices {
		devices[i] = nativeApp(s)
		ids[i] = devices[i].must(t, "POST", "/v1/client/sign_ups", form("email_address", email, "strategy", "email_code")).text("response.id")
	}
	got := count(race(func(i int) answer {
		return devices[i].send(t, "POST", "/v1/client/sign_ups/"+ids[i]+"/attempt_verification", form("strategy", "email_code", "code", "424242"))
	}))
	if got["OK "] != 1 || got["Unprocessable Entity form_identifier_exists"] != racers-1 {
		t.Errorf("%v", got)
	}
}

// One ticket, 16 devices: one gets in.
func TestRaceForATicket(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	ticket := backend(t, s, "POST", "/v1/sign_in_tokens", `{"user_id":"`+a.must(t, "GET", "/v1/me", nil).text("response.id")+`"}`).text("token")
	devices := make([]*app, racers)
	for i := range devices {
		devices[i] = nativeApp(s)
		devices[i].must(t, "GET", "/v1/client", nil)
	}
	got := count(race(func(i int) answer {
		return devices[i].send(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", ticket))
	}))
	if got["OK "] != 1 || got["Unprocessable Entity sign_in_token_already_used_code"] != racers-1 {
		t.Errorf("%v", got)
	}
}

// Mints and touches run beside a sign-out: afterwards the session is over, and
// nobody was told anything but a token or that.
func TestRaceOfUseAndSignOut(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	sid := a.signUp(t, "a@example.com")
	s.Advance(auth.TouchInterval)
	for _, got := range race(func(i int) answer {
		switch i % 3 {
		case 0:
			return a.send(t, "POST", "/v1/client/sessions/"+sid+"/tokens", nil)
		case 1:
			return a.send(t, "POST", "/v1/client/sessions/"+sid+"/touch", form("active_organization_id", ""))
		default:
			return a.send(t, "POST", "/v1/client/sessions/"+sid+"/remove", nil)
		}
	}) {
		if got.Status != http.StatusOK && got.Code() != "authentication_invalid" {
			t.Errorf("%v", got)
		}
	}
	if got := a.sessions(t); len(got) != 0 {
		t.Errorf("the session outlived its end: %v", got)
	}
}
