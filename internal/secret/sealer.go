package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
)

// ErrSealed is returned when a sealed record cannot be opened: another key,
// another context, or altered bytes. Which of them is deliberately not told.
var ErrSealed = errors.New("sealed record cannot be opened with this key and context")

// Layout of a sealed record: version (1), salt (24), AES-256-GCM ciphertext
// with its tag.
const (
	sealVersion = 1
	saltSize    = 24
	headerSize  = 1 + saltSize
)

// Sealer encrypts small records under one purpose. It is safe for concurrent
// use.
type Sealer struct {
	// recordKey derives the key of one record from its salt. A closure, so
	// that no formatting verb can reach the key inside.
	recordKey func(salt []byte) ([]byte, error)
	entropy   io.Reader
}

// Sealer returns the sealer for purpose. Records sealed for one purpose
// cannot be opened for another.
func (k *MasterKey) Sealer(purpose string) *Sealer {
	key := k.Derive("seal/"+purpose, 32)
	return &Sealer{entropy: rand.Reader, recordKey: func(salt []byte) ([]byte, error) {
		return hkdf.Key(sha256.New, key, salt, "record", 32)
	}}
}

// Seal encrypts plaintext with AES-256-GCM and binds it to context (the name
// of the row it lives in), so that a record copied to another row does not
// open there.
//
// Every record has its own key, derived from a random 24-byte salt. That
// removes the limit of 2^32 messages that random 12-byte nonces would set.
func (s *Sealer) Seal(context string, plaintext []byte) ([]byte, error) {
	sealed := make([]byte, headerSize, headerSize+len(plaintext)+16)
	sealed[0] = sealVersion
	if _, err := io.ReadFull(s.entropy, sealed[1:headerSize]); err != nil {
		return nil, err
	}
	aead, err := s.recordCipher(sealed[1:headerSize])
	if err != nil {
		return nil, err
	}
	return aead.Seal(sealed, make([]byte, aead.NonceSize()), plaintext, []byte(context)), nil
}

// Open reverses [Sealer.Seal]. It returns [ErrSealed] for anything that was
// not sealed under this key for this context.
func (s *Sealer) Open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < headerSize+16 || sealed[0] != sealVersion {
		return nil, ErrSealed
	}
	aead, err := s.recordCipher(sealed[1:headerSize])
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed[headerSize:], []byte(context))
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}

// recordCipher builds the cipher of one record. The all-zero nonce its
// callers use is sound because the key is used for exactly one message.
func (s *Sealer) recordCipher(salt []byte) (cipher.AEAD, error) {
	key, err := s.recordKey(salt)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
