// Package proofkey owns the device's keys: pairs whose public part a server
// binds a credential to, and whose private part proves, with each request, that
// the device still holds it.
//
// It offers [Keys], the port behind which a host may put a key store of its
// platform, [Software], which makes Ed25519 keys that are kept in the sealed
// record, and [Proof], the JSON Web Token of RFC 9449 (DPoP) over one request.
//
// It refuses to keep keys, to send anything, and to know what a credential is
// good for.
package proofkey

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Keys makes device keys and signs with them.
//
//   - What is absent? A reference that names no key is [ErrNoKey].
//   - Is it durable? A reference must lead to its key for as long as the host
//     keeps it, also in another process and after a restart.
//   - Is it atomic? A key exists when its reference is returned.
//   - Is it safe for concurrent use? Yes.
//   - What may it not do? Outlive its context; hand a private part to anybody
//     but the sealed record that the reference is kept in.
type Keys interface {
	// Make returns a reference to a new key. It is kept with the credential, is
	// treated as a secret, and contains no space.
	Make(ctx context.Context) (reference string, err error)
	// Public returns the public part as a JSON Web Key, with its algorithm.
	Public(ctx context.Context, reference string) (PublicKey, error)
	// Sign signs message as the algorithm of the key says (RFC 7518, RFC 8037).
	Sign(ctx context.Context, reference string, message []byte) ([]byte, error)
}

// ErrNoKey is matched by every error about a reference that leads to no key.
var ErrNoKey = errors.New("no such device key")

// Software makes Ed25519 keys. Their reference is the private key itself, so
// they are as safe as the record they are kept in. The zero Software is ready.
type Software struct {
	// Entropy is where keys come from; nil means the operating system.
	Entropy io.Reader
}

const (
	softwarePrefix = "ed25519:"
	maxReference   = 4 << 10
)

// Make implements [Keys].
func (s Software) Make(context.Context) (string, error) {
	source := s.Entropy
	if source == nil {
		source = rand.Reader
	}
	var seed [ed25519.SeedSize]byte
	if _, err := io.ReadFull(source, seed[:]); err != nil {
		return "", fmt.Errorf("read entropy for a device key: %w", err)
	}
	return softwarePrefix + base64.RawURLEncoding.EncodeToString(seed[:]), nil
}

// Public implements [Keys].
func (Software) Public(_ context.Context, reference string) (PublicKey, error) {
	key, err := parse(reference)
	if err != nil {
		return PublicKey{}, err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	return PublicKey{Algorithm: "EdDSA", Type: "OKP", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(public)}, nil
}

// Sign implements [Keys].
func (Software) Sign(_ context.Context, reference string, message []byte) ([]byte, error) {
	key, err := parse(reference)
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(key, message), nil
}

func parse(reference string) (ed25519.PrivateKey, error) {
	text, ok := strings.CutPrefix(reference, softwarePrefix)
	if !ok || len(reference) > maxReference {
		return nil, ErrNoKey
	}
	seed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrNoKey
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
