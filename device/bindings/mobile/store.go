package mobile

import (
	"errors"

	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/vault/callbackvault"
)

// What a store answers. Anything else is taken for StoreFailed.
const (
	StoreDone    = "done"
	StoreAbsent  = "absent"   // open, and nothing under this name
	StoreLocked  = "locked"   // cannot be read now, may be later
	StoreDenied  = "denied"   // refuses this app
	StoreKeyLost = "key-lost" // there, and never readable again
	StoreFailed  = "failed"   // anything else, and may pass
)

// Store is a store that the app brings, such as the platform's keychain. What it
// must promise is in docs/vaults.md. Its methods may be called from any thread.
type Store interface {
	// Get returns a [NewStoreValue], or a [NewStoreAnswer] with the reason.
	Get(name string) *StoreValue
	// Put replaces a value, whole or not at all, durably on return, and
	// answers StoreDone or the reason.
	Put(name string, value []byte) string
	// Remove removes a name and answers StoreDone or the reason.
	Remove(name string) string
}

// StoreValue is what a [Store] returns for a name.
type StoreValue struct {
	answer string
	value  []byte
}

// NewStoreValue is a value that was read.
func NewStoreValue(value []byte) *StoreValue {
	return &StoreValue{StoreDone, append([]byte{}, value...)}
}

// NewStoreAnswer says why no value was read.
func NewStoreAnswer(answer string) *StoreValue { return &StoreValue{answer: answer} }

var errStore = errors.New("the app's store failed")

func hostStore(s Store) *bindings.Store {
	return &bindings.Store{
		Get: func(name string) ([]byte, error) {
			v := s.Get(name)
			if v == nil || v.answer == StoreDone && v.value == nil {
				// Null is how platforms say both "nothing" and "failed".
				return nil, errStore
			}
			return v.value, storeError(v.answer)
		},
		Set:    func(name string, value []byte) error { return storeError(s.Put(name, value)) },
		Delete: func(name string) error { return storeError(s.Remove(name)) },
	}
}

func storeError(answer string) error {
	switch answer {
	case StoreDone:
		return nil
	case StoreAbsent:
		return callbackvault.ErrAbsent
	case StoreLocked:
		return callbackvault.ErrLocked
	case StoreDenied:
		return callbackvault.ErrDenied
	case StoreKeyLost:
		return callbackvault.ErrKeyLost
	default:
		return errStore
	}
}
