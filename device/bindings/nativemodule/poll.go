package nativemodule

import "github.com/perennialauth/perennial/device"

// tracedPolls bounds the polls that a trace tells: the published script polls
// thirty times.
const tracedPolls = 30

// polled tells the trace what the script was told about the session.
func (t *tenant) polled(state device.State) {
	t.mu.Lock()
	t.polls++
	n := t.polls
	t.mu.Unlock()
	if n <= tracedPolls {
		id := ""
		if there(state) {
			id = state.SessionID
		}
		t.trace.Printf("bootstrap: poll #%d getSession() -> %s", n, named(id))
	}
}

func named(session string) string {
	if session == "" {
		return "undefined"
	}
	return session
}
