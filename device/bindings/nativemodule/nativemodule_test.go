package nativemodule_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings/nativemodule"
	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/trace"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// phone is a device that outlives its processes: one store per instance.
type phone struct {
	t      *testing.T
	server *conformance.Server
	mu     sync.Mutex
	stores map[string]*memvault.Store
	trace  *trace.Trace
	url    string // what the device speaks to; the server itself unless set
}

func newPhone(t *testing.T) *phone {
	t.Helper()
	server, err := conformance.StartServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.Bind() // it says what it got, as ours does: only then can a token be refused
	return &phone{t: t, server: server, stores: map[string]*memvault.Store{}}
}

func (p *phone) store(key string) *memvault.Store {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stores[key] == nil {
		p.stores[key] = memvault.NewStore()
	}
	return p.stores[key]
}

// key is the publishable key of the instance; live gives another one.
func (p *phone) key(live bool) string {
	p.t.Helper()
	key, err := publishablekey.New(p.server.Host(), live)
	if err != nil {
		p.t.Fatal(err)
	}
	return key.String()
}

// launch starts a process with the module in it.
func (p *phone) launch() *nativemodule.Module {
	address := p.url
	if address == "" {
		address = p.server.URL()
	}
	m := nativemodule.New(func(key string) (*device.Device, error) {
		return device.Open(device.Config{
			PublishableKey: key, Server: address, Vault: p.store(key).Vault(),
			BackoffBase: 10 * time.Millisecond, BackoffCap: 50 * time.Millisecond, Trace: p.trace,
			Unbound: true,
		})
	}, p.trace)
	p.t.Cleanup(m.Close)
	return m
}

// withSession is a phone whose native side holds a session, from an earlier
// process.
func withSession(t *testing.T) (p *phone, credential, session string) {
	t.Helper()
	p = newPhone(t)
	credential, _, session = p.server.SignedIn(conformance.UserID)
	m := p.launch()
	events := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, credential)
	wantSignedIn(t, events, session)
	if err := m.Device().Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	m.Close()
	return p, credential, session
}

func (p *phone) configure(m *nativemodule.Module, token string) device.State {
	p.t.Helper()
	state, err := m.Configure(within(p.t), p.key(false), token)
	if err != nil {
		p.t.Fatal(err)
	}
	return state
}

// removals counts the requests that end a session on the server.
func (p *phone) removals() int {
	n := 0
	for _, exchange := range p.server.Log() {
		if strings.Contains(exchange.Route, "remove") || strings.HasPrefix(exchange.Route, "DELETE") {
			n++
		}
	}
	return n
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func next(t *testing.T, l *nativemodule.Listener) any {
	t.Helper()
	e, more, err := l.Next(within(t))
	if err != nil || !more {
		t.Fatalf("no event: %v", err)
	}
	return e.Payload
}

func wantSignedIn(t *testing.T, l *nativemodule.Listener, session string) {
	t.Helper()
	if diff := cmp.Diff(nativemodule.AuthState{Type: "signedIn", SessionID: &session}, next(t, l)); diff != "" {
		t.Fatalf("event mismatch (-want +got):\n%s", diff)
	}
}

func wantClientChange(t *testing.T, l *nativemodule.Listener, token string) {
	t.Helper()
	want := nativemodule.ClientChange{}
	want.Changed.Client = true
	if token != "" {
		want.Changed.DeviceToken, want.DeviceToken = true, &token
	}
	if diff := cmp.Diff(want, next(t, l)); diff != "" {
		t.Fatalf("event mismatch (-want +got):\n%s", diff)
	}
}

// silent fails if an event is waiting.
func silent(t *testing.T, l *nativemodule.Listener) {
	t.Helper()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if e, more, err := l.Next(ended); err == nil && more {
		t.Errorf("unexpected event %s %+v", e.Name, e.Payload)
	}
}

// until waits for a state of the module's device.
func until(t *testing.T, m *nativemodule.Module, what func(device.State) bool) device.State {
	t.Helper()
	for state := range m.Device().Watch(within(t)) {
		if what(state) {
			return state
		}
	}
	t.Fatalf("it never came to that: %+v", m.Device().State())
	return device.State{}
}

// A first launch of the native side over a script that is signed in: the token
// is taken without waiting for the network, and found again without it.
func TestFirstLaunchTakesTheScriptsToken(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	credential, _, session := p.server.SignedIn(conformance.UserID)
	release := p.server.HoldBack()
	m := p.launch()
	verdicts := m.Listen(nativemodule.VerdictChanged)
	state := p.configure(m, credential)
	if state.Kind != device.Undetermined || state.Cause != "unidentified" {
		t.Errorf("configure: got %s %s, want undetermined: nobody has said whose the token is", state.Kind, state.Cause)
	}
	if got := m.GetClientToken(within(t)); got != credential {
		t.Errorf("client token %q, want the script's own", got)
	}
	if m.GetSession() != nil {
		t.Error("a session is shown before anybody said whose")
	}
	// The script is signed in and nothing is known against it.
	if got := m.GetAuthFlowState(); got != (nativemodule.AuthFlow{IsLoaded: true, IsAuthFlowComplete: true}) {
		t.Errorf("flow %+v, want one that leaves the decision to the script", got)
	}
	early := m.Listen(nativemodule.AuthStateChange)
	silent(t, early)
	release()
	wantSignedIn(t, early, session)
	for signedIn := false; !signedIn; {
		change := next(t, verdicts).(nativemodule.VerdictChange)
		if signedIn = change.State.SignedIn; change.State.Verdict == "signed-out" {
			t.Errorf("told on the way: %s %s", change.State.Verdict, change.State.Cause)
		}
	}
	m.Close()

	release = p.server.HoldBack()
	defer release()
	m = p.launch()
	if state := p.configure(m, ""); state.Kind != device.ActiveUnverified || state.SessionID != session {
		t.Errorf("next launch, without network and script token: got %s %s", state.Kind, state.Cause)
	}
}

// The script lost its token (its cache deletes it when a read throws): it gets
// the session back from the native side, before any network.
func TestScriptWithoutTokenIsRestored(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	release := p.server.HoldBack()
	defer release()
	m := p.launch()
	if state := p.configure(m, ""); state.SessionID != session {
		t.Fatalf("configure: got %s %s", state.Kind, state.Cause)
	}
	want := &nativemodule.Session{
		SessionID: session, Status: "active",
		Session: nativemodule.SessionObject{ID: session, Status: "active", UserID: conformance.UserID},
	}
	got := m.GetSession()
	got.User = nativemodule.User{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("session mismatch (-want +got):\n%s", diff)
	}
	late := m.Listen(nativemodule.AuthStateChange)
	wantSignedIn(t, late, session)
	wantClientChange(t, m.Listen(nativemodule.ClientChanged), credential)
	if got := m.GetClientToken(within(t)); got != credential {
		t.Errorf("client token %q, want %q", got, credential)
	}
	if flow := next(t, m.Listen(nativemodule.AuthFlowChanged)); flow != (nativemodule.AuthFlow{IsLoaded: true, IsAuthFlowComplete: true}) {
		t.Errorf("flow %+v", flow)
	}
}

// token-swap-wipes-cache-first: the tokens differ. What was there is shown at
// once, and nothing is told while the script's token is in question.
func TestDifferentTokens(t *testing.T) {
	t.Parallel()
	t.Run("script's leads nowhere", func(t *testing.T) {
		t.Parallel()
		p, credential, session := withSession(t)
		release := p.server.HoldBack()
		m := p.launch()
		if state := p.configure(m, "token-of-another-instance"); state.SessionID != session {
			t.Fatalf("configure: got %s %s", state.Kind, state.Cause)
		}
		if got := m.GetClientToken(within(t)); got != "token-of-another-instance" {
			t.Errorf("client token %q, want the script's own while it is in question", got)
		}
		changes, states := m.Listen(nativemodule.ClientChanged), m.Listen(nativemodule.AuthStateChange)
		silent(t, changes)
		silent(t, states)
		release()
		wantClientChange(t, changes, credential)
		wantSignedIn(t, states, session)
		if got := m.GetClientToken(within(t)); got != credential {
			t.Errorf("client token %q, want %q", got, credential)
		}
		if p.removals() != 0 || !p.server.Alive(credential) {
			t.Error("a session was ended on the server")
		}
	})
	t.Run("script's is another person's", func(t *testing.T) {
		t.Parallel()
		p, credential, _ := withSession(t)
		newer, _, session := p.server.SignedIn(conformance.SecondUserID)
		m := p.launch()
		changes, states := m.Listen(nativemodule.ClientChanged), m.Listen(nativemodule.AuthStateChange)
		p.configure(m, newer)
		wantSignedIn(t, states, session)
		silent(t, changes)
		if got := m.GetSession(); got.User.ID != conformance.SecondUserID {
			t.Errorf("user %s, want the one that the script signed in", got.User.ID)
		}
		if p.removals() != 0 || !p.server.Alive(credential) {
			t.Error("a session was ended on the server")
		}
	})
}

// reload-with-live-native-state: the script starts anew above a living module.
// Its first effect is to call signOut, because it does not know yet.
func TestReload(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	p.configure(m, credential)
	until(t, m, func(s device.State) bool { return s.Confirmed })
	for range 3 {
		if err := m.SignOut(); err != nil {
			t.Fatal(err)
		}
		state := p.configure(m, credential)
		if state.SessionID != session {
			t.Fatalf("after a reload: %s %s", state.Kind, state.Cause)
		}
		wantSignedIn(t, m.Listen(nativemodule.AuthStateChange), session)
		wantClientChange(t, m.Listen(nativemodule.ClientChanged), credential)
	}
	if p.removals() != 0 || !p.server.Alive(credential) {
		t.Error("a session was ended on the server")
	}
}
