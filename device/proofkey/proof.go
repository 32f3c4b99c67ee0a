package proofkey

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// PublicKey is a public key in the words of RFC 7517. Y is empty unless the key
// is one of an elliptic curve with two coordinates.
type PublicKey struct {
	Algorithm string
	Type      string
	Curve     string
	X, Y      string
}

// canonical are the members that RFC 7638 hashes, in its order: those that make
// up the key.
func (p PublicKey) canonical() string {
	text := `{"crv":"` + p.Curve + `","kty":"` + p.Type + `","x":"` + p.X + `"`
	if p.Y != "" {
		text += `,"y":"` + p.Y + `"`
	}
	return text + "}"
}

// Thumbprint names the key (RFC 7638, SHA-256).
func (p PublicKey) Thumbprint() string {
	sum := sha256.Sum256([]byte(p.canonical()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Proof is what a proof says about a request.
type Proof struct {
	Method string
	URL    string // with scheme and host, without query and fragment
	// Credential is the one that goes along; empty when there is none.
	Credential string
	// IssuedAt is the device's time of day. A server that does not believe it
	// answers with a Nonce, which makes up for it.
	IssuedAt time.Time
	Nonce    string
	// Rotate asks for a successor of the credential.
	Rotate bool
}

// claims are the members of RFC 9449, section 4.2, and one of ours.
type claims struct {
	ID             string `json:"jti"`
	Method         string `json:"htm"`
	URL            string `json:"htu"`
	IssuedAt       int64  `json:"iat"`
	CredentialHash string `json:"ath,omitempty"`
	Nonce          string `json:"nonce,omitempty"`
	Rotate         bool   `json:"rotate,omitempty"`
}

// Hash names a credential as proofs do (ath), and servers that say which one a
// request brought.
func Hash(credential string) string {
	sum := sha256.Sum256([]byte(credential))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Text returns the proof in its compact form, under a fresh name of its own,
// and the public key that verifies it.
func (p Proof) Text(ctx context.Context, keys Keys, reference string, entropy io.Reader) (string, PublicKey, error) {
	public, err := keys.Public(ctx, reference)
	if err != nil {
		return "", PublicKey{}, err
	}
	if entropy == nil {
		entropy = rand.Reader
	}
	var name [16]byte
	if _, err := io.ReadFull(entropy, name[:]); err != nil {
		return "", PublicKey{}, fmt.Errorf("read entropy for a proof: %w", err)
	}
	said := claims{
		ID: base64.RawURLEncoding.EncodeToString(name[:]), Method: p.Method, URL: p.URL, IssuedAt: p.IssuedAt.Unix(),
		Nonce: p.Nonce, Rotate: p.Rotate,
	}
	if p.Credential != "" {
		said.CredentialHash = Hash(p.Credential)
	}
	body, err := json.Marshal(said)
	if err != nil {
		return "", PublicKey{}, err
	}
	header := `{"typ":"dpop+jwt","alg":"` + public.Algorithm + `","jwk":` + public.canonical() + "}"
	message := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(body)
	signature, err := keys.Sign(ctx, reference, []byte(message))
	if err != nil {
		return "", PublicKey{}, err
	}
	return message + "." + base64.RawURLEncoding.EncodeToString(signature), public, nil
}
