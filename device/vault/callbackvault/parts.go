package callbackvault

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A value that fits is stored as it is, after one byte that says so. A longer
// one is cut: its parts are stored first, under one of two alternating sets of
// names, and then the head that names the set, in one Set. A reader and a
// restart see the old head with the old parts or the new with the new.
//
//	0  1  kind: whole, or head
//	1  1  head: set of names, 0 or 1
//	2  4  head: number of parts
//	6 32  head: SHA-256 of the joined parts
const (
	kindWhole  = 'w'
	kindHead   = 'h'
	headLength = 38
	// maxParts bounds what a damaged head can make a reader ask for.
	maxParts = 1 << 15
)

type head struct {
	set   byte
	parts uint32
	sum   [sha256.Size]byte
}

func (h head) encode() []byte {
	out := binary.BigEndian.AppendUint32([]byte{kindHead, h.set}, h.parts)
	return append(out, h.sum[:]...)
}

func parseHead(value []byte) (head, bool) {
	if len(value) != headLength || value[0] != kindHead || value[1] > 1 {
		return head{}, false
	}
	h := head{set: value[1], parts: binary.BigEndian.Uint32(value[2:]), sum: [sha256.Size]byte(value[6:])}
	return h, h.parts <= maxParts
}

func partName(name string, set byte, i uint32) string { return fmt.Sprintf("%s.%d-%d", name, set, i) }

// getWhole reads a value. What is damaged is returned as it is found: the
// checks of the record tell.
func (s *store) getWhole(name string) ([]byte, error) {
	for range 3 {
		value, err := s.get(name)
		if err != nil {
			return nil, err
		}
		if len(value) == 0 {
			// Nothing empty was ever stored: this is no answer, not damage.
			return nil, errHost
		}
		if value[0] == kindWhole {
			return value[1:], nil
		}
		h, ok := parseHead(value)
		if !ok {
			return value, nil
		}
		data, err := s.join(name, h)
		if err != nil && !errors.Is(err, ErrAbsent) {
			return nil, err
		}
		if err == nil && sha256.Sum256(data) == h.sum {
			return data, nil
		}
		// A writer in another process may have passed between head and
		// parts; then the head has changed.
		if again, err := s.get(name); err == nil && bytes.Equal(again, value) {
			return data, nil
		}
	}
	return nil, errHost
}

func (s *store) join(name string, h head) ([]byte, error) {
	var data []byte
	for i := range h.parts {
		part, err := s.get(partName(name, h.set, i))
		if err != nil {
			return data, err
		}
		data = append(data, part...)
	}
	return data, nil
}

func (s *store) setWhole(name string, data []byte) error {
	before, err := s.get(name)
	if err != nil && !errors.Is(err, ErrAbsent) && !errors.Is(err, ErrKeyLost) {
		return err
	}
	old, wasCut := parseHead(before)
	limit := s.config.MaxValue
	if limit == 0 || len(data) < limit {
		err = s.set(name, append([]byte{kindWhole}, data...))
	} else {
		err = s.setParts(name, data, limit, 1-old.set)
	}
	if err == nil && wasCut {
		s.dropParts(name, old)
	}
	return err
}

func (s *store) setParts(name string, data []byte, limit int, set byte) error {
	h := head{set: set, sum: sha256.Sum256(data)}
	for rest := data; len(rest) > 0; h.parts++ {
		n := min(limit, len(rest))
		if err := s.set(partName(name, set, h.parts), rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return s.set(name, h.encode())
}

// dropParts removes what nothing names any more. A part that stays behind is
// overwritten when its set's turn comes again.
func (s *store) dropParts(name string, h head) {
	for i := range h.parts {
		_ = s.delete(partName(name, h.set, i))
	}
}

func (s *store) deleteWhole(name string) error {
	value, err := s.get(name)
	if errors.Is(err, ErrAbsent) {
		return err
	}
	h, wasCut := parseHead(value)
	if err := s.delete(name); err != nil {
		return err
	}
	if wasCut {
		s.dropParts(name, h)
	}
	return nil
}
