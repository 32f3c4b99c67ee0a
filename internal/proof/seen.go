package proof

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// seenLife is longer than any proof can be good for.
	seenLife = 2*window + nonceLife
	// seenLimit bounds the memory: two generations of so many proofs. Only
	// whoever holds a key gets one in here.
	seenLimit = 100_000
)

// seen remembers proofs in two generations, so that none has to be looked for
// to be forgotten. Its zero value is ready.
type seen struct {
	mu         sync.Mutex
	young, old map[[16]byte]struct{}
	turnedAt   time.Time
}

// first notes a proof and reports whether it is new.
func (s *seen) first(key Key, id string, now time.Time) bool {
	sum := sha256.Sum256(append(key[:], id...))
	name := [16]byte(sum[:16])
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.turnedAt); s.young == nil || age >= seenLife || age < 0 || len(s.young) >= seenLimit {
		s.old, s.young, s.turnedAt = s.young, make(map[[16]byte]struct{}), now
	}
	if _, known := s.young[name]; known {
		return false
	}
	if _, known := s.old[name]; known {
		return false
	}
	s.young[name] = struct{}{}
	return true
}
