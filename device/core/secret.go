package core

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Secret holds a value that may be stored and sent and must never be printed: a
// client credential, a session token, a password, a code. It is comparable, so
// that effects can be compared in tests; nothing is authenticated by comparing
// Secrets. The zero Secret is the empty one.
type Secret struct {
	// masked is the value with every byte inverted. Formatting verbs reach
	// unexported fields of unexported fields by reflection, past any method;
	// what they find there must not be the secret.
	masked string
}

const redacted = "[redacted]"

// NewSecret wraps value.
func NewSecret(value string) Secret { return Secret{masked(value)} }

// Reveal returns the value, for the one place that stores or sends it.
func (s Secret) Reveal() string { return masked(s.masked) }

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.masked == "" }

// String never shows the value.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString never shows the value.
func (s Secret) GoString() string { return s.String() }

// Format never shows the value, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// MarshalText keeps the value out of every encoder that asks for text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func masked(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	var part [256]byte
	for len(s) > 0 {
		n := copy(part[:], s)
		invert(part[:n])
		b.Write(part[:n])
		s = s[n:]
	}
	return b.String()
}

// invert inverts every byte of b, eight at a time where there are as many.
func invert(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		binary.NativeEndian.PutUint64(b, ^binary.NativeEndian.Uint64(b))
	}
	for i := range b {
		b[i] = ^b[i]
	}
}
