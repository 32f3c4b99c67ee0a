// Package device owns what an application links to keep a person signed in: it
// restores the session at a cold start without the network, hands out session
// tokens, signs in and out, and says at every instant what is known.
//
// It offers [Open], [Device.Restore], [Device.State] and [Device.Watch],
// [Device.Token], the sign-in and sign-up steps, [Device.Adopt],
// [Device.SignOut], [Device.Explain] and [Device.Close], with typed errors.
//
// It refuses to decide anything about a session: that is the business of
// package core, which this package runs over a vault and a transport.
package device

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/shell"
	"github.com/perennialauth/perennial/device/trace"
)

// State is everything that is known about the session at one instant.
type State = core.Verdict

// User is what may be shown of the signed-in user.
type User = core.User

// The five verdicts; see the core package for what each of them means.
const (
	Active           = core.Active
	ActiveUnverified = core.ActiveUnverified
	Pending          = core.Pending
	SignedOut        = core.SignedOut
	Undetermined     = core.Undetermined
)

// Device is one client of one instance, on this machine. Its methods are safe
// for concurrent use.
type Device struct {
	shell   *shell.Shell
	clock   shell.Clock
	journal *journal
	closers []func()

	states feed
	token  atomic.Pointer[handedToken]

	mu       sync.Mutex
	calls    map[core.CallID]chan core.Reply
	lastCall core.CallID
	pending  core.PublishPending
	moved    chan struct{} // closed and replaced when pending changes
	closed   bool

	secondFactors string // see [Device.SecondFactors]
}

// handedToken is the session token that may be handed out without asking.
type handedToken struct {
	jwt        string
	validUntil core.Instant
	at         time.Time     // when it was published, by both of Go's clocks
	lasts      time.Duration // from then on
	used       atomic.Bool
}

// fresh reports whether the token may still be handed out. Asking the operating
// system for the clock that counts suspension costs more than all the rest of a
// call, so the system's clocks are read through Go: time that passed while the
// machine was suspended shows on the wall clock. Whichever says more counts; at
// worst the core is asked in vain.
func (h *handedToken) fresh(clock shell.Clock) bool {
	if _, system := clock.(systemClock); !system {
		return clock.Now() < h.validUntil
	}
	now := time.Now()
	return max(now.Sub(h.at), now.Round(0).Sub(h.at.Round(0))) < h.lasts
}

// Open checks the configuration and begins to restore the session. It does not
// wait: [Device.Restore] does. A wrong configuration is [ErrNotConfigured],
// with what is wrong with it.
func Open(config Config) (*Device, error) {
	parts, err := config.build()
	if err != nil {
		return nil, err
	}
	d := &Device{
		clock: parts.clock, journal: parts.journal, closers: parts.closers,
		calls: make(map[core.CallID]chan core.Reply), moved: make(chan struct{}),
	}
	tenant := sha256.Sum256([]byte(config.PublishableKey))
	state := core.New(core.Config{
		Tenant: hex.EncodeToString(tenant[:]), LocalDeadline: config.LocalDeadline, OfflineLimit: config.OfflineLimit,
		BackoffBase: config.BackoffBase, BackoffCap: config.BackoffCap,
		Install: config.Install, DiscardForeign: config.DiscardForeign,
		Bind: !config.Unbound, RotateEvery: config.RotateEvery,
	})
	d.states.begin(state.Verdict())
	if config.Trace == nil {
		config.Trace = trace.FromEnvironment()
	}
	config.Trace.Printf("open: isSignedIn=undefined isLoaded=false")
	d.shell = shell.Start(shell.Config{
		Vault: parts.vault, Transport: parts.transport, Clock: parts.clock, Journal: traced(parts.journal, config.Trace),
		Entropy: systemEntropy, Listener: listener{d}, Keys: parts.keys,
		StoreLimit: config.StoreLimit, RequestLimit: config.RequestLimit,
	}, state)
	d.shell.Send(core.Launch{Wall: parts.clock.Wall(), Entropy: systemEntropy()})
	d.followPeers(parts.vault, config.PeerInterval)
	return d, nil
}

func systemEntropy() [2]uint64 {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	return [2]uint64{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])}
}

// State returns what is known now. Before the first verdict it is undetermined;
// it is never signed-out for want of knowledge.
func (d *Device) State() State { return d.states.current().state }

// Restore waits for the first verdict, at most the local deadline (500 ms)
// after Open, and returns it. It may be called any number of times and by
// anybody; it returns the same or a later verdict. The error is ctx's own or
// [ErrClosed]; what the verdict means is in the State.
func (d *Device) Restore(ctx context.Context) (State, error) {
	for state := range d.Watch(ctx) {
		if state.Settled() {
			return state, nil
		}
	}
	return d.State(), d.ended(ctx)
}

// Nudge says that trying now may be worthwhile: the application came to the
// foreground, or the network changed. It never does harm.
func (d *Device) Nudge() { d.shell.Send(core.Nudged{Wall: d.clock.Wall()}) }

// Rotate asks for a successor of the bound credential before its time. The
// credential in use stays until the successor is proven; nothing is waited for.
func (d *Device) Rotate() { d.shell.Send(core.RotationAsked{}) }

// Reload says that another process may have changed the stored record.
func (d *Device) Reload() { d.shell.Send(core.PeerChanged{}) }

// Drain waits until everything is stored and every queued revocation is
// delivered, or until ctx ends. A short-lived program calls it before it exits;
// what is left is taken up by the next launch.
func (d *Device) Drain(ctx context.Context) error {
	return d.await(ctx, func() bool { return d.pending.Revocations > 0 || d.pending.Unsaved })
}

// Close ends the process's part of the session: nothing is signed out, and the
// next Open restores. Calls that wait are answered with [ErrClosed], and
// watchers end.
func (d *Device) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	d.mu.Unlock()
	d.shell.Close()
	d.token.Store(nil) // a closed device hands out nothing, not even from memory
	d.mu.Lock()
	for call, reply := range d.calls {
		close(reply)
		delete(d.calls, call)
	}
	d.mu.Unlock()
	d.states.end()
	if d.journal != nil {
		d.journal.close()
	}
	for _, closeIt := range d.closers {
		closeIt()
	}
	return nil
}

// listener receives what the machine says.
type listener struct{ d *Device }

func (l listener) Published(verdict core.Verdict) { l.d.states.publish(verdict) }

func (l listener) TokenPublished(token core.PublishToken) {
	if token.Token.IsZero() {
		l.d.token.Store(nil)
		return
	}
	l.d.token.Store(&handedToken{
		jwt: token.Token.Reveal(), validUntil: token.ValidUntil,
		at: time.Now(), lasts: token.ValidUntil.Since(l.d.clock.Now()),
	})
}

func (l listener) PendingPublished(pending core.PublishPending) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.d.pending = pending
	close(l.d.moved)
	l.d.moved = make(chan struct{})
}

func (l listener) Replied(reply core.Reply) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	if waiting := l.d.calls[reply.Call]; waiting != nil {
		delete(l.d.calls, reply.Call)
		waiting <- reply
	}
}
