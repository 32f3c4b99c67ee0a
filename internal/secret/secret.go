// Package secret owns the instance's master key and everything sealed under
// it: key derivation, authenticated encryption of small records, and the
// private files that hold key material.
//
// It offers [MasterKey], from which every other key of the instance is
// derived by purpose, [Sealer] for records kept in the store, and
// [WriteFile] for files only the owner may read.
//
// It refuses to know what is sealed, to print a key in any form, and to
// open a record outside the context it was sealed for.
package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// MasterKeySize is the length of a master key in bytes.
const MasterKeySize = 32

// ErrMasterKey is matched by every error about the master key itself: wrong
// length, wrong encoding, unreadable or badly protected file.
var ErrMasterKey = errors.New("master key")

// MasterKey is the root of the instance's key hierarchy. It never encrypts
// anything itself: callers derive a key per purpose, so that a flaw in one
// use cannot reach another. Every formatting verb prints a placeholder.
type MasterKey struct {
	raw [MasterKeySize]byte
}

// NewMasterKey draws a master key from entropy; nil means the operating
// system's generator.
func NewMasterKey(entropy io.Reader) (*MasterKey, error) {
	if entropy == nil {
		entropy = rand.Reader
	}
	k := &MasterKey{}
	if _, err := io.ReadFull(entropy, k.raw[:]); err != nil {
		return nil, fmt.Errorf("%w: read entropy: %v", ErrMasterKey, err)
	}
	return k, nil
}

// ParseMasterKey reads the text form: 32 bytes in base64, standard or URL
// alphabet, padded or not, surrounding white space ignored. The error never
// repeats the text.
func ParseMasterKey(text string) (*MasterKey, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64", ErrMasterKey)
	}
	if len(raw) != MasterKeySize {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrMasterKey, len(raw), MasterKeySize)
	}
	k := &MasterKey{}
	copy(k.raw[:], raw)
	return k, nil
}

// Encode returns the text form that [ParseMasterKey] reads. It is the only
// way to get the key out, and is meant for writing the key file.
func (k *MasterKey) Encode() string {
	return base64.StdEncoding.EncodeToString(k.raw[:])
}

// Derive returns the n-byte key for purpose: HKDF-SHA256 with the purpose as
// info. The same purpose always gives the same key; two purposes never share
// one. Purposes are constants in the code, never user input.
func (k *MasterKey) Derive(purpose string, n int) []byte {
	key, err := hkdf.Key(sha256.New, k.raw[:], nil, "perennial/"+purpose, n)
	if err != nil {
		// Only a length beyond 255 hashes fails, and lengths are constants.
		panic("secret: internal error: derive " + purpose + ": " + err.Error())
	}
	return key
}

const redacted = "[master key]"

// String returns a placeholder.
func (k *MasterKey) String() string { return redacted }

// GoString returns a placeholder, so that %#v cannot leak the key.
func (k *MasterKey) GoString() string { return redacted }

// Format prints a placeholder for every verb, including %x and %d, which
// would otherwise walk into the array.
func (k *MasterKey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue keeps the key out of structured logs.
func (k *MasterKey) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps the key out of JSON.
func (k *MasterKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }
