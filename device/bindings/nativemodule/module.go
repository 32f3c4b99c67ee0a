// Package nativemodule owns the interface that the published Expo SDK expects
// of its native side, over the device core.
//
// It offers [Module] with the methods, events and payloads of both published
// generations: configure, getSession, getClientToken, signOut and
// onAuthStateChange of 3.2.7; configure, getClientToken, getAuthFlowState,
// syncClientStateFromJs, clerkNativeClientChanged and clerkNativeAuthFlowChanged
// of 4.6.6. The script above it runs unchanged. Beside them it tells the whole
// verdict ([VerdictChanged]), for apps that ask the core itself.
//
// It refuses to take the script's word for a sign-out: what the script says
// about its own state is a reason to ask the server, never to end a session.
// The script's token is verified beside the record, which stays as it is
// meanwhile; and everything stored is scoped by the whole publishable key.
package nativemodule

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/trace"
)

// The errors of the module's methods, by the codes under which the script's
// side knows such failures.
var (
	// ErrNotInitialized: the method needs a configuration and none was given.
	ErrNotInitialized = errors.New("E_NOT_INITIALIZED")
	// ErrConfigure: the configuration cannot work. An earlier one stays.
	ErrConfigure = errors.New("E_CONFIGURE_FAILED")
	// ErrSuperseded: configure was called with another key meanwhile.
	ErrSuperseded = errors.New("E_SUPERSEDED")
	// ErrUnsupported: the method needs screens or hardware of the app.
	ErrUnsupported = errors.New("E_NOT_SUPPORTED")
	// ErrToken: what the script handed over cannot be a client token. It was
	// not used, and everything is as it was. See [Module.TokenError].
	ErrToken = errors.New("E_TOKEN_INVALID")
	// ErrTokenRefused: the server answered that nobody is signed in by the
	// token that the script handed over. See [Module.TokenError].
	ErrTokenRefused = errors.New("E_TOKEN_REFUSED")
)

// patience bounds what a method waits for the server when the script waits for
// the method. The script itself gives up after five seconds.
const patience = 4 * time.Second

// storing bounds what configure waits for the store to take the script's token,
// unlocking what it waits for a store that cannot be read: the script reads its
// own token from such a store next and gives the native side up for the launch
// when that fails. It gives up on configure after ten seconds.
const (
	storing   = 500 * time.Millisecond
	unlocking = 8 * time.Second
)

// Opener opens the device for a publishable key. The same key must lead to the
// same stored record, another key to another. The device must be unbound: the
// script uses the same credential and has no key to prove with.
type Opener func(publishableKey string) (*device.Device, error)

// Module is one native module of one process. The script may be reloaded above
// it any number of times.
type Module struct {
	open  Opener
	trace *trace.Trace

	mu      sync.Mutex
	current *tenant
	hub     hub
	closed  bool
}

// New returns a module that is not configured. What happens is told to t, which
// may be nil.
func New(open Opener, t *trace.Trace) *Module {
	t.Printf("mount | isSignedIn=undefined isLoaded=false")
	return &Module{open: open, trace: t}
}

// Configure makes publishableKey the instance in use and takes bearerToken, the
// token that the script holds, for verification; empty means none. It returns
// the first verdict without waiting for the network: a session, a proven
// absence, or undetermined with its cause.
//
// A store that cannot be read is waited for, eight seconds at most.
//
// A token that is none does not make it fail, because the script gives the
// native session up when it does; [Module.TokenError] tells.
func (m *Module) Configure(ctx context.Context, publishableKey, bearerToken string) (device.State, error) {
	began := time.Now()
	m.trace.Printf("bootstrap: calling native configure with bearerToken=%s", trace.Secret(bearerToken))
	state, err := m.configure(ctx, publishableKey, bearerToken)
	if err != nil {
		m.trace.Printf("bootstrap: configure rejected after %d ms: %v", time.Since(began).Milliseconds(), err)
		return device.State{}, err
	}
	m.trace.Printf("bootstrap: configure resolved after %d ms -> %s (%s) session=%s",
		time.Since(began).Milliseconds(), state.Kind, state.Cause, named(state.SessionID))
	return state, nil
}

func (m *Module) configure(ctx context.Context, publishableKey, bearerToken string) (device.State, error) {
	t, err := m.tenantFor(publishableKey, bearerToken)
	if err != nil {
		return device.State{}, err
	}
	state, err := t.untilReadable(ctx)
	if err == nil && bearerToken != "" {
		// A question to the core is answered after it took the token, and so
		// after what the token changes: a device that knew nobody now knows
		// that it does not know whose the token is.
		asked, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_, _ = t.device.Credential(asked)
		// The script may lose its copy at any time, so this one is durable
		// before the script goes on, unless the store takes its time.
		stored, cancelStored := context.WithTimeout(ctx, storing)
		defer cancelStored()
		_ = t.device.Stored(stored)
		state, err = t.device.Restore(ctx)
	}
	if errors.Is(err, device.ErrClosed) {
		err = ErrSuperseded
	}
	return state, err
}

// untilReadable waits for the first verdict, and for a better one while only the
// store is in the way. The verdict that holds meanwhile is in the events.
func (t *tenant) untilReadable(ctx context.Context) (device.State, error) {
	state, err := t.device.Restore(ctx)
	if err != nil || !storeInTheWay(state) {
		return state, err
	}
	t.trace.Printf("bootstrap: configure waits for the store: %s", state.Cause)
	held, cancel := context.WithTimeout(ctx, unlocking)
	defer cancel()
	for state = range t.device.Watch(held) {
		if !storeInTheWay(state) {
			return state, nil
		}
	}
	if held.Err() == nil {
		return state, device.ErrClosed
	}
	return state, nil
}

// storeInTheWay reports whether nothing is known because of a store that may be
// readable a moment later.
func storeInTheWay(s device.State) bool {
	switch s.Cause {
	case core.CauseStorageSlow, core.CauseStorageLocked, core.CauseStorageFailed, core.CauseStorageCorrupt, core.CauseKeyService:
		return s.Kind == device.Undetermined
	default:
		return false
	}
}

// TokenError says what is wrong with the token that the script handed over
// last: [ErrToken], [ErrTokenRefused], or nil while nothing is known against it.
func (m *Module) TokenError() error {
	if t := m.tenant(); t != nil {
		return t.trouble()
	}
	return nil
}

// tenantFor joins the configuration in use when it is the same, which is what a
// reloaded script does, and replaces it otherwise. What the one before stored
// stays where it is.
func (m *Module) tenantFor(key, token string) (*tenant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrNotInitialized
	}
	if t := m.current; t != nil && t.key == key {
		m.trace.Printf("mount | the script came again to a living module")
		t.begin()
		t.offer(token)
		return t, nil
	}
	d, err := m.open(key)
	if err != nil {
		return nil, errors.Join(ErrConfigure, err)
	}
	if m.current != nil {
		m.current.close()
	}
	m.current = newTenant(&m.hub, key, d, token, m.trace)
	return m.current, nil
}

func (m *Module) tenant() *tenant {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current
}

// GetClientToken returns the client token for the script to use, empty when
// there is none or nothing is configured.
func (m *Module) GetClientToken(ctx context.Context) string {
	if t := m.tenant(); t != nil {
		return t.tokenForScript(ctx)
	}
	return ""
}

// GetSession returns the session, nil when none is known.
func (m *Module) GetSession() *Session {
	t := m.tenant()
	if t == nil {
		return nil
	}
	state := t.device.State()
	t.polled(state)
	if there(state) {
		t.sign(true)
	}
	return sessionOf(state)
}

// GetAuthFlowState says how far signing in has come.
func (m *Module) GetAuthFlowState() AuthFlow {
	if t := m.tenant(); t != nil {
		return authFlowOf(t.device.State())
	}
	return AuthFlow{}
}

// SyncClientStateFromJS takes what the script says has changed on its side. A
// token is verified, a changed client is a reason to ask the server. It waits
// for the server a few seconds at most and never fails because of it.
func (m *Module) SyncClientStateFromJS(ctx context.Context, token string, clientChanged, tokenChanged bool) error {
	t := m.tenant()
	if t == nil {
		return ErrNotInitialized
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m.trace.Printf("script: syncClientStateFromJs token=%s client changed %v", trace.Secret(token), clientChanged)
	// A script without a token has lost it or never had it; the native one
	// stays.
	if tokenChanged && token != "" {
		t.offer(token)
		t.identified(ctx, token)
	}
	if clientChanged {
		if !tokenChanged {
			t.sign(false) // it has a client of its own
		}
		t.ask(ctx)
	}
	return nil
}

// SignOut is what the script calls when it believes that nobody is signed in,
// also for an instant, also before it has loaded. It makes the core ask the
// server, and ends nothing by itself. [Module.EndSession] signs out.
func (m *Module) SignOut() error {
	t := m.tenant()
	m.trace.Printf("script: signOut, taken as a question to the server (configured: %v)", t != nil)
	if t == nil {
		return ErrNotInitialized
	}
	go func() {
		ctx, cancel := context.WithTimeout(t.life, time.Minute)
		defer cancel()
		if t.ask(ctx) {
			t.insist()
		}
	}()
	return nil
}

// EndSession signs out because a person asked for it: durably here at once, on
// the server as soon as it can be reached.
func (m *Module) EndSession(ctx context.Context) error {
	t := m.tenant()
	if t == nil {
		return ErrNotInitialized
	}
	return t.device.SignOut(ctx)
}

// RefreshClient says that trying now may be worthwhile.
func (m *Module) RefreshClient() error {
	t := m.tenant()
	if t == nil {
		return ErrNotInitialized
	}
	t.device.Nudge()
	return nil
}

// Device returns the device in use, nil before Configure.
func (m *Module) Device() *device.Device {
	if t := m.tenant(); t != nil {
		return t.device
	}
	return nil
}

// Close ends the module. Nobody is signed out.
func (m *Module) Close() {
	m.mu.Lock()
	t := m.current
	m.current, m.closed = nil, true
	m.mu.Unlock()
	if t != nil {
		t.close()
	}
	m.hub.end()
}
