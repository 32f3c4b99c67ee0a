package core

import (
	"strings"
	"testing"
)

// stories are the ways to laws that were broken once, told as the model tells
// them. What the long run found after minutes is found here at once.
var stories = []struct {
	name  string
	begin string // the scene
	way   string
	// unlike: the scene is begun with these budgets instead of its own.
	unlike budget
}{
	{
		name: "a sign-out means what was handed over and identified", begin: "adoption by two processes",
		unlike: budget{adopt: 2, peer: 2, storeFault: 2, signOut: 1},
		way: `launch
			store answers
			adopt
			store fails but did it
			served: read-client K0
			peer adopts
			sign-out asked
			store: failed
			served: read-client A0
			served: remove-session K0`,
	},
	{
		name: "a sign-in ends what was handed over after a sign-out", begin: "storage",
		unlike: budget{signOut: 1, adopt: 1, signIn: 1},
		way: `launch
			sign-out asked
			store answers
			store answers
			adopt
			store answers
			sign-in
			served: create-sign-in`,
	},
	{
		name: "an older copy of the client ends no other credential", begin: "rotation",
		unlike: budget{signOut: 1, rotate: 1, lie: 2},
		way: `launch
			store answers
			sign-out asked
			store answers
			served with successor: read-client A0
			store answers
			lie 1: remove-session A0
			lie 1: read-client A0`,
	},
	{
		name: "two revocations are delivered before either is stored", begin: "rotation",
		unlike: budget{signOut: 1, peer: 1, storeFault: 1, lie: 2},
		way: `launch
			store answers
			sign-out asked
			peer rotates
			store answers
			store answers
			store: failed
			lie 1: remove-session A1
			lie 1: read-client A1
			served: read-client A0
			served: remove-session A0
			served: read-client A0
			served: read-client N0
			timer 1
			store answers`,
	},
	{
		name: "what dropped credentials is gone before a revocation is believed", begin: "credential dropped before a server that does not say",
		unlike: budget{signOut: 1},
		way: `launch
			store answers
			sign-out asked
			store answers
			served: read-client A0
			served: remove-session A0
			served: read-client A0
			proxy is gone
			served: read-client N0`,
	},
	{
		name: "a session signed out of is ended before what was handed over takes its place", begin: "storage",
		unlike: budget{signOut: 1, adopt: 1, signIn: 1, storeFault: 2},
		way: `launch
			store answers
			sign-out asked
			adopt
			store: failed
			sign-in
			served: create-sign-in
			timer 5
			store: access-denied`,
	},
	{
		name: "credentials arrive, and the client is still another one", begin: "network",
		unlike: budget{lie: 3},
		way: `launch
			store answers
			lie 0: read-client A0
			lie 2: mint-token A0
			served: read-client N0
			lie 0: read-client A0
			store answers`,
	},
	{
		name: "a copy that lags knows no session behind what was handed over", begin: "adoption",
		unlike: budget{adopt: 1, lie: 1},
		way: `launch
			store answers
			adopt
			store answers
			lie 1: read-client K0`,
	},
	{
		name: "a peer has ended the session behind what was handed over", begin: "adoption of the session that is held",
		unlike: budget{adopt: 1, peer: 1},
		way: `launch
			adopt
			peer signs in
			store answers
			store answers
			served: read-client R0`,
	},
	{
		name: "a session signed out of is handed over again before its end is known", begin: "adoption of the session that is held",
		unlike: budget{adopt: 1, peer: 1, signOut: 1, storeFault: 1, lie: 1},
		way: `launch
			store answers
			sign-out asked
			peer rotates
			store: locked
			served: read-client A0
			served: remove-session A0
			lie 1: read-client A0
			adopt`,
	},
	{
		name: "a session signed out of is handed over again after its end was believed", begin: "adoption of the session that is held",
		unlike: budget{adopt: 1, signOut: 1, lie: 2},
		way: `launch
			store answers
			served: read-client A0
			sign-out asked
			store answers
			lie 1: remove-session A0
			lie 1: read-client A0
			store answers
			adopt`,
	},
}

func TestModelStories(t *testing.T) {
	t.Parallel()
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, story.begin, story.unlike)
			for line := range strings.Lines(story.way) {
				line = strings.TrimSpace(line)
				a, possible := w.named(line)
				if !possible {
					t.Fatalf("%q is not possible any more", line)
				}
				if err := w.safely(a); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
			}
			if way, err := w.fair(); err != nil {
				t.Errorf("%v, after", err)
				for _, a := range way {
					t.Log(deedNames[a.do])
				}
			}
		})
	}
}

func worldOf(t *testing.T, name string, with budget) *world {
	t.Helper()
	for _, sc := range scenes() {
		if sc.name == name {
			sc.budget = with
			root := (&search{scene: sc}).root()
			return &root
		}
	}
	t.Fatalf("there is no scene %q", name)
	return nil
}

// named finds the action that is described by line.
func (w *world) named(line string) (action, bool) {
	for _, a := range w.actions(nil) {
		if strings.TrimSpace(w.describe(a)) == line {
			return a, true
		}
	}
	return action{}, false
}
