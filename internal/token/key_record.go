package token

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// keyRecord is one signing key as stored. Only the public facts are readable
// without the master key.
type keyRecord struct {
	ID        string `json:"kid"`
	Sealed    []byte `json:"sealed_pem"`           // PKCS #8 PEM, sealed for the kid
	CreatedAt int64  `json:"created_at"`           // ms
	RetiredAt int64  `json:"retired_at,omitempty"` // ms, absent while current
}

func generateKey(now time.Time) (*key, error) {
	private, err := rsa.GenerateKey(rand.Reader, KeyBits)
	if err != nil {
		return nil, err
	}
	return &key{id: thumbprint(&private.PublicKey), private: private, createdAt: now}, nil
}

// thumbprint names a key by its content (RFC 7638), so that two stores with
// one key agree on the kid and no two keys share one.
func thumbprint(pub *rsa.PublicKey) string {
	e, n := publicNumbers(pub)
	sum := sha256.Sum256([]byte(`{"e":"` + e + `","kty":"RSA","n":"` + n + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func publicNumbers(pub *rsa.PublicKey) (e, n string) {
	b64 := base64.RawURLEncoding
	return b64.EncodeToString(big.NewInt(int64(pub.E)).Bytes()), b64.EncodeToString(pub.N.Bytes())
}

func (k *Keys) seal(keys []*key) ([]byte, error) {
	records := make([]keyRecord, 0, len(keys))
	for _, key := range keys {
		der, err := x509.MarshalPKCS8PrivateKey(key.private)
		if err != nil {
			return nil, fmt.Errorf("signing key %s: %w", key.id, err)
		}
		sealed, err := k.sealer.Seal(key.id, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		if err != nil {
			return nil, fmt.Errorf("signing key %s: %w", key.id, err)
		}
		r := keyRecord{ID: key.id, Sealed: sealed, CreatedAt: key.createdAt.UnixMilli()}
		if !key.retiredAt.IsZero() {
			r.RetiredAt = key.retiredAt.UnixMilli()
		}
		records = append(records, r)
	}
	return json.Marshal(records)
}

func (k *Keys) open(raw []byte) ([]*key, error) {
	var records []keyRecord
	if err := json.Unmarshal(raw, &records); err != nil {
		return nil, fmt.Errorf("signing keys: stored value: %w", err)
	}
	keys := make([]*key, 0, len(records))
	for _, r := range records {
		private, err := k.openPrivate(r)
		if err != nil {
			return nil, fmt.Errorf("signing key %s: %w", r.ID, err)
		}
		key := &key{id: r.ID, private: private, createdAt: time.UnixMilli(r.CreatedAt)}
		if r.RetiredAt != 0 {
			key.retiredAt = time.UnixMilli(r.RetiredAt)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (k *Keys) openPrivate(r keyRecord) (*rsa.PrivateKey, error) {
	text, err := k.sealer.Open(r.ID, r.Sealed)
	if err != nil {
		return nil, fmt.Errorf("%w; is this the master key the data was made with?", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("is a %T, want RSA", parsed)
	}
	return private, nil
}
