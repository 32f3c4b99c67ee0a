package nativemodule

import (
	"context"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
)

// follow tells the script about the states of the device.
func (t *tenant) follow() {
	for state := range t.device.Watch(t.life) {
		t.tellFlow(state)
		t.tell(state)
		go t.reconsider(t.life, state)
	}
}

func (t *tenant) tellFlow(state device.State) {
	flow := authFlowOf(state)
	t.mu.Lock()
	changed := flow != t.flow
	t.flow = flow
	t.mu.Unlock()
	if changed {
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
	case before != "":
		t.hub.emit(ClientChanged, changedClient(""))
		if state.Cause == core.CauseUser {
			// The script ends every session of its client when it hears
			// this, so it hears it only when a person asked for it.
			t.hub.emit(AuthStateChange, AuthState{Type: "signedOut"})
		}
	}
	t.tellSessionLocked(state)
}

func (t *tenant) tellSessionLocked(state device.State) {
	before := t.session
	t.session, t.told = state.SessionID, state.Sequence
	if there(state) && before != state.SessionID {
		t.hub.emit(AuthStateChange, signedIn(state))
	}
}

// replay is what a listener that comes late has missed: what is true now, and
// not what was said when. later asks to come back once the script's token is no
// longer in question.
func (t *tenant) replay(event string) (payload any, later bool) {
	state := t.device.State()
	t.mu.Lock()
	defer t.mu.Unlock()
	if event == AuthFlowChanged {
		return t.flow, false
	}
	if t.offered != "" {
		return nil, true
	}
	// A session that was not told yet is about to be.
	if !there(state) || t.session != state.SessionID {
		return nil, false
	}
	switch {
	case event == AuthStateChange:
		return signedIn(state), false
	case event == ClientChanged && t.script != "":
		return changedClient(t.script), false
	default:
		return nil, false
	}
}
