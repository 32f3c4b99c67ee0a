package nativemodule_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings/nativemodule"
)

// What cannot be a token is a typed error beside the verdict: it never hides
// the session that is there, and is never sent.
func TestGarbageToken(t *testing.T) {
	t.Parallel()
	for name, garbage := range map[string]string{
		"a header of its own": "x\r\nX-Evil: 1", "spaces": "Bearer x", "not ASCII": "tökén",
		"too long": strings.Repeat("a", 9<<10), "a NUL": "a\x00b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, credential, session := withSession(t)
			m := p.launch()
			states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
			if state := p.configure(m, garbage); state.SessionID != session {
				t.Fatalf("configure: %s %s", state.Kind, state.Cause)
			}
			if err := m.TokenError(); !errors.Is(err, nativemodule.ErrToken) {
				t.Errorf("token error: %v", err)
			}
			wantSignedIn(t, states, session)
			wantClientChange(t, changes, credential)
			if got := m.GetClientToken(within(t)); got != credential {
				t.Errorf("client token %q, want the native one", got)
			}
			if err := m.SyncClientStateFromJS(within(t), garbage, true, true); err != nil {
				t.Errorf("sync: %v", err)
			}
			if m.GetSession() == nil || p.removals() != 0 || !p.server.Alive(credential) {
				t.Error("the session was lost")
			}
		})
	}
}

func TestTokenOfAnotherInstance(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	m := p.launch()
	states := m.Listen(nativemodule.AuthStateChange)
	p.configure(m, "token-of-another-instance")
	wantSignedIn(t, states, session)
	if err := m.TokenError(); !errors.Is(err, nativemodule.ErrTokenRefused) {
		t.Errorf("token error: %v", err)
	}
	p.configure(m, credential)
	if err := m.TokenError(); err != nil {
		t.Errorf("the trouble with an earlier token is still told: %v", err)
	}
	if got := m.GetSession(); got == nil || got.SessionID != session {
		t.Errorf("session %+v", got)
	}
}

// wantToldBesideForeignToken launches with a token that leads nowhere. The script
// has to be told of the session that is there.
func wantToldBesideForeignToken(t *testing.T, p *phone, credential, session string) {
	t.Helper()
	m := p.launch()
	states, changes := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.ClientChanged)
	if state := p.configure(m, "foreign"); state.SessionID != session {
		t.Fatalf("configure: %s %s", state.Kind, state.Cause)
	}
	wantSignedIn(t, states, session)
	wantClientChange(t, changes, credential)
	if err := m.TokenError(); !errors.Is(err, nativemodule.ErrTokenRefused) {
		t.Errorf("token error: %v", err)
	}
}

// A server that turns the script's token down with an error, as some do, while
// it confirms the session of the device: the script is told of that session
// after a while. Where the device has no session of its own, the token is all
// there is, and it is kept.
func TestServerThatRefusesAForeignToken(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	target, err := url.Parse(p.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	onward := httputil.NewSingleHostReverseProxy(target)
	strict := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != credential {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"errors":[{"code":"authentication_invalid","message":"Invalid authentication"}],"clerk_trace_id":"x"}`))
			return
		}
		onward.ServeHTTP(w, r)
	}))
	t.Cleanup(strict.Close)
	p.url = strict.URL
	wantToldBesideForeignToken(t, p, credential, session)

	empty := newPhone(t)
	empty.url = strict.URL
	m := empty.launch()
	for range 2 {
		if state := empty.configure(m, "foreign"); state.Kind != device.Undetermined || state.Cause != "unidentified" {
			t.Fatalf("with nothing else: %s %s", state.Kind, state.Cause)
		}
	}
	if got := m.GetClientToken(within(t)); got != "foreign" {
		t.Errorf("client token %q, want the script's own", got)
	}
}

// The script's token leads to a session whose task is open.
func TestPendingSession(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	credential, _, session := p.server.SignedIn(conformance.UserID)
	p.server.SetTask(credential, "setup-mfa")
	m := p.launch()
	states, flows := m.Listen(nativemodule.AuthStateChange), m.Listen(nativemodule.AuthFlowChanged)
	p.configure(m, credential)
	wantSignedIn(t, states, session)
	if got := m.GetSession(); got == nil || got.Status != "pending" || got.Session.Status != "pending" || got.SessionID != session {
		t.Errorf("session %+v, want a pending one", got)
	}
	for flow := (nativemodule.AuthFlow{}); flow != (nativemodule.AuthFlow{IsLoaded: true}); {
		flow = next(t, flows).(nativemodule.AuthFlow)
	}
	// The script that treats pending as signed out calls this at once.
	if err := m.SignOut(); err != nil {
		t.Fatal(err)
	}
	if err := m.Device().Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	m.Close()
	if p.removals() != 0 || !p.server.Alive(credential) {
		t.Fatal("a pending session was ended")
	}

	// The task is done in the script, which says that its client changed.
	m = p.launch()
	p.configure(m, credential)
	until(t, m, func(s device.State) bool { return s.Kind == device.Pending && s.Confirmed })
	p.server.SetTask(credential, "")
	if err := m.SyncClientStateFromJS(within(t), "", true, false); err != nil {
		t.Fatal(err)
	}
	until(t, m, func(s device.State) bool { return s.Kind == device.Active })
	p.server.SetTask(credential, "setup-mfa")
	if err := m.SignOut(); err != nil {
		t.Fatal(err)
	}
	until(t, m, func(s device.State) bool { return s.Kind == device.Pending })
	if err := m.Device().Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	m.Close()

	// The next launch has it before any network, and the task still stands.
	release := p.server.HoldBack()
	m = p.launch()
	if state := p.configure(m, ""); state.Kind != device.Pending || state.Task != "setup-mfa" || state.SessionID != session {
		t.Fatalf("next launch: %s %s %s", state.Kind, state.Cause, state.Task)
	}
	flows = m.Listen(nativemodule.AuthFlowChanged)
	release()
	p.server.SetTask(credential, "")
	if err := m.RefreshClient(); err != nil {
		t.Fatal(err)
	}
	if err := m.SyncClientStateFromJS(within(t), "", true, false); err != nil {
		t.Fatal(err)
	}
	for flow := (nativemodule.AuthFlow{}); !flow.IsAuthFlowComplete; {
		flow = next(t, flows).(nativemodule.AuthFlow)
	}
	if got := m.GetSession(); got == nil || got.Status != "active" || got.SessionID != session {
		t.Errorf("after the task: %+v", got)
	}
}

// A server that does not say what it got answers a token that leads nowhere with
// a client that has nobody. It may have got nothing; but it confirms the session
// that is there, and the script is told of that one after a while.
func TestServerThatAnswersAForeignTokenWithNobody(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	target, err := url.Parse(p.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	onward := httputil.NewSingleHostReverseProxy(target)
	onward.ModifyResponse = func(r *http.Response) error {
		r.Header.Del("Perennial-Credential")
		r.Header.Del("DPoP-Nonce")
		return nil
	}
	silent := httptest.NewServer(onward)
	t.Cleanup(silent.Close)
	p.url = silent.URL
	wantToldBesideForeignToken(t, p, credential, session)
	if p.removals() != 0 || !p.server.Alive(credential) {
		t.Error("a session was ended on the server")
	}
}
