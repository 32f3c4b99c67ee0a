package nativemodule

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/device"
)

// The published script asks for its client once, and gives up for the launch
// when it gets an error; it overwrites what it was told by an answer that comes
// late; and it says signOut for as long as it believes that nobody is signed in.
// So it is told again, as long as there is a reason to think that it has not
// taken in what it was told. A script that has is told the same once more, which
// it does not notice.

const (
	// When a script is told again that shows no sign of a session, and how often.
	firstAgain, timesAgain = 5 * time.Second, 4
	// The least pause between two answers to a script's signOut, at first and at
	// most.
	firstInsist, lastInsist = time.Second, 30 * time.Second
)

// again is what a tenant knows about how far its script has come.
type again struct {
	// seen: the script has shown that it has a session. found counts its
	// questions that were answered with one, since it was configured.
	seen  bool
	found int
	// times is how often it was told again; timer tells it the next time.
	times int
	timer *time.Timer
	// troubled: the server could not be asked, so the script could not either.
	troubled bool
	// insistAt is when a signOut may be answered next, and pause what is waited
	// after that.
	insistAt time.Time
	pause    time.Duration
	waiting  bool
}

// begin counts anew, for a script that has just begun or a session that has.
func (t *tenant) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.beginLocked()
}

func (t *tenant) beginLocked() {
	t.again.seen, t.again.found, t.again.times = false, 0, 0
	t.laterLocked(firstAgain)
}

func (t *tenant) laterLocked(after time.Duration) {
	if t.again.timer != nil {
		t.again.timer.Stop()
	}
	if t.life.Err() == nil {
		t.again.timer = time.AfterFunc(after, t.tick)
	}
}

// tick tells the script again what it shows no sign of.
func (t *tenant) tick() {
	state := t.device.State()
	t.mu.Lock()
	over := t.again.seen || t.again.times == timesAgain || t.life.Err() != nil
	if !over && certain(state) {
		t.again.times++
	}
	if !over {
		t.laterLocked(firstAgain << t.again.times)
	}
	t.mu.Unlock()
	if !over && certain(state) {
		t.tellAgain(state, "it shows no sign of the session")
	}
}

// certain reports whether the server stands by the session at present.
func certain(s device.State) bool { return there(s) && s.Confirmed && s.Failing == "" }

// sign notes what shows that the script has a session. The first question after
// configure is part of its launch, whatever the launch comes to.
func (t *tenant) sign(found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found {
		t.again.found++
	}
	if !found || t.again.found > 1 {
		t.again.seen, t.again.pause = true, 0
	}
}

// recover tells the script again when the server can be asked again: what the
// script asked meanwhile has failed as well.
func (t *tenant) recover(state device.State) {
	t.mu.Lock()
	tell := t.again.troubled && certain(state) && !t.again.seen
	switch {
	case state.Failing != "":
		t.again.troubled = true
	case certain(state):
		t.again.troubled = false
	}
	t.mu.Unlock()
	if tell {
		t.tellAgain(state, "the server can be asked again")
	}
}

// insist answers a script that believes that nobody is signed in, when the
// server has just said otherwise. It is paced, because the answer can make the
// script say it again.
func (t *tenant) insist() {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := &t.again
	if a.waiting {
		return
	}
	a.waiting, a.seen = true, false
	time.AfterFunc(time.Until(a.insistAt), func() {
		t.mu.Lock()
		a.waiting = false
		a.pause = min(max(firstInsist, 2*a.pause), lastInsist)
		a.insistAt = time.Now().Add(a.pause)
		t.mu.Unlock()
		if state := t.device.State(); certain(state) {
			t.tellAgain(state, "the script says that nobody is signed in")
		}
	})
}

// tellAgain emits the session and the token that the script was told already.
func (t *tenant) tellAgain(state device.State, reason string) {
	ctx, cancel := context.WithTimeout(t.life, patience)
	defer cancel()
	credential, err := t.device.Credential(ctx)
	if err != nil || credential == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.offered != "" || t.session != state.SessionID || t.life.Err() != nil {
		return // something newer is about to be told
	}
	t.trace.Printf("script: told again that %s is there: %s", state.SessionID, reason)
	t.script = credential
	t.hub.emit(ClientChanged, changedClient(credential))
	t.hub.emit(AuthStateChange, signedIn(state))
}
