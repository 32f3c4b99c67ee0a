package nativemodule

import (
	"context"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/core"
)

// follow tells the script about the states of the device.
func (t *tenant) follow() {
	for state := range t.device.Watch(t.life) {
		t.tellVerdict(state)
		t.tell(state)
		t.recover(state)
		go t.reconsider(t.life, state)
	}
}

// tellVerdict emits what holds for the core itself, whatever the script knows.
func (t *tenant) tellVerdict(state device.State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.life.Err() != nil {
		return
	}
	if there(state) {
		t.held = state.SessionID
	}
	t.verdict = &VerdictChange{t.key, bindings.StateOf(state)}
	t.hub.emit(VerdictChanged, *t.verdict)
	if flow := authFlowOf(state); flow != t.flow {
		t.flow = flow
		t.hub.emit(AuthFlowChanged, flow)
	}
}

// tell emits what the script does not know yet. Nothing is said while its own
// token is in question: a token told now could overwrite a newer one.
func (t *tenant) tell(state device.State) {
	if !state.Settled() || state.Kind == device.Undetermined {
		return
	}
	t.mu.Lock()
	offered, settled := t.offered, t.settled
	t.mu.Unlock()
	if offered != "" {
		return // told when it is no longer in question
	}
	ctx, cancel := context.WithTimeout(t.life, patience)
	defer cancel()
	credential, err := t.device.Credential(ctx)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.settled != settled || state.Sequence < t.told || t.life.Err() != nil {
		return // overtaken
	}
	before := t.session
	switch {
	case there(state):
		if credential != "" && credential != t.script {
			t.script = credential
			t.hub.emit(ClientChanged, changedClient(credential))
		} else if before != "" && before != state.SessionID {
			t.hub.emit(ClientChanged, changedClient(""))
		}
	default:
		t.overLocked(state)
	}
	t.tellSessionLocked(state)
}

// overLocked tells that the session is over which the script was told of, or may
// show from a cache of its own.
func (t *tenant) overLocked(state device.State) {
	before := t.session
	if before == "" {
		before = t.held
	}
	t.held = ""
	if before == "" {
		return
	}
	t.hub.emit(ClientChanged, changedClient(""))
	if state.Cause == core.CauseUser {
		// The script ends every session of its client when it hears this, so
		// it hears it when a person asked for it, or when it is proven that
		// there is none.
		t.hub.emit(AuthStateChange, AuthState{Type: "signedOut"})
	} else {
		t.ended = before
	}
}

func (t *tenant) tellSessionLocked(state device.State) {
	before := t.session
	t.session, t.told = state.SessionID, state.Sequence
	if there(state) && before != state.SessionID {
		t.ended = ""
		t.beginLocked()
		t.hub.emit(AuthStateChange, signedIn(state))
	}
}

// replay gives a listener that comes late what it has missed: what is true now,
// and not what was said when. later asks to come back once the script's token is
// no longer in question. Nothing is emitted meanwhile, so that nothing older is
// given after something newer.
func (t *tenant) replay(event string, give func(payload any)) (later bool) {
	state := t.device.State()
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case event == VerdictChanged:
		if t.verdict != nil {
			give(*t.verdict)
		}
	case event == AuthFlowChanged:
		give(t.flow)
	case t.offered != "":
		return true
	case !there(state) || t.session != state.SessionID:
		// A session that was not told yet is about to be.
	case event == AuthStateChange:
		give(signedIn(state))
	case event == ClientChanged && t.script != "":
		give(changedClient(t.script))
	}
	return false
}
