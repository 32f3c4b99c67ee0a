package core

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The model checker explores every order of what can happen around the real
// Step, breadth first, and holds every law in every state. States that differ
// only in names are one state. From each state (or a sample, in the long run)
// it also lets the world be fair from now on and expects the machine to reach
// the verdict that is true: no state is a dead end.
//
// The default run is bounded. PERENNIAL_MODEL_STATES=5000000 explores that many
// states with larger budgets; it needs about 1 kB of memory for ten of them.

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
	return []scene{
		{
			"network", withRecord,
			budget{trouble: 1, lie: 2, end: 1, forget: 1, token: 1},
			budget{kill: 1, trouble: 2, lie: 3, end: 1, forget: 1, token: 2, nudge: 1, storeFault: 1},
		},
		{
			"storage", withRecord,
			budget{kill: 1, storeFault: 2, signOut: 1, key: 1},
			budget{kill: 2, storeFault: 3, signOut: 1, key: 1, trouble: 1, token: 1, signIn: 1},
		},
		{
			"rotation", withRecord,
			budget{kill: 1, storeFault: 1, rotate: 1, lie: 1, token: 1},
			budget{kill: 2, storeFault: 2, rotate: 2, lie: 2, token: 2, trouble: 1, signOut: 1},
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
			"adoption", withRecord,
			budget{kill: 1, adopt: 1, trouble: 1, storeFault: 1, signOut: 1},
			budget{kill: 2, adopt: 2, trouble: 2, storeFault: 2, signOut: 1, lie: 1, token: 1},
		},
		{
			"two processes", withRecord,
			budget{peer: 2, signOut: 1, rotate: 1, storeFault: 1},
			budget{kill: 1, peer: 3, signOut: 1, rotate: 1, storeFault: 2, token: 1, trouble: 1},
		},
		{
			"time", withRecord,
			budget{clock: 2, token: 2, trouble: 1, end: 1},
			budget{kill: 1, clock: 3, token: 2, trouble: 2, end: 1, nudge: 1, signOut: 1},
		},
	}
}

// search is one breadth-first exploration. A state is kept as the action that
// led to it and the number of its parent; the state itself is made again when
// its turn comes.
type search struct {
	scene   scene
	limit   int
	fairOne int // of how many states one is tried for liveness
	seen    map[uint64]struct{}
	parent  []uint32
	via     []action
}

// finding is a broken law, with the way there.
type finding struct {
	err  error
	path []action
}

func (s *search) root() world {
	w := world{now: modelStart, budget: s.scene.budget}
	s.scene.begin(&w)
	w.normaliseRoot()
	return w
}

func (w *world) normaliseRoot() { w.names = 1 }

// run explores until nothing is new or the limit is reached.
func (s *search) run() *finding {
	root := s.root()
	s.seen = map[uint64]struct{}{root.hash(): {}}
	s.parent, s.via = []uint32{0}, []action{{}}
	for from := 0; from < len(s.parent) && len(s.parent) < s.limit; {
		to := len(s.parent)
		if found := s.level(from, to); found != nil {
			return found
		}
		from = to
	}
	return nil
}

type child struct {
	hash   uint64
	parent uint32
	via    action
}

// level expands the states numbered from..to on every core.
func (s *search) level(from, to int) *finding {
	const chunk = 4096
	workers := runtime.GOMAXPROCS(0)
	for begin := from; begin < to && len(s.parent) < s.limit; begin += workers * chunk {
		children := make([][]child, workers)
		findings := make([]*finding, workers)
		var all sync.WaitGroup
		for i := range workers {
			low := min(begin+i*chunk, to)
			high := min(low+chunk, to)
			all.Go(func() { children[i], findings[i] = s.expand(low, high) })
		}
		all.Wait()
		for i := range workers {
			if findings[i] != nil {
				return findings[i]
			}
			for _, c := range children[i] {
				if _, known := s.seen[c.hash]; !known {
					s.seen[c.hash] = struct{}{}
					s.parent = append(s.parent, c.parent)
					s.via = append(s.via, c.via)
				}
			}
		}
	}
	return nil
}

// expand takes every action in the states numbered low..high.
func (s *search) expand(low, high int) (children []child, found *finding) {
	walk := walker{search: s}
	var list []action
	for at := low; at < high; at++ {
		w, err := walk.world(uint32(at))
		if err != nil {
			return nil, &finding{err, s.path(uint32(at))}
		}
		list = w.actions(list)
		for _, a := range list {
			next := w
			if err := next.safely(a); err != nil {
				return nil, &finding{err, append(s.path(uint32(at)), a)}
			}
			hash := next.hash()
			if _, known := s.seen[hash]; !known {
				children = append(children, child{hash, uint32(at), a})
			}
		}
		if s.fairOne > 0 && at%s.fairOne == 0 {
			if err := w.fair(); err != nil {
				return nil, &finding{err, s.path(uint32(at))}
			}
		}
	}
	return children, nil
}

// safely turns a panic into a broken law.
func (w *world) safely(a action) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.take(a)
}

func (s *search) path(at uint32) []action {
	var path []action
	for ; at != 0; at = s.parent[at] {
		path = append([]action{s.via[at]}, path...)
	}
	return path
}

// walker makes states again. Neighbours share most of their way, which it keeps.
type walker struct {
	search *search
	at     []uint32
	worlds []world
}

func (k *walker) world(at uint32) (world, error) {
	var way []uint32
	for n := at; n != 0; n = k.search.parent[n] {
		way = append(way, n)
	}
	if len(k.worlds) == 0 {
		k.at, k.worlds = append(k.at, 0), append(k.worlds, k.search.root())
	}
	shared := 1
	for shared < len(k.at) && shared <= len(way) && k.at[shared] == way[len(way)-shared] {
		shared++
	}
	k.at, k.worlds = k.at[:shared], k.worlds[:shared]
	for i := len(way) - shared; i >= 0; i-- {
		next := k.worlds[len(k.worlds)-1]
		if err := next.take(k.search.via[way[i]]); err != nil {
			return next, err
		}
		k.at, k.worlds = append(k.at, way[i]), append(k.worlds, next)
	}
	return k.worlds[len(k.worlds)-1], nil
}

// tell renders the way to a broken law.
func (s *search) tell(f *finding) string {
	var b strings.Builder
	w := s.root()
	for i, a := range f.path {
		fmt.Fprintf(&b, "%3d. %s\n", i+1, w.describe(a))
		_ = w.safely(a)
		v := w.state.verdict
		fmt.Fprintf(&b, "     -> %s(%s) %s\n", v.Kind, v.Cause, v.SessionID)
	}
	return fmt.Sprintf("%s\nafter\n%s", f.err, b.String())
}

// TestModel is bounded by default and long on demand.
func TestModel(t *testing.T) {
	limit, fair := 16_000, 7
	switch {
	case raceDetector:
		limit = 1_500 // it is ten times slower, and Step shares nothing
	case testing.Short():
		limit = 6_000
	}
	long := 0
	if text := os.Getenv("PERENNIAL_MODEL_STATES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("PERENNIAL_MODEL_STATES: %v", err)
		}
		long, fair = n, 97
		limit = n
	}
	defer debug.SetGCPercent(debug.SetGCPercent(600)) // worlds are large and short-lived
	total, begun := 0, time.Now()
	for _, sc := range scenes() {
		if long > 0 {
			sc.budget = sc.long
			limit = max((long-total)/3, long/len(scenes()))
		}
		t.Run(sc.name, func(t *testing.T) {
			s := &search{scene: sc, limit: limit, fairOne: fair}
			if found := s.run(); found != nil {
				t.Fatal(s.tell(found))
			}
			total += len(s.seen)
			t.Logf("%d states", len(s.seen))
		})
	}
	t.Logf("%d states in %v, every law held in each", total, time.Since(begun).Round(time.Millisecond))
}
