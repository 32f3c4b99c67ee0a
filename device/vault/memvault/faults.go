package memvault

import (
	"bytes"
	"context"

	"github.com/perennialauth/perennial/device/vault"
)

// Operation names a method of the vault.
type Operation string

// The operations a fault can be set for.
const (
	Load Operation = "load"
	Save Operation = "save"
	Hold Operation = "hold"
)

// Fault is what one operation does instead of succeeding.
type Fault struct {
	// Answer is given; empty means the true answer.
	Answer vault.Answer
	// Persist makes a failing save store its record all the same: the write
	// that reached the disk although its acknowledgement was lost.
	Persist bool
	// Torn makes a save fail in the middle of a backend that replaces in
	// place: the record is Corrupt afterwards. A sound adapter never does that;
	// the core must live with one that does.
	Torn bool
	// Wait, if not nil, blocks the operation until it is closed or the
	// caller's context ends. A channel and not a duration, so that tests decide
	// and do not sleep.
	Wait <-chan struct{}
	// Schema goes with TooNew.
	Schema uint32
	// Detail is passed through.
	Detail string
	// Times is how many calls the fault lasts; zero means until Clear.
	Times int
}

type faults struct {
	next       map[Operation][]Fault
	unreadable vault.Answer
	schema     uint32
	calls      map[Operation]int
}

// Inject queues a fault for an operation. Queued faults are used up in order.
func (s *Store) Inject(op Operation, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.next == nil {
		s.faults.next = map[Operation][]Fault{}
	}
	s.faults.next[op] = append(s.faults.next[op], fault)
}

// Clear removes every fault; a record made unreadable can be read again.
func (s *Store) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.next, s.faults.unreadable, s.faults.schema = nil, "", 0
}

// MakeUnreadable gives the stored record a lasting condition (Locked,
// AccessDenied, Failed, Corrupt, KeyMissing, TooNew) that answers every load
// and every save, until Clear or until a save beside it sets it aside.
func (s *Store) MakeUnreadable(answer vault.Answer, schema uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.unreadable, s.faults.schema = answer, schema
}

// Calls reports how often an operation was entered.
func (s *Store) Calls(op Operation) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.calls[op]
}

// Put stores a record without any check, as an earlier launch would have left
// it. A zero version empties the store.
func (s *Store) Put(version vault.Version, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record, s.present = record{version: version, body: bytes.Clone(body)}, !version.IsZero()
}

// Peek returns what is stored, past every fault; ok is false when nothing is.
func (s *Store) Peek() (version vault.Version, body []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.version, bytes.Clone(s.record.body), s.present
}

// Aside returns the bodies that were set aside, oldest first.
func (s *Store) Aside() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var bodies [][]byte
	for _, r := range s.aside {
		bodies = append(bodies, bytes.Clone(r.body))
	}
	return bodies
}

// enter counts the call and waits as the fault at hand asks. It reports false
// when the context ended first.
func (s *Store) enter(ctx context.Context, op Operation) (Fault, bool) {
	fault := s.take(op)
	if fault.Wait != nil {
		select {
		case <-fault.Wait:
		case <-ctx.Done():
		}
	}
	return fault, ctx.Err() == nil
}

func (s *Store) take(op Operation) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.calls == nil {
		s.faults.calls = map[Operation]int{}
	}
	s.faults.calls[op]++
	queue := s.faults.next[op]
	if len(queue) == 0 {
		return Fault{}
	}
	fault := queue[0]
	switch queue[0].Times {
	case 0:
	case 1:
		s.faults.next[op] = queue[1:]
	default:
		queue[0].Times--
	}
	return fault
}
