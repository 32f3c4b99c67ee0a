package callbackvault

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
)

const (
	canaryName = "canary"
	probeName  = "probe"
)

var canaryValue = []byte("a record was stored after this")

// mark stores the canary before the first record.
func (s *store) mark() error {
	s.mu.Lock()
	marked := s.marked
	s.mu.Unlock()
	if marked {
		return nil
	}
	name := s.config.Prefix + canaryName
	value, err := s.get(name)
	if errors.Is(err, ErrAbsent) || errors.Is(err, ErrKeyLost) || err == nil && !bytes.Equal(value, canaryValue) {
		err = s.set(name, canaryValue)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.marked = true
	s.mu.Unlock()
	return nil
}

// provenOpen answers nil when the store has shown that "absent" means absent:
// the canary reads back, or, where no record was ever stored, a probe comes back
// and goes away again. Stores that are closed have been seen to answer absent
// to every name.
func (s *store) provenOpen() error {
	value, err := s.get(s.config.Prefix + canaryName)
	switch {
	case err == nil && bytes.Equal(value, canaryValue):
		return nil
	case err == nil, errors.Is(err, ErrAbsent):
		return s.probe()
	default:
		return fault(err)
	}
}

func (s *store) probe() error {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	// Two processes may probe at once: each has a name of its own.
	name := s.config.Prefix + probeName + "-" + hex.EncodeToString(random[:])
	err := s.set(name, random[:])
	if err == nil {
		var back []byte
		back, err = s.get(name)
		if err == nil && !bytes.Equal(back, random[:]) || errors.Is(err, ErrAbsent) {
			err = ErrLocked
		}
	}
	if removed := s.delete(name); err == nil {
		err = removed
	}
	if err == nil {
		return nil
	}
	if known := fault(err); !errors.Is(known, errHost) {
		return known
	}
	// It reads as empty and takes nothing: that is what a closed store does.
	return fault(ErrLocked)
}
