package frontendapi_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

var volatile = regexp.MustCompile(`(sia|sua|idn|client)_[0-9A-Za-z]{27}|"clerk_trace_id":"[^"]*"|1[0-9]{12}`)

// shape is an answer without what differs between any two requests.
func shape(r answer, identifier string) string {
	text := strings.ReplaceAll(string(r.Body), identifier, "IDENTIFIER")
	return strconv.Itoa(r.Status) + " " + volatile.ReplaceAllString(text, "X")
}

// With enumeration protection on, no step tells a known identifier from an
// unknown one: same answers, same hashes computed, same mails stored.
func TestKnownAndUnknownLookAlike(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withUsernames, func(o *apitest.Options) { o.Settings.EnumerationProtection = true })
	known := nativeApp(s)
	known.signUp(t, "known@example.com")
	realID := known.must(t, "PATCH", "/v1/me", form("username", "known")).text("response.primary_email_address_id")
	codeOnly := nativeApp(s)
	id := codeOnly.must(t, "POST", "/v1/client/sign_ups", form("email_address", "codeonly@example.com")).text("response.id")
	codeOnly.verifySignUp(t, id, "codeonly@example.com")

	signIn := func(identifier string) (steps []string, hashes int64, mails int) {
		a := nativeApp(s)
		before, sent := s.Passwords.Stats(), stored(t, s)
		note := func(r answer) answer { steps = append(steps, shape(r, identifier)); return r }
		note(a.send(t, "POST", "/v1/client/sign_ins", form("identifier", identifier, "password", "wrong password")))
		begun := note(a.send(t, "POST", "/v1/client/sign_ins", form("identifier", identifier)))
		step := "/v1/client/sign_ins/" + begun.text("response.id")
		note(a.send(t, "POST", step+"/attempt_first_factor", form("strategy", "password", "password", "wrong password")))
		factor := begun.text("response.supported_first_factors.1.email_address_id")
		if factor == realID {
			// It holds when the address was added, which nothing invented could.
			t.Errorf("%s: the stored id of the address is shown", identifier)
		}
		note(a.send(t, "POST", step+"/prepare_first_factor", form("strategy", "email_code", "email_address_id", factor)))
		note(a.send(t, "POST", step+"/prepare_first_factor", form("strategy", "email_code", "email_address_id", factor)))
		note(a.send(t, "POST", step+"/attempt_first_factor", form("strategy", "email_code", "code", "00000")))
		note(a.send(t, "POST", step+"/prepare_first_factor", form("strategy", "reset_password_email_code")))
		note(a.send(t, "POST", step+"/attempt_first_factor", form("strategy", "reset_password_email_code", "code", "00000")))
		note(a.send(t, "GET", step, nil))
		note(a.send(t, "GET", "/v1/client", nil))
		// The shown address id is stable, as a stored one would be.
		again := a.send(t, "POST", "/v1/client/sign_ins", form("identifier", identifier))
		if again.text("response.supported_first_factors.1.email_address_id") != factor {
			t.Errorf("%s: the address id differs from attempt to attempt", identifier)
		}
		after := s.Passwords.Stats()
		return steps, after.Hashes + after.Verifies - before.Hashes - before.Verifies, stored(t, s) - sent
	}
	want, hashes, mails := signIn("known@example.com")
	if hashes != 2 || mails != 2 {
		t.Errorf("known: %d hashes, %d mails; want 2 and 2", hashes, mails)
	}
	same := func(identifier string, want []string) {
		got, h, m := signIn(identifier)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: step %d differs:\n%s\n%s", identifier, i, got[i], want[i])
			}
		}
		if h != hashes || m != mails {
			t.Errorf("%s: %d hashes, %d mails; want %d and %d", identifier, h, m, hashes, mails)
		}
	}
	same("unknown@example.com", want)
	same("codeonly@example.com", want)
	want, _, _ = signIn("known")
	same("unknown", want)
	if strings.Contains(strings.Join(want, ""), "known@example.com") {
		t.Error("a username gives the address away")
	}
}

// stored is how many messages the outbox holds, those to nobody included.
func stored(t *testing.T, s *apitest.Server) int {
	t.Helper()
	all, err := s.Store.RecentMessages(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestSignUpOfKnownAddressLooksAlike(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.EnumerationProtection = true })
	nativeApp(s).signUp(t, "known@example.com")
	signUp := func(email string) (steps []string, hashes int64, mails int) {
		a := nativeApp(s)
		before, sent := s.Passwords.Stats(), len(s.Messages(t, email))
		note := func(r answer) answer { steps = append(steps, shape(r, email)); return r }
		created := note(a.send(t, "POST", "/v1/client/sign_ups", form("email_address", email, "password", "a fine long password")))
		step := "/v1/client/sign_ups/" + created.text("response.id")
		note(a.send(t, "POST", step+"/prepare_verification", form("strategy", "email_code")))
		for range 6 {
			note(a.send(t, "POST", step+"/attempt_verification", form("strategy", "email_code", "code", "00000")))
		}
		note(a.send(t, "POST", step+"/prepare_verification", form("strategy", "email_code")))
		note(a.send(t, "GET", "/v1/client", nil))
		after := s.Passwords.Stats()
		return steps, after.Hashes + after.Verifies - before.Hashes - before.Verifies, len(s.Messages(t, email)) - sent
	}
	want, hashes, mails := signUp("unknown@example.com")
	got, h, m := signUp("known@example.com")
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("step %d differs:\n%s\n%s", i, got[i], want[i])
		}
	}
	if h != hashes || m != mails || hashes != 1 || mails != 1 {
		t.Errorf("known: %d hashes, %d mails; unknown: %d and %d; want 1 and 1", h, m, hashes, mails)
	}
	// The owner is told instead, and no code is in that mail.
	if newest := s.Messages(t, "known@example.com")[0]; newest.Code != "" {
		t.Errorf("the owner got a code for somebody else's attempt: %+v", newest)
	}
}
