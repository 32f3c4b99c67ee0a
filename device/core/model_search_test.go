package core

import (
	"fmt"
	"math/bits"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// search is one breadth-first exploration by all cores. A state is kept as the
// action that led to it and its parent; the state itself is made again when its
// turn comes. The states of one depth are expanded before those of the next.
type search struct {
	scene       scene
	limit       int
	table       stateTable
	crew        []*worker
	found       atomic.Int64 // states
	transitions atomic.Int64
	finding     atomic.Pointer[finding]
	depth       int
	// loose states were not expanded; so many of them were walked from.
	loose  int
	walked atomic.Int64
}

// stateID names a state: its place in the list of the worker that found it, and
// that worker.
type stateID uint32

const workerBits = 4

func (id stateID) worker() int { return int(id & (1<<workerBits - 1)) }
func (id stateID) place() int  { return int(id >> workerBits) }

type node struct {
	// fair is the hash of the state that a fair world goes to from here,
	// atRest when it has come to rest, 0 when the state was not expanded.
	fair   uint64
	parent stateID
	via    action
}

const atRest = ^uint64(0)

// finding is a broken law, with the way there.
type finding struct {
	err  error
	path []action
}

// worker expands states. Its list never moves: others read what was in it at
// the beginning of a level, and write into that.
type worker struct {
	search *search
	number int
	nodes  []node
	kept   int // how many of nodes there are
	begin  int // the first state of the level being expanded
	end    int
	walk   walker
	next   world
	list   []action
}

func newSearch(sc scene, limit int) *search {
	s := &search{scene: sc, limit: limit, table: newStateTable(2 * limit)}
	for i := range min(runtime.GOMAXPROCS(0), 1<<workerBits) {
		w := &worker{search: s, number: i, nodes: make([]node, limit+1<<workerBits)}
		w.walk.search = s
		s.crew = append(s.crew, w)
	}
	return s
}

func (s *search) root() world {
	w := world{now: modelStart, budget: s.scene.budget, names: 1}
	s.scene.begin(&w)
	return w
}

// run explores until nothing is new, the limit is reached or a law is broken.
func (s *search) run() *finding {
	root := s.root()
	s.crew[0].keep(root.hash(), 0, action{})
	for s.finding.Load() == nil && s.level() {
		s.depth++
	}
	if found := s.finding.Load(); found != nil {
		return found
	}
	return s.dead()
}

// level expands what the last one found and reports whether there was anything.
func (s *search) level() bool {
	const chunk = 128
	type stretch struct{ worker, low, high int }
	var work []stretch
	for i, w := range s.crew {
		w.begin, w.end = w.end, w.kept
		for low := w.begin; low < w.end; low += chunk {
			work = append(work, stretch{i, low, min(low+chunk, w.end)})
		}
	}
	var next atomic.Int64
	s.together(func(w *worker) {
		for s.finding.Load() == nil && !s.full() {
			i := int(next.Add(1)) - 1
			if i >= len(work) {
				return
			}
			for place := work[i].low; place < work[i].high; place++ {
				w.expand(stateID(place<<workerBits | work[i].worker))
			}
		}
	})
	return len(work) > 0 && !s.full()
}

func (s *search) full() bool { return int(s.found.Load()) >= s.limit }

func (s *search) together(do func(*worker)) {
	var all sync.WaitGroup
	for _, w := range s.crew {
		all.Go(func() { do(w) })
	}
	all.Wait()
}

func (s *search) node(id stateID) *node {
	return &s.crew[id.worker()].nodes[id.place()]
}

// expand takes every action that is possible in a state.
func (w *worker) expand(id stateID) {
	from := w.walk.world(id)
	fair, moves := from.nextFair()
	w.list = from.actions(w.list)
	ahead := atRest
	for _, a := range w.list {
		w.next = *from
		if err := w.next.safely(a); err != nil {
			w.search.broken(err, id, a)
			return
		}
		hash := w.next.hash()
		if moves && a == fair {
			ahead = hash
		}
		w.keep(hash, id, a)
	}
	w.search.transitions.Add(int64(len(w.list)))
	if !moves {
		if err := from.settled(); err != nil {
			w.search.broken(err, id)
			return
		}
	} else if ahead == atRest {
		w.search.broken(fmt.Errorf("model: the fair action %v is not possible", fair), id)
	}
	w.search.node(id).fair = ahead
}

// keep takes a state in, unless it is known or there is no room for it.
func (w *worker) keep(hash uint64, parent stateID, via action) {
	s := w.search
	if s.full() {
		return
	}
	slot, fresh := s.table.add(hash)
	if !fresh {
		return
	}
	s.table.ids[slot] = stateID(w.kept<<workerBits | w.number)
	w.nodes[w.kept] = node{parent: parent, via: via}
	w.kept++
	s.found.Add(1)
}

func (s *search) broken(err error, id stateID, then ...action) {
	s.finding.CompareAndSwap(nil, &finding{err, append(s.path(id), then...)})
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

func (s *search) path(id stateID) []action {
	var path []action
	for _, at := range s.way(nil, id) {
		path = append(path, s.node(at).via)
	}
	return path
}

// way lists the states from the one after the root to id.
func (s *search) way(into []stateID, id stateID) []stateID {
	into = into[:0]
	for ; id != 0; id = s.node(id).parent {
		into = append(into, id)
	}
	for i, j := 0, len(into)-1; i < j; i, j = i+1, j-1 {
		into[i], into[j] = into[j], into[i]
	}
	return into
}

// walker makes states again. Neighbours share most of their way, which it keeps.
type walker struct {
	search *search
	at     []stateID
	worlds []*world // one more than at: the root
	way    []stateID
}

func (k *walker) world(id stateID) *world {
	if len(k.worlds) == 0 {
		root := k.search.root()
		k.worlds = append(k.worlds, &root)
	}
	k.way = k.search.way(k.way, id)
	shared := 0
	for shared < min(len(k.at), len(k.way)) && k.at[shared] == k.way[shared] {
		shared++
	}
	k.at = append(k.at[:0], k.way...)
	for i := shared; i < len(k.way); i++ {
		if len(k.worlds) == i+1 {
			k.worlds = append(k.worlds, new(world))
		}
		*k.worlds[i+1] = *k.worlds[i]
		// It was taken before, and every law held.
		_ = k.worlds[i+1].take(k.search.node(k.way[i]).via)
	}
	return k.worlds[len(k.way)]
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

// stateTable is a set of hashes that all workers add to at once.
type stateTable struct {
	hashes []atomic.Uint64
	ids    []stateID // of the states; to be read when nobody adds
	shift  int
}

func newStateTable(atLeast int) stateTable {
	size := bits.Len(uint(atLeast))
	return stateTable{make([]atomic.Uint64, 1<<size), make([]stateID, 1<<size), 64 - size}
}

// add returns the place of hash and whether it was not there before.
func (t *stateTable) add(hash uint64) (slot int, fresh bool) {
	for i := hash >> t.shift; ; i = (i + 1) % uint64(len(t.hashes)) {
		there := t.hashes[i].Load()
		if there == 0 && t.hashes[i].CompareAndSwap(0, hash) {
			return int(i), true
		}
		if t.hashes[i].Load() == hash {
			return int(i), false
		}
	}
}

func (t *stateTable) find(hash uint64) (stateID, bool) {
	for i := hash >> t.shift; ; i = (i + 1) % uint64(len(t.hashes)) {
		switch t.hashes[i].Load() {
		case hash:
			return t.ids[i], true
		case 0:
			return 0, false
		}
	}
}
