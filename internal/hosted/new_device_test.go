package hosted_test

import (
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
)

// TestNewDeviceMail: a person hears of a sign-in where they had not been, in
// their language, once, and not of the browser that an app only passes through.
func TestNewDeviceMail(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s) // whose first session is news to nobody
	told := func() (out []apitest.Message) {
		for _, m := range s.Messages(t, email) {
			if strings.Contains(m.Subject, "New sign-in") || strings.Contains(m.Subject, "Neue Anmeldung") {
				out = append(out, m)
			}
		}
		return out
	}
	if got := told(); len(got) != 0 {
		t.Errorf("told of the first session: %+v", got)
	}
	b := visit(t, s)
	b.agent = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
	b.language = "de"
	b.signIn("/sign-in", email)
	got := told()
	if len(got) != 1 || !strings.Contains(got[0].Body, "Firefox · Windows · 192.0.2.1 · 20") || !strings.HasPrefix(got[0].Subject, "Neue Anmeldung") {
		t.Fatalf("told %+v", got)
	}
	s.Advance(time.Second)
	b.post("/sign-out")
	b.signIn("/sign-in", email) // the same browser
	again := visit(t, s)
	again.agent = b.agent
	again.signIn("/sign-in", email) // and without its cookies
	if got := told(); len(got) != 1 {
		t.Errorf("told again: %+v", got[0])
	}
	f := begin(t, s, "sign-in")
	f.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS) Safari/605.1.15"
	f.post("do", "identify", "identifier", email)
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	f.must(303)
	if got := told(); len(got) != 1 {
		t.Errorf("told of a browser on the way to an app: %+v", got[0])
	}
}

// TestNewDeviceMailCanBeOff: an instance may be silent about it.
func TestNewDeviceMailCanBeOff(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.NewDeviceMail = false })
	email := person(t, s)
	before := len(s.Messages(t, email))
	b := visit(t, s)
	b.agent = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
	b.signIn("/sign-in", email)
	if got := s.Messages(t, email); len(got) != before {
		t.Errorf("told %+v", got[0])
	}
}
