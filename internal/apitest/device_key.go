package apitest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"testing"
)

// DeviceKey is the key of a device that proves itself as RFC 9449 says. It is
// written from the document and not from the device's own code, so that the two
// halves are held to the same text.
type DeviceKey struct{ private ed25519.PrivateKey }

// NewDeviceKey makes a key.
func NewDeviceKey(t testing.TB) *DeviceKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &DeviceKey{private}
}

// Thumbprint names the key (RFC 7638).
func (k *DeviceKey) Thumbprint() string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + k.x() + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (k *DeviceKey) x() string {
	public, _ := k.private.Public().(ed25519.PublicKey)
	return base64.RawURLEncoding.EncodeToString(public)
}

// Proof signs claims; what is missing in them is what a good proof of the
// request says.
func (k *DeviceKey) Proof(s *Server, method, path, credential string, claims map[string]any) string {
	all := map[string]any{
		"jti": rand.Text(), "htm": method, "htu": "https://" + s.Host + path, "iat": s.Now().Unix(),
	}
	if credential != "" {
		sum := sha256.Sum256([]byte(credential))
		all["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	maps.Copy(all, claims)
	encode := func(v any) string {
		b, _ := json.Marshal(v) // strings and numbers always encode
		return base64.RawURLEncoding.EncodeToString(b)
	}
	message := encode(map[string]any{
		"typ": "dpop+jwt", "alg": "EdDSA", "jwk": map[string]any{"kty": "OKP", "crv": "Ed25519", "x": k.x()},
	}) + "." + encode(all)
	return message + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(k.private, []byte(message)))
}

// Prove returns a caller's request with a proof of the key.
func (k *DeviceKey) Prove(c *Caller, q Request, claims map[string]any) Request {
	if q.Header == nil {
		q.Header = http.Header{}
	}
	q.Header.Set("Dpop", k.Proof(c.server, q.Method, q.Path, c.Token(), claims))
	return q
}
