package filevault

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
)

// slotName is one of the two alternating files of a record.
type slotName string

const (
	slotA slotName = "a"
	slotB slotName = "b"
)

func (s slotName) other() slotName {
	if s == slotA {
		return slotB
	}
	return slotA
}

// slotState is what one reading of one slot found.
type slotState struct {
	answer   vault.Answer // Found, Absent, or why not
	sequence uint64       // zero when not known
	format   uint32
	content  content // when Found
	detail   string
}

// survey is one reading of both slots.
type survey map[slotName]slotState

// look reads both slots until two readings agree. A single reading may catch
// one slot before and the key or the other slot after another process's save;
// only an answer that would end a session needs the second look.
func (v *Vault) look() survey {
	seen := v.lookOnce()
	for range 3 {
		answer, _ := seen.answer()
		if answer != vault.Corrupt && answer != vault.KeyMissing {
			return seen
		}
		again := v.lookOnce()
		if again.sameAs(seen) {
			return again
		}
		seen = again
	}
	return seen
}

func (s survey) sameAs(other survey) bool {
	for _, name := range []slotName{slotA, slotB} {
		if s[name].answer != other[name].answer || s[name].sequence != other[name].sequence {
			return false
		}
	}
	return true
}

func (v *Vault) lookOnce() survey {
	return survey{slotA: v.readSlot(slotA), slotB: v.readSlot(slotB)}
}

func (v *Vault) readSlot(name slotName) slotState {
	data, err := v.disk.Read(v.slotPath(name), maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return slotState{answer: vault.Absent}
	case errors.Is(err, disk.ErrTooLarge):
		return slotState{answer: vault.Corrupt, detail: reason(err)}
	case errors.Is(err, ErrNoKey):
		// A host's store may seal its values itself, and lose its own key.
		return slotState{answer: vault.KeyMissing, detail: reason(err)}
	case err != nil:
		return slotState{answer: classify(err), detail: reason(err)}
	}
	return v.decodeSlot(data)
}

// decodeSlot judges the bytes of a slot. It reads the key only when there is
// something to open.
func (v *Vault) decodeSlot(data []byte) slotState {
	e, err := parseEnvelope(data)
	state := slotState{sequence: e.sequence, format: e.format}
	if err != nil {
		return state.failed(corruptOrNewer(err), err)
	}
	if e.tenant != v.tenant {
		return state.failed(vault.Corrupt, errors.New("belongs to another tenant"))
	}
	key, err := v.keys.Find(e.key)
	if err != nil {
		return state.withoutKey(err)
	}
	plain, err := e.open(key, v.item)
	if err != nil {
		return state.failed(vault.Corrupt, errors.New("seal does not open"))
	}
	state.content, err = decodeContent(plain)
	if err != nil {
		return state.failed(corruptOrNewer(err), err)
	}
	if state.content.tenant != v.tenant {
		return state.failed(vault.Corrupt, errors.New("belongs to another tenant"))
	}
	state.answer = vault.Found
	return state
}

// withoutKey keeps "gone for ever" apart from "not now".
func (s slotState) withoutKey(err error) slotState {
	var unavailable *KeyError
	switch {
	case errors.Is(err, ErrNoKey):
		return s.failed(vault.KeyMissing, err)
	case errors.As(err, &unavailable):
		return s.failed(unavailable.Answer, err)
	default:
		return s.failed(classify(err), errors.New("sealing key: "+reason(err)))
	}
}

func corruptOrNewer(err error) vault.Answer {
	if errors.Is(err, errNewer) {
		return vault.TooNew
	}
	return vault.Corrupt
}

func (s slotState) failed(answer vault.Answer, err error) slotState {
	s.answer, s.detail, s.content = answer, err.Error(), content{}
	return s
}

// answer reduces a survey to one answer and, when Found, the slot that holds
// the record. A slot that cannot be read now may hide a newer record, a
// sign-out above all, so it outranks a readable neighbour unless its header
// proves it older; a slot that is provably damaged does not.
func (s survey) answer() (vault.Answer, slotName) {
	best := s.best()
	for _, name := range []slotName{slotA, slotB} {
		switch slot := s[name]; slot.answer {
		case vault.Failed, vault.Locked, vault.AccessDenied:
			if best == "" || slot.sequence == 0 || slot.sequence > s[best].sequence {
				return slot.answer, ""
			}
		case vault.TooNew:
			if best != "" && slot.sequence > s[best].sequence {
				return vault.TooNew, ""
			}
		default:
		}
	}
	if best != "" {
		return vault.Found, best
	}
	for _, unreadable := range []vault.Answer{vault.TooNew, vault.KeyMissing, vault.Corrupt} {
		if s[slotA].answer == unreadable || s[slotB].answer == unreadable {
			return unreadable, ""
		}
	}
	return vault.Absent, ""
}

// best is the readable slot of the latest save, or empty.
func (s survey) best() slotName {
	best := slotName("")
	for _, name := range []slotName{slotA, slotB} {
		if s[name].answer == vault.Found && (best == "" || s[name].sequence > s[best].sequence) {
			best = name
		}
	}
	return best
}

// newestSequence is the highest sequence number any slot claims.
func (s survey) newestSequence() uint64 { return max(s[slotA].sequence, s[slotB].sequence) }

// schema is the highest format met.
func (s survey) schema() uint32 { return max(s[slotA].format, s[slotB].format) }

// detail joins what was wrong with either slot.
func (s survey) detail() string {
	var parts []string
	for _, name := range []slotName{slotA, slotB} {
		if s[name].detail != "" {
			parts = append(parts, fmt.Sprintf("slot %s: %s", name, s[name].detail))
		}
	}
	return strings.Join(parts, "; ")
}
