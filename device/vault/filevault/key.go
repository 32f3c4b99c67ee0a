package filevault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/device/vault"
)

// Key is an AES-256 sealing key. It prints as nothing but its identifier.
type Key [32]byte

// KeyID tells one sealing key from another without revealing either. It is
// written in the clear in each slot file.
type KeyID [8]byte

// ID returns the key's identifier.
func (k Key) ID() KeyID {
	sum := sha256.Sum256(append([]byte("perennial vault key id\x00"), k[:]...))
	return KeyID(sum[:8])
}

// Format keeps the key out of every fmt verb.
func (k Key) Format(state fmt.State, _ rune) {
	id := k.ID()
	_, _ = fmt.Fprintf(state, "sealing key %x", id[:])
}

func (k Key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Keys is where sealing keys live: the folder's key file, or a secret store.
//
//   - Absent: Find answers ErrNoKey only when the key is provably and for ever
//     gone; a store that cannot be asked now answers a *KeyError.
//   - Durable: a key that Current returns has been stored and read back.
//   - Concurrent use: safe; Current runs under the folder's lock.
//   - An implementation may not wait longer than a bound of its own.
type Keys interface {
	// Find returns the key by which a slot was sealed.
	Find(id KeyID) (Key, error)
	// Current returns the key to seal with, and makes one if there is none.
	Current() (Key, error)
}

// ErrNoKey means that no usable key exists any more: absent, or provably
// damaged. Only this error leads to [vault.KeyMissing].
var ErrNoKey = errors.New("sealing key is gone")

// KeyError says why a key cannot be had now.
type KeyError struct {
	// Answer is Locked, AccessDenied or Failed.
	Answer vault.Answer
	// Detail is for the journal and free of secrets.
	Detail string
}

// Error implements error.
func (e *KeyError) Error() string { return "sealing key: " + e.Detail }
