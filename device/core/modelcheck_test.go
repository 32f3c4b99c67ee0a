package core

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"
)

// The model checker explores every order of what can happen around the real
// Step, breadth first, and holds every law in every state. States that differ
// only in names are one state. From each state
// it also lets the world be fair from now on and expects the machine to reach
// the verdict that is true: no state is a dead end.
//
// The default run is bounded. PERENNIAL_MODEL_STATES=5000000 explores that many
// states with larger budgets; it needs about 60 bytes for each.

// scene is one beginning with the budgets of its run.
type scene struct {
	name   string
	begin  func(*world)
	budget budget
	long   budget
}

func scenes() []scene {
	withRecord := func(w *world) {
		w.disk = modelDisk{present: true, version: Version{"L0", 10}, record: modelRecord()}
	}
	return append([]scene{
		{
			"network", withRecord,
			budget{trouble: 1, lie: 2, end: 1, forget: 1, token: 1},
			budget{kill: 1, trouble: 2, lie: 3, end: 1, forget: 1, token: 2, nudge: 1, storeFault: 1},
		},
		{
			"storage", withRecord,
			budget{kill: 1, storeFault: 2, signOut: 1, key: 1, erase: 1},
			budget{kill: 2, storeFault: 3, signOut: 1, key: 1, erase: 1, trouble: 1, token: 1, signIn: 1, adopt: 1},
		},
		{
			"rotation", withRecord,
			budget{kill: 1, storeFault: 1, rotate: 1, lie: 1, token: 1},
			budget{kill: 2, storeFault: 2, rotate: 2, lie: 2, token: 2, trouble: 1, signOut: 1, peer: 1},
		},
		{
			"sign-out", withRecord,
			budget{kill: 1, signOut: 1, trouble: 1, lie: 1, token: 1, rotate: 1},
			budget{kill: 2, signOut: 2, trouble: 2, lie: 1, token: 1, rotate: 1, storeFault: 1, peer: 1},
		},
		{
			"sign-in over a session", withRecord,
			budget{kill: 1, signIn: 2, signOut: 1, storeFault: 1},
			budget{kill: 1, signIn: 2, signOut: 1, storeFault: 1, trouble: 1, lie: 1, token: 1},
		},
		{
			"sign-in on an empty store", func(*world) {},
			budget{kill: 1, signIn: 2, storeFault: 1, trouble: 1, token: 1},
			budget{kill: 2, signIn: 3, storeFault: 2, trouble: 2, token: 1, signOut: 1},
		},
		{
			"second factor and task", func(w *world) {
				withRecord(w)
				w.server.second, w.server.task = true, true
			},
			budget{kill: 1, signIn: 2, task: 1, trouble: 1, token: 1},
			budget{kill: 2, signIn: 3, task: 1, trouble: 1, token: 1, lie: 1, storeFault: 1, signOut: 1, nudge: 1},
		},
		{
			"adoption", withRecord,
			budget{kill: 1, adopt: 1, trouble: 1, storeFault: 1, signOut: 1, lie: 1},
			budget{kill: 2, adopt: 2, trouble: 2, storeFault: 2, signOut: 1, lie: 1, token: 1, peer: 2},
		},
		{
			"two processes", withRecord,
			budget{peer: 2, signOut: 1, rotate: 1, storeFault: 1},
			budget{kill: 1, peer: 3, signOut: 1, rotate: 1, storeFault: 2, token: 1, trouble: 1},
		},
		{
			"two processes and a sign-in", withRecord,
			budget{peer: 2, signIn: 2, storeFault: 1},
			budget{kill: 1, peer: 3, signIn: 2, adopt: 1, signOut: 1, storeFault: 2},
		},
		{
			"a lost key", withRecord,
			budget{key: 1, adopt: 1, signOut: 1, storeFault: 1},
			budget{key: 1, adopt: 1, signOut: 2, storeFault: 2, kill: 1, signIn: 1},
		},
		{
			"attempts of two processes", withRecord,
			budget{signIn: 2, peer: 2},
			budget{signIn: 3, peer: 3, kill: 1, trouble: 1},
		},
		{
			"adoption by two processes", withRecord,
			budget{adopt: 1, peer: 1, storeFault: 1, signOut: 1},
			budget{adopt: 2, peer: 2, storeFault: 2, signOut: 1},
		},
		{
			"adoption of the session that is held", func(w *world) {
				withRecord(w)
				w.alike = true
			},
			budget{adopt: 1, rotate: 1, signOut: 1, kill: 1, token: 1},
			budget{adopt: 2, rotate: 2, signOut: 1, kill: 1, token: 1, trouble: 1, storeFault: 1, peer: 1, lie: 1},
		},
		{
			"a session that is handed over again", func(w *world) {
				withRecord(w)
				w.alike = true
			},
			budget{adopt: 1, signOut: 1, lie: 2},
			budget{adopt: 2, signOut: 1, lie: 2, storeFault: 1, kill: 1},
		},
		{
			"time", withRecord,
			budget{clock: 2, token: 2, trouble: 1, end: 1},
			budget{kill: 1, clock: 3, token: 2, trouble: 2, end: 1, nudge: 1, signOut: 1},
		},
	}, slices.Concat(flowScenes(), bindingScenes(), dropScenes())...)
}

func fromEnvironment(t *testing.T, name string, usual int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestModel is bounded by default and long on demand: PERENNIAL_MODEL_STATES
// explores so many states with larger budgets, PERENNIAL_MODEL_LIMIT so many of
// each scene with the usual ones.
func TestModel(t *testing.T) {
	limit, long := 8_000, 0
	switch {
	case raceDetector:
		limit = 1_500 // it is ten times slower, and Step shares nothing
	case testing.Short():
		limit = 3_000
	}
	limit = fromEnvironment(t, "PERENNIAL_MODEL_LIMIT", limit)
	long = fromEnvironment(t, "PERENNIAL_MODEL_STATES", long)
	defer debug.SetGCPercent(debug.SetGCPercent(600)) // what Step makes is short-lived
	total, begun, worked := 0, time.Now(), cpuTime()
	for _, sc := range scenes() {
		if long > 0 {
			sc.budget = sc.long
			limit = max((long-total)/3, long/len(scenes()))
		}
		t.Run(sc.name, func(t *testing.T) {
			s := newSearch(sc, limit)
			if found := s.run(); found != nil {
				t.Fatal(s.tell(found))
			}
			states := int(s.found.Load())
			total += states
			extent := "all there are"
			if s.full() {
				extent = fmt.Sprintf("cut off at depth %d; %d of %d states at the edge tried for liveness", s.depth, s.walked.Load(), s.loose)
			}
			t.Logf("%d states, %d transitions, %s", states, s.transitions.Load(), extent)
		})
	}
	took, cpu := time.Since(begun), cpuTime()-worked
	held := "every law held in each"
	if t.Failed() {
		held = "and a law broken"
	}
	t.Logf("%d states in %v (%v of CPU time), %s: %.0f states a minute",
		total, took.Round(time.Millisecond), cpu.Round(time.Millisecond), held, float64(total)/took.Minutes())
}
