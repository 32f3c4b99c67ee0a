package proof

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// maxText bounds what is parsed. A proof is a few hundred bytes.
const maxText = 4 << 10

// signedProof is a proof that was read and not yet verified.
type signedProof struct {
	key       publicKey
	claims    claims
	message   []byte // what the signature is over
	signature []byte
}

func (p signedProof) verify() bool { return p.key.verify(p.message, p.signature) }

type header struct {
	Type      string          `json:"typ"`
	Algorithm string          `json:"alg"`
	Key       json.RawMessage `json:"jwk"`
	Critical  json.RawMessage `json:"crit"`
}

type claims struct {
	ID             string `json:"jti"`
	Method         string `json:"htm"`
	URL            string `json:"htu"`
	IssuedAt       int64  `json:"iat"`
	CredentialHash string `json:"ath"`
	Nonce          string `json:"nonce"`
	// Rotate is ours: the device is ready for a successor of the credential.
	Rotate bool `json:"rotate"`
}

// parse reads the compact form. The encoding is strict, so that no second text
// stands for the same proof.
func parse(text string) (signedProof, error) {
	if len(text) > maxText || strings.ContainsAny(text, "\r\n") {
		return signedProof{}, ErrInvalid
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return signedProof{}, ErrInvalid
	}
	var raw [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return signedProof{}, ErrInvalid
		}
		raw[i] = b
	}
	var h header
	if json.Unmarshal(raw[0], &h) != nil || h.Type != "dpop+jwt" || h.Critical != nil {
		return signedProof{}, ErrInvalid
	}
	p := signedProof{message: []byte(parts[0] + "." + parts[1]), signature: raw[2]}
	if json.Unmarshal(raw[1], &p.claims) != nil {
		return signedProof{}, ErrInvalid
	}
	var err error
	p.key, err = parseKey(h.Algorithm, h.Key)
	return p, err
}
