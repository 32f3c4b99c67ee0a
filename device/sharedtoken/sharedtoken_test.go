package sharedtoken_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/sharedtoken"
	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// server mints tokens of a minute.
type server struct {
	asked  atomic.Int64
	takes  time.Duration
	refuse bool
}

const serverEpoch core.Wall = 1_790_000_000_000

func (s *server) Do(ctx context.Context, r core.SendRequest) core.Responded {
	n := s.asked.Add(1)
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout}
	}
	if r.Kind != core.MintToken {
		return core.Responded{Class: core.Accepted, Status: 200}
	}
	if s.refuse {
		return core.Responded{Class: core.Refused, Status: 401, Code: "session_revoked"}
	}
	return core.Responded{
		Class: core.Accepted, Status: 200, ServerTime: serverEpoch,
		Token: core.TokenDoc{
			JWT: core.NewSecret("jwt-" + string(rune('0'+n))), SessionID: r.SessionID, UserID: "user_1",
			IssuedAt: serverEpoch, ExpiresAt: serverEpoch + 60_000,
		},
	}
}

// clock is one machine's, set by hand.
type clock struct{ now, wall atomic.Int64 }

func (c *clock) Now() core.Instant { return core.Instant(c.now.Load()) }
func (c *clock) Wall() core.Wall   { return core.Wall(c.wall.Load()) }
func (c *clock) pass(d time.Duration) {
	c.now.Add(d.Milliseconds())
	c.wall.Add(d.Milliseconds())
}

type machine struct {
	server *server
	store  *memvault.Store
	clock  *clock
	boot   string
}

func newMachine() *machine {
	return &machine{server: &server{}, store: memvault.NewStore(), clock: &clock{}, boot: "boot-1"}
}

// process is one more process of the machine.
func (m *machine) process() *sharedtoken.Transport {
	boot := m.boot
	return sharedtoken.New(sharedtoken.Config{
		Next: m.server, Vault: m.store.Vault(), Clock: m.clock, Boot: func() string { return boot },
	})
}

func (m *machine) token(t *testing.T, request core.SendRequest) core.Responded {
	t.Helper()
	request.Kind = core.MintToken
	if request.SessionID == "" {
		request.SessionID = "sess_1"
	}
	return m.process().Do(t.Context(), request)
}

var share = core.SendRequest{Share: true}

// However many processes want a token at once, one asks.
func TestOneAsksForAll(t *testing.T) {
	t.Parallel()
	m := newMachine()
	m.server.takes = 20 * time.Millisecond
	var all sync.WaitGroup
	var shared atomic.Int64
	for range 8 {
		all.Go(func() {
			answer := m.token(t, share)
			if got := answer.Token.JWT.Reveal(); got != "jwt-1" || answer.Class != core.Accepted || answer.Token.UserID != "user_1" {
				t.Errorf("a process got %q, %s of %s", got, answer.Class, answer.Token.UserID)
			}
			if answer.Shared {
				shared.Add(1)
			}
		})
	}
	all.Wait()
	if asked := m.server.asked.Load(); asked != 1 || shared.Load() != 7 {
		t.Errorf("%d requests and %d answers from a peer, want 1 and 7", asked, shared.Load())
	}
}

// The age of a shared token is told in the server's time, so that whoever gets
// it knows how long it lives.
func TestAgeIsTold(t *testing.T) {
	t.Parallel()
	m := newMachine()
	m.token(t, share)
	m.clock.pass(30 * time.Second)
	answer := m.token(t, share)
	if !answer.Shared || answer.ServerTime != serverEpoch+30_000 {
		t.Errorf("shared %v at server time %+d ms", answer.Shared, answer.ServerTime-serverEpoch)
	}
}

// What a peer left is used only if it certainly is a token of this session with
// life left.
func TestAskedAnew(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(*machine) core.SendRequest{
		"close to its end":         func(m *machine) core.SendRequest { m.clock.pass(50 * time.Second); return share },
		"long after":               func(m *machine) core.SendRequest { m.clock.pass(24 * time.Hour); return share },
		"a fresh one is wanted":    func(*machine) core.SendRequest { return core.SendRequest{} },
		"of another session":       func(*machine) core.SendRequest { return core.SendRequest{Share: true, SessionID: "sess_2"} },
		"after a restart":          func(m *machine) core.SendRequest { m.boot = "boot-2"; return share },
		"no name of the boot":      func(m *machine) core.SendRequest { m.boot = ""; return share },
		"the wall clock has moved": func(m *machine) core.SendRequest { m.clock.wall.Add(100_000); return share },
		"before it was obtained":   func(m *machine) core.SendRequest { m.clock.now.Add(-10); return share },
		"the store is locked": func(m *machine) core.SendRequest {
			m.store.Inject(memvault.Load, memvault.Fault{Answer: vault.Locked, Times: 5})
			return share
		},
		"the store is corrupt": func(m *machine) core.SendRequest { m.store.MakeUnreadable(vault.Corrupt, 0); return share },
		"erased with its session": func(m *machine) core.SendRequest {
			m.process().Do(context.Background(), core.SendRequest{Kind: core.RemoveSession, SessionID: "sess_1"})
			m.server.asked.Add(-1)
			return share
		},
		"erased with every session": func(m *machine) core.SendRequest {
			m.process().Do(context.Background(), core.SendRequest{Kind: core.RemoveSessions})
			m.server.asked.Add(-1)
			return share
		},
	} {
		m := newMachine()
		m.token(t, share)
		answer := m.token(t, between(m))
		if answer.Shared || m.server.asked.Load() != 2 || answer.Class != core.Accepted {
			t.Errorf("%s: shared %v after %d requests, %s", name, answer.Shared, m.server.asked.Load(), answer.Class)
		}
	}
}

// The end of one session erases no token of another one.
func TestKeptForAnotherSession(t *testing.T) {
	t.Parallel()
	m := newMachine()
	m.token(t, share)
	m.process().Do(t.Context(), core.SendRequest{Kind: core.RemoveSession, SessionID: "sess_2"})
	if answer := m.token(t, share); !answer.Shared {
		t.Error("the token went with the session of somebody else")
	}
}

// A token that was signed out of is nowhere in the store.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	m := newMachine()
	m.token(t, share)
	if _, body, _ := m.store.Peek(); !strings.Contains(string(body), "jwt-1") {
		t.Fatalf("the store holds %q", body)
	}
	m.process().Do(t.Context(), core.SendRequest{Kind: core.RemoveSession, SessionID: "sess_1"})
	if _, body, _ := m.store.Peek(); strings.Contains(string(body), "jwt") {
		t.Errorf("the store still holds %q", body)
	}
}

// A refusal is no token: each process hears it for itself.
func TestRefusalIsNotShared(t *testing.T) {
	t.Parallel()
	m := newMachine()
	m.server.refuse = true
	for range 2 {
		if answer := m.token(t, share); answer.Class != core.Refused || answer.Shared {
			t.Errorf("got %s, shared %v", answer.Class, answer.Shared)
		}
	}
	if asked := m.server.asked.Load(); asked != 2 {
		t.Errorf("%d requests, want 2", asked)
	}
}

// A peer that was stopped in the middle of its request costs a few seconds, and
// what one of the others obtains meanwhile serves the rest.
func TestStoppedPeer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		release, answer := m.store.Vault().Hold(t.Context())
		if answer != vault.Stored {
			t.Fatal(answer)
		}
		defer release()
		begun := time.Now()
		if got := m.token(t, share); got.Class != core.Accepted || got.Shared {
			t.Errorf("got %s, shared %v", got.Class, got.Shared)
		}
		if took := time.Since(begun); took > 6*time.Second {
			t.Errorf("it took %v", took)
		}
		begun = time.Now()
		if got := m.token(t, share); !got.Shared || time.Since(begun) != 0 {
			t.Errorf("the next one: shared %v after %v", got.Shared, time.Since(begun))
		}
	})
}

// Requests of other kinds pass, whatever the store does.
func TestOthersPass(t *testing.T) {
	t.Parallel()
	m := newMachine()
	m.store.Inject(memvault.Load, memvault.Fault{Answer: vault.Failed, Times: 99})
	for _, kind := range []core.RequestKind{core.ReadClient, core.RemoveSession, core.RemoveSessions, core.CreateSignIn} {
		if got := m.process().Do(t.Context(), core.SendRequest{Kind: kind, SessionID: "sess_1"}); got.Class != core.Accepted {
			t.Errorf("%s: %s", kind, got.Class)
		}
	}
	if asked := m.server.asked.Load(); asked != 4 {
		t.Errorf("%d requests, want 4", asked)
	}
}
