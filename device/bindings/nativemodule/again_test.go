package nativemodule_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings/nativemodule"
)

// The script's requests failed while the server was in trouble, and it does not
// try again: it is told again as soon as the server answers.
func TestToldAgainAfterTrouble(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	p.server.Script(conformance.Fault{Status: 503, Body: "busy", ContentType: "text/plain", Times: 3})
	m := p.launch()
	states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
	p.configure(m, credential)
	m.GetSession()
	wantSignedIn(t, states, session)
	wantClientChange(t, changes, credential)
	wantSignedIn(t, states, session)
	if state := m.Device().State(); !state.Confirmed || state.Failing != "" {
		t.Errorf("told again too early: %+v", state)
	}
}

// A script that shows its session is told nothing twice.
func TestNotToldAgainWithoutReason(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	until(t, m, func(s device.State) bool { return s.Confirmed })
	m.GetSession()
	m.GetSession()
	p.server.Script(conformance.Fault{Status: 503, Body: "busy", ContentType: "text/plain", Times: 2})
	_, _ = m.Device().FreshToken(within(t))
	if err := m.RefreshClient(); err != nil {
		t.Fatal(err)
	}
	until(t, m, func(s device.State) bool { return s.Failing == "" })
	silent(t, states)
	silent(t, changes)
}

// The script says that nobody is signed in, and the server has just said
// otherwise: it is told again, not faster than it can follow.
func TestSignOutIsAnsweredWithTheSession(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	began := time.Now()
	for range 3 {
		if err := m.SignOut(); err != nil {
			t.Fatal(err)
		}
		wantSignedIn(t, states, session)
	}
	// At once, a second later, two seconds after that.
	if took := time.Since(began); took < 2500*time.Millisecond || took > 30*time.Second {
		t.Errorf("three answers took %v", took)
	}
	if p.removals() != 0 || !p.server.Alive(credential) {
		t.Error("the session was ended")
	}
}

// A script of the older generation shows a session from its cache that was
// revoked meanwhile. It hears of it once nobody is behind its own token either.
func TestRevokedWhileOffline(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	p.server.End(credential, "revoked")
	release := p.server.HoldBack()
	m := p.launch()
	states := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	release()
	if e := next(t, states).(nativemodule.AuthState); e.Type != "signedOut" {
		t.Errorf("event %+v, want signedOut", e)
	}
	if m.GetSession() != nil || p.removals() != 0 {
		t.Error("the session is still there, or was ended again")
	}

	// With another session behind the token it hears of that one instead.
	p, credential, session = withSession(t)
	p.server.End(credential, "revoked")
	release = p.server.HoldBack()
	m = p.launch()
	states = m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	second := p.server.Another(credential, conformance.UserID)
	release()
	wantSignedIn(t, states, second)
	until(t, m, func(s device.State) bool { return s.Kind == device.Active })
}

// The session was revoked, and that is proven before the script was told that
// there is one: it shows it all the same, from a cache of its own. It has to hear
// that its client has changed, and must not find that there is no token.
func TestOverBeforeItWasTold(t *testing.T) {
	t.Parallel()
	p, credential, _ := withSession(t)
	p.server.End(credential, "revoked")
	release := p.server.HoldBack()
	m := p.launch()
	states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
	p.configure(m, "a-token-that-leads-nowhere")
	silent(t, states)
	release()
	for over := false; !over; {
		change := next(t, changes).(nativemodule.ClientChange)
		over = change.Changed.Client && !change.Changed.DeviceToken
	}
	until(t, m, func(s device.State) bool { return s.Kind == device.SignedOut })
	if m.GetClientToken(within(t)) == "" {
		t.Error("the script is told that there is no token")
	}
	if p.removals() != 0 {
		t.Error("a session that was over was ended again")
	}
}
