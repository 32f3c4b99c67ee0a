package proof

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
)

// publicKey is a key of one of the two kinds that are accepted: Ed25519, which
// software makes, and ECDSA on P-256, which is what the key stores of phones
// and laptops offer.
type publicKey struct {
	canonical string // the members that RFC 7638 hashes, in its order
	verify    func(message, signature []byte) bool
}

func (k publicKey) thumbprint() Key { return sha256.Sum256([]byte(k.canonical)) }

// coordinate is the length of a P-256 coordinate and of an Ed25519 key.
const coordinate = 32

type jwk struct {
	Type    string          `json:"kty"`
	Curve   string          `json:"crv"`
	X       string          `json:"x"`
	Y       string          `json:"y"`
	Private json.RawMessage `json:"d"`
}

// parseKey reads the key in the header. One with its private part in it is
// refused: it is nobody's alone any more.
func parseKey(algorithm string, text []byte) (publicKey, error) {
	var k jwk
	if json.Unmarshal(text, &k) != nil || k.Private != nil {
		return publicKey{}, ErrInvalid
	}
	x, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
	if err != nil || len(x) != coordinate {
		return publicKey{}, ErrInvalid
	}
	switch {
	case k.Type == "OKP" && k.Curve == "Ed25519" && (algorithm == "EdDSA" || algorithm == "Ed25519"):
		return publicKey{
			canonical: `{"crv":"Ed25519","kty":"OKP","x":"` + k.X + `"}`,
			verify:    func(message, signature []byte) bool { return ed25519.Verify(x, message, signature) },
		}, nil
	case k.Type == "EC" && k.Curve == "P-256" && algorithm == "ES256":
		return parseECDSA(k, x)
	default:
		return publicKey{}, ErrInvalid
	}
}

func parseECDSA(k jwk, x []byte) (publicKey, error) {
	y, err := base64.RawURLEncoding.Strict().DecodeString(k.Y)
	if err != nil || len(y) != coordinate {
		return publicKey{}, ErrInvalid
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		return publicKey{}, ErrInvalid
	}
	return publicKey{
		canonical: `{"crv":"P-256","kty":"EC","x":"` + k.X + `","y":"` + k.Y + `"}`,
		verify: func(message, signature []byte) bool {
			if len(signature) != 2*coordinate {
				return false
			}
			sum := sha256.Sum256(message)
			r, s := new(big.Int).SetBytes(signature[:coordinate]), new(big.Int).SetBytes(signature[coordinate:])
			return ecdsa.Verify(key, sum[:], r, s)
		},
	}, nil
}
