package nativemodule_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/bindings/nativemodule"
	"github.com/perennialauth/perennial/device/trace"
	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// The verdict is told in order and without gaps, to late listeners from the
// current one on, and says whose key it is about.
func TestVerdictEvents(t *testing.T) {
	t.Parallel()
	p, _, session := withSession(t)
	m := p.launch()
	early := m.Listen(nativemodule.VerdictChanged)
	silent(t, early)
	p.configure(m, "")
	var last int64 = -1
	for confirmed := false; !confirmed; {
		change := next(t, early).(nativemodule.VerdictChange)
		if last >= 0 && change.State.Sequence != last+1 {
			t.Errorf("state %d after %d", change.State.Sequence, last)
		}
		if change.PublishableKey != p.key(false) {
			t.Errorf("a state of %s", change.PublishableKey)
		}
		last, confirmed = change.State.Sequence, change.State.Confirmed
	}
	late := next(t, m.Listen(nativemodule.VerdictChanged)).(nativemodule.VerdictChange)
	if late.State.SessionID != session || late.State.Sequence < last {
		t.Errorf("a late listener hears first %+v", late)
	}
	if _, err := m.Configure(within(t), p.key(true), ""); err != nil {
		t.Fatal(err)
	}
	for change := (nativemodule.VerdictChange{}); change.State.Verdict != "signed-out"; {
		change = next(t, early).(nativemodule.VerdictChange)
		if change.PublishableKey == p.key(true) && change.State.SessionID != "" {
			t.Errorf("the other key shows %+v", change.State)
		}
	}
}

// never-settles and connectivity-monitor-silent: no event about the network ever
// comes, every request hangs, and the store hangs too or answers anything.
func TestLoadedWithinTheBound(t *testing.T) {
	t.Parallel()
	const bound = 5 * time.Second // the local deadline of 500 ms, on a busy machine
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	for name, c := range map[string]struct {
		prepare func(*memvault.Store)
		kind    string
	}{
		"store answers": {func(*memvault.Store) {}, "active-unverified"},
		"store locked":  {func(s *memvault.Store) { s.MakeUnreadable(vault.Locked, 0) }, "undetermined"},
		"store failing": {func(s *memvault.Store) { s.MakeUnreadable(vault.Failed, 0) }, "undetermined"},
		"store hangs":   {func(s *memvault.Store) { s.Inject(memvault.Load, memvault.Fault{Wait: never}) }, "undetermined"},
	} {
		for _, token := range []string{"", "a-token-of-the-script"} {
			t.Run(name+" token "+token, func(t *testing.T) {
				t.Parallel()
				p, _, _ := withSession(t)
				release := p.server.HoldBack()
				defer release()
				c.prepare(p.store(p.key(false)))
				m := p.launch()
				flows := m.Listen(nativemodule.AuthFlowChanged)
				ctx, cancel := context.WithTimeout(t.Context(), bound)
				defer cancel()
				// The script may wait longer; what is known is told meanwhile.
				patient, enough := context.WithCancel(t.Context())
				defer enough()
				var configuring sync.WaitGroup
				configuring.Go(func() {
					state, err := m.Configure(patient, p.key(false), token)
					if err != nil || string(state.Kind) != c.kind || !state.Settled() {
						t.Errorf("configure: %s %s %v", state.Kind, state.Cause, err)
					}
				})
				for loaded := false; !loaded; {
					e, _, err := flows.Next(ctx)
					if err != nil {
						t.Fatalf("isLoaded did not come: %v", err)
					}
					loaded = e.Payload.(nativemodule.AuthFlow).IsLoaded
				}
				if c.kind == "undetermined" {
					enough()
				}
				configuring.Wait()
				if !m.GetAuthFlowState().IsLoaded {
					t.Error("isLoaded was taken back")
				}
			})
		}
	}
}

// The trace of a launch has the form of the report that started this.
func TestTraceOfABootstrap(t *testing.T) {
	t.Parallel()
	p, credential, session := withSession(t)
	p.trace = trace.New(nil)
	m := p.launch()
	p.configure(m, credential)
	m.GetSession()
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	var all strings.Builder
	for line := range p.trace.Follow(ctx) {
		all.WriteString(line.Text + "\n")
		if strings.Contains(all.String(), "source=server") && strings.Contains(all.String(), "poll #1") {
			break
		}
	}
	at := 0
	for _, want := range []string{
		"mount | isSignedIn=undefined isLoaded=false\n",
		"bootstrap: calling native configure with bearerToken=" + trace.Secret(credential) + "\n",
		"verdict: active-unverified (restored) isSignedIn=true isLoaded=true session=" + session + " source=store\n",
		"bootstrap: configure resolved after ",
	} {
		i := strings.Index(all.String()[at:], want)
		if i < 0 {
			t.Fatalf("no %q, or not in its place, in\n%s", want, all.String())
		}
		at += i
	}
	if !strings.Contains(all.String(), "bootstrap: poll #1 getSession() -> "+session+"\n") {
		t.Errorf("no poll in\n%s", all.String())
	}
	if strings.Contains(all.String(), credential) {
		t.Errorf("the token is in the trace:\n%s", all.String())
	}
}
