package nativemodule_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings/nativemodule"
	"github.com/perennialauth/perennial/device/trace"
	"github.com/perennialauth/perennial/device/vault"
)

// What the script believes for an instant never ends a session; what the server
// proves does, and the script is told to sign out only once nobody is behind its
// own token either.
func TestScriptsSignOut(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	if err := m.SignOut(); err != nil {
		t.Fatal(err)
	}
	if err := m.SyncClientStateFromJS(within(t), "", true, true); err != nil {
		t.Fatal(err)
	}
	if m.GetSession() == nil || p.removals() != 0 || !p.server.Alive(credential) {
		t.Fatal("the script's word ended the session")
	}

	// The person signed out in the script, which told the server.
	p.server.End(credential, "removed")
	if err := m.SignOut(); err != nil {
		t.Fatal(err)
	}
	until(t, m, func(s device.State) bool { return s.Kind == device.SignedOut })
	wantClientChange(t, changes, "")
	if e := next(t, states).(nativemodule.AuthState); e.Type != "signedOut" {
		t.Errorf("event %+v, want signedOut", e)
	}
	if p.removals() != 0 {
		t.Error("a session that was over was ended again")
	}
}

// The script signed out and in again over the same client: the session that the
// module knew is over, and its token leads to the new one.
func TestScriptSignedInAnewOverTheSameClient(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	p.server.End(credential, "removed")
	second := p.server.Another(credential, conformance.SecondUserID)
	if err := m.SyncClientStateFromJS(within(t), "", true, false); err != nil {
		t.Fatal(err)
	}
	wantSignedIn(t, states, second)
	if got := m.GetSession(); got == nil || got.User.ID != conformance.SecondUserID {
		t.Errorf("session %+v, want that of the second person", got)
	}
}

func TestEndSession(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	if err := m.EndSession(within(t)); err != nil {
		t.Fatal(err)
	}
	if e := next(t, states).(nativemodule.AuthState); e.Type != "signedOut" {
		t.Errorf("event %+v, want signedOut", e)
	}
	if err := m.Device().Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	if p.server.Alive(credential) {
		t.Error("the session is alive on the server")
	}
	// A reload that still has the token does not bring it back.
	p.configure(m, credential)
	if m.GetSession() != nil {
		t.Error("the session came back")
	}
	silent(t, m.Listen(nativemodule.AuthStateChange))
}

// A person signed out without network, and the app was killed. The script of the
// next launch still has the token and hands it over before the store has said
// anything: the sign-out stands, and is delivered.
func TestEndSessionOfflineStands(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	release := p.server.HoldBack()
	m := p.launch()
	states := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	if err := m.EndSession(within(t)); err != nil {
		t.Fatal(err)
	}
	m.Close()
	for range 3 {
		m = p.launch()
		if state := p.configure(m, credential); state.Kind != device.SignedOut || state.Cause != "user" {
			t.Fatalf("next launch: %s %s", state.Kind, state.Cause)
		}
		m.Close()
	}
	release()
	m = p.launch()
	p.configure(m, credential)
	if err := m.Device().Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	if m.GetSession() != nil || p.server.Alive(credential) {
		t.Error("the session is alive")
	}
}

// A rotation that the native side did is told to the script; one that the
// script did itself is not.
func TestScriptsOwnTokenIsNotEchoed(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	newer, _, second := p.server.SignedIn(conformance.UserID)
	if err := m.SyncClientStateFromJS(within(t), newer, false, true); err != nil {
		t.Fatal(err)
	}
	wantSignedIn(t, states, second)
	silent(t, changes)
	if got := m.GetClientToken(within(t)); got != newer {
		t.Errorf("client token %q, want the script's new one", got)
	}
}

// event-before-listener: a listener that comes while the script's token is in
// question hears what it missed as soon as that is settled.
func TestListenerWhileATokenIsInQuestion(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	release := p.server.HoldBack()
	p.configure(m, "a-token-that-leads-nowhere")
	late := m.Listen(nativemodule.AuthStateChange)
	silent(t, late)
	release()
	wantSignedIn(t, late, session)
	silent(t, states)
	if got := m.GetClientToken(within(t)); got != credential {
		t.Errorf("client token %q, want %q", got, credential)
	}
}

// tenant-key-unscoped: away to another key and back.
func TestKeysAreScoped(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	release := p.server.HoldBack()
	m := p.launch()
	p.configure(m, "")
	if state, err := m.Configure(within(t), p.key(true), ""); err != nil || state.Kind != device.SignedOut {
		t.Fatalf("the other key: %+v %v", state, err)
	}
	if m.GetSession() != nil || m.GetClientToken(within(t)) != "" {
		t.Error("the other key sees the first one's session")
	}
	silent(t, m.Listen(nativemodule.AuthStateChange))
	if state := p.configure(m, ""); state.SessionID != session {
		t.Errorf("back: %s %s", state.Kind, state.Cause)
	}
	release()
	if p.removals() != 0 || !p.server.Alive(credential) {
		t.Error("a session was ended on the server")
	}
}

func TestConfigureTwiceAtOnce(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	var both sync.WaitGroup
	for _, key := range []string{p.key(false), p.key(true), p.key(false), p.key(true)} {
		both.Go(func() {
			if _, err := m.Configure(within(t), key, ""); err != nil && !errors.Is(err, nativemodule.ErrSuperseded) {
				t.Errorf("configure: %v", err)
			}
		})
	}
	both.Wait()
	if state := p.configure(m, ""); state.SessionID != session || !p.server.Alive(credential) {
		t.Errorf("afterwards: %s %s", state.Kind, state.Cause)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	if m.GetSession() != nil || m.GetClientToken(within(t)) != "" || m.GetAuthFlowState().IsLoaded {
		t.Error("there is something before configure")
	}
	for name, err := range map[string]error{
		"sign-out": m.SignOut(),
		"sync":     m.SyncClientStateFromJS(within(t), "x", true, true), "end": m.EndSession(within(t)), "refresh": m.RefreshClient(),
	} {
		if !errors.Is(err, nativemodule.ErrNotInitialized) {
			t.Errorf("%s before configure: %v", name, err)
		}
	}
	p.configure(m, credential)
	if _, err := m.Configure(within(t), "pk_test_garbage", "x"); !errors.Is(err, nativemodule.ErrConfigure) {
		t.Errorf("garbage key: %v", err)
	}
	if got := m.GetSession(); got == nil || got.SessionID != session {
		t.Error("a garbage key took the session away")
	}
	m.Close()
	if _, err := m.Configure(within(t), p.key(false), ""); !errors.Is(err, nativemodule.ErrNotInitialized) {
		t.Errorf("configure after close: %v", err)
	}
	if _, more, _ := m.Listen(nativemodule.ClientChanged).Next(within(t)); more {
		t.Error("a listener after close waits")
	}
}

// locked-read-as-absent, seen from the script: configure waits, what is known is
// told meanwhile, and then everything is there.
func TestStoreLockedAtLaunch(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	p.store(p.key(false)).MakeUnreadable(vault.Locked, 0)
	m := p.launch()
	states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
	verdicts := m.Listen(nativemodule.VerdictChanged)
	configured := make(chan device.State, 1)
	go func() {
		state, err := m.Configure(within(t), p.key(false), "")
		if err != nil {
			t.Error(err)
		}
		configured <- state
	}()
	for cause := ""; cause != "storage-locked"; {
		cause = next(t, verdicts).(nativemodule.VerdictChange).State.Cause
	}
	select {
	case state := <-configured:
		t.Fatalf("configure did not wait: %s %s", state.Kind, state.Cause)
	default:
	}
	if m.GetClientToken(within(t)) != "" || m.GetSession() != nil {
		t.Error("a session although the store is locked")
	}
	if err := m.SignOut(); err != nil {
		t.Fatal(err)
	}
	silent(t, states)
	p.store(p.key(false)).Clear()
	if err := m.RefreshClient(); err != nil {
		t.Fatal(err)
	}
	if state := <-configured; state.SessionID != session {
		t.Errorf("configure: %s %s", state.Kind, state.Cause)
	}
	wantSignedIn(t, states, session)
	wantClientChange(t, changes, credential)
}

// A store that stays locked: the wait ends with the caller's patience, and the
// answer is the verdict that holds.
func TestStoreStaysLocked(t *testing.T) {
	t.Parallel()
	p, _, _ := withSession(t)
	p.store(p.key(false)).MakeUnreadable(vault.Locked, 0)
	p.trace = trace.New(nil)
	m := p.launch()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if state, err := m.Configure(ctx, p.key(false), "a-token"); err != nil || state.Cause != "storage-locked" {
		t.Errorf("configure: %s %s %v", state.Kind, state.Cause, err)
	}
	var both sync.WaitGroup
	both.Go(func() {
		if _, err := m.Configure(within(t), p.key(false), ""); !errors.Is(err, nativemodule.ErrSuperseded) {
			t.Errorf("a configure that another one overtook: %v", err)
		}
	})
	waits := 0
	for line := range p.trace.Follow(within(t)) {
		if strings.Contains(line.Text, "configure waits for the store") {
			if waits++; waits == 2 {
				break
			}
		}
	}
	if _, err := m.Configure(within(t), p.key(true), ""); err != nil {
		t.Error(err)
	}
	both.Wait()
}
