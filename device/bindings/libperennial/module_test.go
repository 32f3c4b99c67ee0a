package main_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/conformance"
)

// What the published script relies on, and what it does wrong, over the C
// interface: each process below is a run of an app.

const patience = 10 * time.Second

type authState struct{ Type, SessionID string }

type clientChange struct {
	Changed     struct{ Client, DeviceToken bool }
	DeviceToken string
}

type authFlow struct{ IsLoaded, IsAuthFlowComplete bool }

// withSession is a phone whose last run held a session.
func withSession(t *testing.T) (p *phone, credential, session string) {
	t.Helper()
	p = newPhone(t)
	credential, _, session = p.server.SignedIn(conformance.UserID)
	a := p.launch()
	states := a.listen("onAuthStateChange")
	a.configure(p.key(false), credential)
	wantSignedIn(t, states, session)
	a.kill()
	return p, credential, session
}

func wantSignedIn(t *testing.T, l listener, session string) {
	t.Helper()
	var got authState
	if !l.next(patience, &got) || got != (authState{"signedIn", session}) {
		t.Fatalf("event %+v, want that %s is signed in", got, session)
	}
}

func wantKept(t *testing.T, p *phone, credential string) {
	t.Helper()
	if n := p.removals(); n != 0 || !p.server.Alive(credential) {
		t.Errorf("the session was ended on the server (%d removals)", n)
	}
}

func TestModuleConfigureHasAVerdict(t *testing.T) {
	t.Parallel()
	p, _, session := withSession(t)
	release := p.server.HoldBack()
	defer release()
	if got := p.launch().configure(p.key(false), "").State; got.Verdict != "active-unverified" || got.SessionID != session {
		t.Errorf("with a session: %+v", got)
	}
	if got := p.launch().configure(p.key(true), "").State; got.Verdict != "signed-out" || got.Cause != "none" {
		t.Errorf("with nothing: %+v", got)
	}
	if got := p.launch().configure(p.key(true), "a-token").State; got.Verdict != "undetermined" || got.Cause != "unidentified" {
		t.Errorf("with a token that nobody has identified: %+v", got)
	}
}

func TestModuleLateListeners(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	release := p.server.HoldBack()
	defer release()
	a := p.launch()
	a.configure(p.key(false), "")
	for range 3 {
		wantSignedIn(t, a.listen("onAuthStateChange"), session)
		var change clientChange
		if !a.listen("clerkNativeClientChanged").next(patience, &change) || change.DeviceToken != credential || !change.Changed.DeviceToken {
			t.Errorf("client change %+v", change)
		}
		var flow authFlow
		if !a.listen("clerkNativeAuthFlowChanged").next(patience, &flow) || flow != (authFlow{true, true}) {
			t.Errorf("flow %+v", flow)
		}
		var verdict struct {
			PublishableKey string
			State          struct{ Verdict string }
		}
		if !a.listen("perennialVerdictChanged").next(patience, &verdict) || verdict.State.Verdict != "active-unverified" ||
			verdict.PublishableKey != p.key(false) {
			t.Errorf("verdict %+v", verdict)
		}
	}
}

func TestModuleKeepsTheClientWhenTokensDiffer(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	release := p.server.HoldBack()
	for range 3 {
		a := p.launch()
		began := time.Now()
		if got := a.configure(p.key(false), "another-token").State; got.SessionID != session {
			t.Fatalf("configure: %+v", got)
		}
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("configure waited %v", took)
		}
		if id, _ := a.session(); id != session {
			t.Errorf("session %q", id)
		}
		a.kill()
	}
	a := p.launch()
	if got := a.configure(p.key(false), "").State; got.SessionID != session {
		t.Fatalf("after that: %+v", got)
	}
	release()
	states := a.listen("onAuthStateChange")
	wantSignedIn(t, states, session)
	wantKept(t, p, credential)
}

func TestModuleFirstLaunchAdopts(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	credential, _, session := p.server.SignedIn(conformance.UserID)
	release := p.server.HoldBack()
	a := p.launch()
	began := time.Now()
	if got := a.configure(p.key(false), credential).State; got.Verdict != "undetermined" {
		t.Fatalf("configure: %+v", got)
	}
	if took := time.Since(began); took > 7*time.Second {
		t.Errorf("configure waited %v for the network", took)
	}
	if got := a.token(); got != credential {
		t.Errorf("token %q, want the script's own", got)
	}
	// Killed before the server said a word. The script loses its token
	// meanwhile; the native side has taken it.
	a.kill()
	release()
	a = p.launch()
	states := a.listen("onAuthStateChange")
	a.configure(p.key(false), "")
	wantSignedIn(t, states, session)
	if got := a.token(); got != credential {
		t.Errorf("next launch: token %q", got)
	}
	wantKept(t, p, credential)
}

func TestModuleReload(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	a := p.launch()
	a.configure(p.key(false), credential)
	for range 5 {
		// The first effect of a script that has just been loaded.
		if problem := a.call("signOut", nil, nil); problem != nil {
			t.Fatalf("signOut: %+v", *problem)
		}
		if got := a.configure(p.key(false), credential).State; got.SessionID != session {
			t.Fatalf("after a reload: %+v", got)
		}
		wantSignedIn(t, a.listen("onAuthStateChange"), session)
	}
	wantKept(t, p, credential)
}

// A script that is, for an instant or for long, of the opinion that nobody is
// signed in.
func TestModuleScriptsOpinion(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	a := p.launch()
	states := a.listen("onAuthStateChange")
	a.configure(p.key(false), credential)
	wantSignedIn(t, states, session)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if problem := a.call("signOut", nil, nil); problem != nil {
				t.Errorf("signOut: %+v", *problem)
			}
		})
		all.Go(func() {
			nothing := map[string]any{"deviceToken": nil, "sourceId": nil, "didChangeClient": true, "didChangeDeviceToken": true}
			if problem := a.call("syncClientStateFromJs", nothing, nil); problem != nil {
				t.Errorf("sync: %+v", *problem)
			}
		})
	}
	all.Wait()
	if id, _ := a.session(); id != session {
		t.Errorf("session %q", id)
	}
	wantKept(t, p, credential)
	a.kill()
	if got := p.launch().configure(p.key(false), "").State; got.SessionID != session {
		t.Errorf("next launch: %+v", got)
	}
}

func TestModuleKeysAreScoped(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	mine, other := p.key(false), p.key(true)
	if mine[len(mine)-5:] != other[len(other)-5:] {
		t.Fatal("the keys must end alike for this test")
	}
	a := p.launch()
	a.configure(mine, "")
	if got := a.configure(other, "").State; got.Verdict != "signed-out" {
		t.Errorf("the other key: %+v", got)
	}
	if id, _ := a.session(); id != "" || a.token() != "" {
		t.Error("the other key sees the first one's session")
	}
	second, _, secondSession := p.server.SignedIn(conformance.SecondUserID)
	states := a.listen("onAuthStateChange")
	a.configure(other, second)
	wantSignedIn(t, states, secondSession)
	if problem := a.call("endSession", nil, nil); problem != nil {
		t.Fatalf("endSession: %+v", *problem)
	}
	if got := a.configure(mine, "").State; got.SessionID != session {
		t.Errorf("back: %+v", got)
	}
	a.kill()
	if got := p.launch().configure(mine, "").State; got.SessionID != session {
		t.Errorf("next launch: %+v", got)
	}
	if !p.server.Alive(credential) {
		t.Error("the first session was ended on the server")
	}
}

func TestModuleBadInput(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	a := p.launch()
	for _, method := range []string{"signOut", "syncClientStateFromJs", "endSession", "refreshClient", "state"} {
		if problem := a.call(method, nil, nil); problem == nil || problem.Code != "E_NOT_INITIALIZED" {
			t.Errorf("%s before configure: %+v", method, problem)
		}
	}
	if id, _ := a.session(); id != "" || a.token() != "" {
		t.Error("there is something before configure")
	}
	for _, key := range []string{"", "pk_test_garbage", "sk_test_x", strings.Repeat("x", 10_000), "pk_test_\u0000"} {
		problem := a.call("configure", map[string]any{"publishableKey": key, "bearerToken": credential}, nil)
		if problem == nil || problem.Code != "E_CONFIGURE_FAILED" {
			t.Errorf("key %.20q: %+v", key, problem)
		}
	}
	states := a.listen("onAuthStateChange")
	for _, token := range []string{"a b", "x\ty", "ключ", strings.Repeat("t", 20_000)} {
		if got := a.configure(p.key(false), token); got.State.SessionID != session || got.TokenError == nil || got.TokenError.Code != "E_TOKEN_INVALID" {
			t.Errorf("token %.20q: %+v", token, got)
		}
	}
	wantSignedIn(t, states, session)
	if problem := a.call("configure", map[string]any{"publishableKey": "pk_test_garbage"}, nil); problem == nil || problem.Code != "E_CONFIGURE_FAILED" {
		t.Errorf("a garbage key while there is a session: %+v", problem)
	}
	a.configure(p.key(false), "of-another-instance")
	until(t, "the server to refuse the token", func() bool {
		got := a.configure(p.key(false), "")
		return got.TokenError != nil && got.TokenError.Code == "E_TOKEN_REFUSED" && got.State.SessionID == session
	})
	if got := a.token(); got != credential {
		t.Errorf("token %q, want the native one", got)
	}
	wantKept(t, p, credential)
}

// until asks again until it is so; each question waits for the library itself.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestModuleConfiguredTwiceAtOnce(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	a := p.launch()
	for range 5 {
		var all sync.WaitGroup
		for _, key := range []string{p.key(false), p.key(true), p.key(false), p.key(true), p.key(false)} {
			all.Go(func() {
				problem := a.call("configure", map[string]any{"publishableKey": key, "bearerToken": nil}, nil)
				if problem != nil && problem.Code != "E_SUPERSEDED" {
					t.Errorf("configure: %+v", *problem)
				}
			})
		}
		all.Wait()
	}
	if got := a.configure(p.key(false), "").State; got.SessionID != session {
		t.Errorf("afterwards: %+v", got)
	}
	wantKept(t, p, credential)
}

// A session whose task is open is neither signed in nor signed out, before and
// after a restart.
func TestModulePendingSession(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	p.server.SetTask(credential, "setup-mfa")
	a := p.launch()
	a.configure(p.key(false), credential)
	until(t, "the task", func() bool {
		if problem := a.call("signOut", nil, nil); problem != nil {
			t.Fatalf("signOut: %+v", *problem)
		}
		id, status := a.session()
		return id == session && status == "pending"
	})
	// A listener is told what was last said, which may be from before the task.
	flows := a.listen("clerkNativeAuthFlowChanged")
	for flow := (authFlow{}); flow != (authFlow{true, false}); {
		if !flows.next(patience, &flow) {
			t.Fatalf("flow %+v, want one that is loaded and not complete", flow)
		}
	}
	until(t, "the task to be durable", func() bool {
		release := p.server.HoldBack()
		defer release()
		next := p.launch()
		defer next.kill()
		got := next.configure(p.key(false), "").State
		return got.Verdict == "pending" && got.Task == "setup-mfa" && got.SessionID == session
	})
	wantKept(t, p, credential)
}
