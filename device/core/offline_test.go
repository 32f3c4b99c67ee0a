package core

import (
	"slices"
	"testing"
)

// A wall clock that jumps past the offline limit says nothing that the server
// could not put right at once. The session used to be withheld until the next
// confirmation was due.
func TestClockJumpAsksTheServer(t *testing.T) {
	t.Parallel()
	state := benched(t)
	month := modelWall + Wall(modelStart+modelMonth)
	for name, event := range map[string]Event{
		"to the foreground": Nudged{month},
		"with an answer":    Responded{ID: 9999, Wall: month, Class: Accepted},
	} {
		got, effects := Step(state, modelStart+1000, event)
		asked := slices.ContainsFunc(effects, func(e Effect) bool {
			r, ok := e.(SendRequest)
			return ok && r.Kind == ReadClient
		})
		if got.verdict.Cause != CauseOfflineLimit || !asked {
			t.Errorf("%s: verdict %s, asked: %v", name, got.verdict.Cause, asked)
		}
	}
}
