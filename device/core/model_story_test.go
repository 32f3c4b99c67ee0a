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
		if w.describe(a) == line {
			return a, true
		}
	}
	return action{}, false
}
