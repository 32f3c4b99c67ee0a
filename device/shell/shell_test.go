package shell_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/shell"
	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// bubbleClock reads the clock of the test's bubble, in which time passes only
// when everybody waits.
type bubbleClock struct{ start time.Time }

func (c bubbleClock) Now() core.Instant { return core.Instant(time.Since(c.start).Milliseconds()) }
func (c bubbleClock) Wall() core.Wall   { return core.Wall(time.Now().UnixMilli()) }

// recorder keeps what the machine says, with when it said it.
type recorder struct {
	mu       sync.Mutex
	start    time.Time
	verdicts []core.Verdict
	at       []time.Duration
	replies  []core.Reply
}

func (r *recorder) Published(v core.Verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verdicts, r.at = append(r.verdicts, v), append(r.at, time.Since(r.start))
}
func (r *recorder) TokenPublished(core.PublishToken)     {}
func (r *recorder) PendingPublished(core.PublishPending) {}
func (r *recorder) Replied(reply core.Reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replies = append(r.replies, reply)
}

func (r *recorder) last() core.Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.verdicts) == 0 {
		return core.Verdict{}
	}
	return r.verdicts[len(r.verdicts)-1]
}

// transportFunc is a transport that is one function.
type transportFunc func(context.Context, core.SendRequest) core.Responded

func (f transportFunc) Do(ctx context.Context, r core.SendRequest) core.Responded { return f(ctx, r) }

func silent(ctx context.Context, _ core.SendRequest) core.Responded {
	<-ctx.Done()
	return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout}
}

func record() []byte {
	return []byte(core.EncodeRecord(core.Record{
		Lineage: "l", Credential: core.NewSecret("c"), ClientID: "client_1", SessionID: "sess_1", SessionStatus: "active",
		User: core.User{ID: "user_1"},
	}, "t").Reveal())
}

// launched starts a machine in a bubble, over store and do.
func launched(t *testing.T, store vault.Vault, do transportFunc) (*shell.Shell, *recorder) {
	t.Helper()
	start := time.Now()
	said := &recorder{start: start}
	s := shell.Start(shell.Config{
		Vault: store, Transport: do, Clock: bubbleClock{start}, Listener: said,
		Entropy: func() [2]uint64 { return [2]uint64{3, 4} },
	}, core.New(core.Config{Tenant: "t"}))
	s.Send(core.Launch{Wall: core.Wall(start.UnixMilli()), Entropy: [2]uint64{1, 2}})
	return s, said
}

func TestVerdictWithinTheLocalDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memvault.NewStore()
		store.Put(vault.Version{Lineage: "l", Generation: 1}, record())
		hang := make(chan struct{})
		store.Inject(memvault.Load, memvault.Fault{Wait: hang})
		s, said := launched(t, store.Vault(), silent)
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if v := said.last(); v.Cause != core.CauseStorageSlow || said.at[len(said.at)-1] != 500*time.Millisecond {
			t.Fatalf("verdict %s(%s) at %v", v.Kind, v.Cause, said.at)
		}
		close(hang)
		synctest.Wait()
		if v := said.last(); v.Kind != core.ActiveUnverified {
			t.Fatalf("verdict %s(%s) after the store answered", v.Kind, v.Cause)
		}
		s.Close()
	})
}

// TestHungStoreIsBounded: a vault that never returns, and ignores its context,
// is read again.
func TestHungStoreIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memvault.NewStore()
		store.Put(vault.Version{Lineage: "l", Generation: 1}, record())
		hung := &deaf{Vault: store.Vault(), hang: make(chan struct{})}
		s, said := launched(t, hung, silent)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if v := said.last(); v.Kind != core.ActiveUnverified {
			t.Fatalf("verdict %s(%s)", v.Kind, v.Cause)
		}
		close(hung.hang)
		s.Close()
	})
}

// deaf blocks its first load whatever the context says.
type deaf struct {
	vault.Vault
	hang chan struct{}
	once sync.Once
}

func (d *deaf) Load(ctx context.Context) vault.Loaded {
	first := false
	d.once.Do(func() { first = true })
	if first {
		<-d.hang
	}
	return d.Vault.Load(ctx)
}

// TestPanicsAreAnswers: neither a vault nor a transport can take the machine
// down with it.
func TestPanicsAreAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memvault.NewStore()
		store.Put(vault.Version{Lineage: "l", Generation: 1}, record())
		calls := 0
		s, said := launched(t, &explosive{Vault: store.Vault()}, func(ctx context.Context, r core.SendRequest) core.Responded {
			if calls++; calls == 1 {
				panic("transport")
			}
			return silent(ctx, r)
		})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if v := said.last(); v.Kind != core.ActiveUnverified || calls < 2 {
			t.Fatalf("verdict %s(%s) after %d requests", v.Kind, v.Cause, calls)
		}
		s.Close()
	})
}

type explosive struct {
	vault.Vault
	once sync.Once
}

func (e *explosive) Load(ctx context.Context) vault.Loaded {
	e.once.Do(func() { panic("vault") })
	return e.Vault.Load(ctx)
}

// TestTimersFollowTheCore: attempts come further and further apart, up to the
// cap, and never stop.
func TestTimersFollowTheCore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memvault.NewStore()
		store.Put(vault.Version{Lineage: "l", Generation: 1}, record())
		start := time.Now()
		var at []time.Duration
		s, said := launched(t, store.Vault(), func(context.Context, core.SendRequest) core.Responded {
			at = append(at, time.Since(start))
			return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleNoRoute}
		})
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if v := said.last(); v.Kind != core.ActiveUnverified || v.Failing != core.TroubleNoRoute {
			t.Fatalf("verdict %+v", v)
		}
		if len(at) < 24 || len(at) > 80 {
			t.Fatalf("%d attempts in two hours: %v", len(at), at)
		}
		gaps := make([]time.Duration, 0, len(at))
		for i := 1; i < len(at); i++ {
			gaps = append(gaps, at[i]-at[i-1])
		}
		if longest := slices.Max(gaps); longest > 5*time.Minute+time.Second || gaps[0] > time.Second+time.Millisecond {
			t.Fatalf("first pause %v, longest %v", gaps[0], longest)
		}
		if gap := gaps[len(gaps)-1]; gap == gaps[len(gaps)-2] && gap == gaps[len(gaps)-3] {
			t.Fatalf("pauses are not spread: %v", gaps)
		}
		s.Close()
	})
}

// TestCloseEndsEverything: no goroutine is left, and nothing is said any more.
// The bubble itself fails the test if a goroutine stays.
func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, said := launched(t, memvault.New(), silent)
		synctest.Wait()
		before := len(said.verdicts)
		s.Close()
		s.Send(core.TokenAsked{Call: 1})
		s.Send(core.Nudged{})
		synctest.Wait()
		if len(said.verdicts) != before || len(said.replies) != 0 {
			t.Fatalf("said after Close: %v %v", said.verdicts[before:], said.replies)
		}
	})
}
