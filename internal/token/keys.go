package token

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// KeyBits is the size of every signing key. The published verifiers accept
// RSA only, and the ones that take a PEM key assume 2048 bits.
const KeyBits = 2048

// RetiredFor is how long the public half of a retired key stays published.
// Verifiers cache the document for up to an hour; a day covers a verifier that
// could not reach us for most of one.
const RetiredFor = 24 * time.Hour

// Store keeps named values of the instance. It is declared here because this
// package is its consumer.
//
// Value returns [auth.ErrNotFound] when there is none. Swap is atomic against
// every other writer and durable on return; nil old means "must be absent";
// it returns [auth.ErrConflict] when the stored value is another. Both are
// safe for concurrent use and keep no slice they are given.
type Store interface {
	InstanceValue(ctx context.Context, name string) ([]byte, error)
	SwapInstanceValue(ctx context.Context, name string, old, new []byte) error
}

// storedKeys is the name of the one value that holds every signing key, so
// that rotation is one compare-and-set.
const storedKeys = "signing_keys"

// key is one signing key. The private half never leaves this package.
type key struct {
	id        string
	private   *rsa.PrivateKey
	createdAt time.Time
	retiredAt time.Time // zero while current
}

// snapshot is an immutable view of the keys; the newest is current.
type snapshot struct {
	current   *key
	byID      map[string]*key
	jwks      []byte
	publicPEM []byte
}

// Keys is the instance's set of signing keys: one current, and the retired
// ones that still verify. Readers never wait: everything is answered from
// memory, so that the JWKS survives a database outage. It is safe for
// concurrent use.
type Keys struct {
	store  Store
	sealer *secret.Sealer
	now    func() time.Time
	view   atomic.Pointer[snapshot]
}

// LoadKeys reads the signing keys, making the first one when there is none.
// Of several processes that start at once on an empty store, all end up with
// the same key. A stored key that cannot be opened is an error, never a
// reason to make a new one: that would invalidate every published key.
func LoadKeys(ctx context.Context, store Store, master *secret.MasterKey, now func() time.Time) (*Keys, error) {
	k := &Keys{store: store, sealer: master.Sealer("signing-key"), now: now}
	raw, err := store.InstanceValue(ctx, storedKeys)
	if errors.Is(err, auth.ErrNotFound) {
		raw, err = k.replace(ctx, nil, nil)
		if errors.Is(err, auth.ErrConflict) { // another process was first
			raw, err = store.InstanceValue(ctx, storedKeys)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	return k, k.adopt(raw)
}

// Rotate makes a new current key and retires the one before, which stays
// published for [RetiredFor]. Concurrent rotations fail with
// [auth.ErrConflict] except one.
func (k *Keys) Rotate(ctx context.Context) error {
	old, err := k.store.InstanceValue(ctx, storedKeys)
	if err != nil {
		return fmt.Errorf("signing keys: %w", err)
	}
	keys, err := k.open(old)
	if err != nil {
		return err
	}
	raw, err := k.replace(ctx, old, keys)
	if err != nil {
		return fmt.Errorf("signing keys: %w", err)
	}
	return k.adopt(raw)
}

// Reload reads the keys again, to notice a rotation by another process.
func (k *Keys) Reload(ctx context.Context) error {
	raw, err := k.store.InstanceValue(ctx, storedKeys)
	if err != nil {
		return fmt.Errorf("signing keys: %w", err)
	}
	return k.adopt(raw)
}

// replace stores keys plus a fresh current one where the stored value still
// is old, dropping keys retired too long ago.
func (k *Keys) replace(ctx context.Context, old []byte, keys []*key) ([]byte, error) {
	now := k.now().Truncate(time.Millisecond)
	fresh, err := generateKey(now)
	if err != nil {
		return nil, err
	}
	keys = slices.DeleteFunc(keys, func(k *key) bool {
		return !k.retiredAt.IsZero() && now.Sub(k.retiredAt) > RetiredFor
	})
	for _, k := range keys {
		if k.retiredAt.IsZero() {
			k.retiredAt = now
		}
	}
	raw, err := k.seal(append(keys, fresh))
	if err != nil {
		return nil, err
	}
	return raw, k.store.SwapInstanceValue(ctx, storedKeys, old, raw)
}

// adopt makes the stored keys the view of every reader.
func (k *Keys) adopt(raw []byte) error {
	keys, err := k.open(raw)
	if err != nil {
		return err
	}
	s := &snapshot{byID: make(map[string]*key, len(keys))}
	now := k.now()
	published := keys[:0:0]
	for _, key := range keys {
		if !key.retiredAt.IsZero() && now.Sub(key.retiredAt) > RetiredFor {
			continue
		}
		s.byID[key.id] = key
		published = append(published, key)
		if key.retiredAt.IsZero() {
			s.current = key
		}
	}
	if s.current == nil {
		return errors.New("signing keys: none is current")
	}
	if s.jwks, err = encodeJWKS(published); err != nil {
		return err
	}
	if s.publicPEM, err = encodePublicPEM(s.current); err != nil {
		return err
	}
	k.view.Store(s)
	return nil
}

// JWKS is the published key document, current key last, from memory. The
// caller must not change it.
func (k *Keys) JWKS() []byte { return k.view.Load().jwks }

// PublicPEM is the current public key in PEM, for verifiers that are
// configured with a key instead of fetching one. The caller must not change it.
func (k *Keys) PublicPEM() []byte { return k.view.Load().publicPEM }

// CurrentID is the kid of the key that signs now.
func (k *Keys) CurrentID() string { return k.view.Load().current.id }

// public returns the public half of the key with this kid, or nil when it is
// neither current nor retired within the overlap.
func (s *snapshot) public(kid string) *rsa.PublicKey {
	if key := s.byID[kid]; key != nil {
		return &key.private.PublicKey
	}
	return nil
}
