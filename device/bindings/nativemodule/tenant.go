package nativemodule

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/trace"
)

// tenant is the module configured for one publishable key.
type tenant struct {
	key    string
	device *device.Device
	hub    *hub
	trace  *trace.Trace
	life   context.Context
	end    context.CancelFunc

	mu sync.Mutex
	// offered is the script's token while the server has not said whose it
	// is. Until then the script is told its own token, so that neither side
	// overwrites the other's.
	offered string
	settled chan struct{} // closed and replaced when offered changes
	// script is the token that the script has, as far as is known: the one it
	// handed over or was told last.
	script string
	// own is the last token that the script handed over, whatever came of it.
	own string
	// session and flow are what the script was told last, and told numbers the
	// state it was told of.
	session string
	flow    AuthFlow
	told    uint64
	// verdict is the state that was told last as a whole, once there is one.
	verdict *VerdictChange
	// tokenErr is what is known against the script's last token.
	tokenErr error
	polls    int
	// held is the session that the device has had since the last one that was
	// told to be over, whether the script was told of it or shows it from a
	// cache of its own.
	held string
	// ended is the session that is over by the server's word and that the
	// script may still show.
	ended string
	again again

	// asking is held by one question to the server at a time.
	asking chan struct{}
}

func newTenant(h *hub, key string, d *device.Device, token string, tr *trace.Trace) *tenant {
	life, end := context.WithCancel(context.Background())
	t := &tenant{key: key, device: d, hub: h, trace: tr, life: life, end: end, settled: make(chan struct{}),
		asking: make(chan struct{}, 1)}
	// Before anything is told, so that nothing is told against it.
	t.offer(token)
	h.replayFrom(t.replay)
	go t.follow()
	return t
}

func (t *tenant) close() {
	// Whoever emits holds the lock: nothing is told any more after this.
	t.mu.Lock()
	t.end()
	if t.again.timer != nil {
		t.again.timer.Stop()
	}
	t.mu.Unlock()
	_ = t.device.Close()
}

// offer takes the script's token for verification and returns at once.
func (t *tenant) offer(token string) {
	if token == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !plausible(token) {
		t.tokenErr = ErrToken
		t.trace.Printf("script: a token that is none was left alone")
		return
	}
	t.tokenErr, t.own = nil, token
	if t.offered == token || t.script == token && there(t.device.State()) {
		return // in question already, or in use on both sides
	}
	t.script = token
	t.setOfferedLocked(token)
	// Before the store has answered, if that is so: an empty store must not be
	// told for a proof that nobody is signed in.
	t.device.Offer(token)
	go t.identify(token)
}

func (t *tenant) setOfferedLocked(token string) {
	t.offered = token
	close(t.settled)
	t.settled = make(chan struct{})
}

// askAgain is the least pause between two questions whose token a server that
// cannot be reached is. The core paces the requests; this only keeps a loop
// from turning on its own answers.
const askAgain = time.Second

// identify waits until the server has said whose token it is. What the store
// holds is known first: the token is verified beside it.
func (t *tenant) identify(token string) {
	if _, err := t.device.Restore(t.life); err != nil {
		return
	}
	refusals := 0
	err := t.device.Adopt(t.life, token)
	for errors.Is(err, device.ErrOffline) {
		if t.refused(err) {
			if refusals++; refusals == enoughRefusals {
				break
			}
		}
		select {
		case <-time.After(askAgain):
		case <-t.life.Done():
			return
		}
		err = t.device.Adopt(t.life, token)
	}
	t.mu.Lock()
	if t.offered != token || t.life.Err() != nil {
		t.mu.Unlock()
		return // another token took its place
	}
	t.setOfferedLocked("")
	state := t.device.State()
	switch {
	case err == nil:
		// The change is the script's own: it hears of the session, and not
		// that its client has changed.
		t.tellSessionLocked(state)
	case t.script == token:
		// The server knows no session by it: the script has nothing to
		// restore from, and is told what there is.
		t.script, t.tokenErr = "", ErrTokenRefused
		if state.Kind == device.SignedOut {
			t.overLocked(state)
			t.tellSessionLocked(state)
		}
		if t.ended != "" && state.Kind == device.SignedOut {
			// Nobody is behind the script's own token either, so it has
			// nothing left to lose by hearing it.
			t.hub.emit(AuthStateChange, AuthState{Type: "signedOut"})
			t.ended = ""
		}
	}
	t.mu.Unlock()
	t.tell(state)
	t.hub.settle()
}

// enoughRefusals is how often a server has to refuse the script's token, or to
// answer it with nobody, while it confirms the session that is there, before the
// script is told of the latter.
const enoughRefusals = 3

// refused reports whether the server itself turned the token down, although it
// is the one that confirmed this device's own session. Where there is no such
// session the token is all there is, and it is asked about for ever.
func (t *tenant) refused(err error) bool {
	var detailed *device.Error
	if !t.device.State().Confirmed || !errors.As(err, &detailed) {
		return false
	}
	e := detailed.Evidence
	if e.Status == http.StatusOK && e.Trouble == "" {
		// A client with nobody, of a server that does not say what it got.
		return true
	}
	return e.Code != "" && e.Status >= 400 && e.Status < 500 && e.Status != http.StatusTooManyRequests
}

func (t *tenant) trouble() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tokenErr
}

// identified waits until token is no longer in question.
func (t *tenant) identified(ctx context.Context, token string) {
	for {
		t.mu.Lock()
		offered, settled := t.offered, t.settled
		t.mu.Unlock()
		if offered != token {
			return
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return
		}
	}
}

// tokenForScript returns what the script shall use as its client token.
func (t *tenant) tokenForScript(ctx context.Context) string {
	t.mu.Lock()
	offered := t.offered
	t.mu.Unlock()
	if offered != "" {
		return offered
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	credential, err := t.device.Credential(ctx)
	if err != nil {
		return ""
	}
	state := t.device.State()
	t.mu.Lock()
	defer t.mu.Unlock()
	if credential == "" && state.Kind == device.SignedOut && state.Cause != core.CauseUser {
		// A script that finds no token here gives its own up, asks without one,
		// is answered with somebody new, and then goes on showing what it
		// showed. Its own leads to the client that says that nobody is there.
		return t.own
	}
	if credential != "" {
		t.script = credential
	}
	return credential
}

// reconsider looks behind the proof that a session is over: its client may hold
// another one by now, because the script signed in anew over the same token.
func (t *tenant) reconsider(ctx context.Context, state device.State) {
	if state.Kind != device.SignedOut || (state.Cause != core.CauseRevoked && state.Cause != core.CauseRejected) {
		return
	}
	t.mu.Lock()
	token := t.script
	t.mu.Unlock()
	if token != "" {
		t.offer(token)
		t.identified(ctx, token)
	}
}

// ask has the server confirm the session, and reports whether it just did.
func (t *tenant) ask(ctx context.Context) (confirmed bool) {
	select {
	case t.asking <- struct{}{}:
		defer func() { <-t.asking }()
	case <-ctx.Done():
		return false
	}
	if !t.device.State().SignedIn() {
		t.device.Nudge() // there are no tokens to ask for
		return false
	}
	confirmed = true
	// The first answer may be to a request that was under way already, from
	// before the reason to ask; the second cannot be.
	for range 2 {
		if _, err := t.device.FreshToken(ctx); err != nil {
			confirmed = false
			break
		}
	}
	t.reconsider(ctx, t.device.State())
	return confirmed
}
