package proof

import "encoding/base64"

// DeviceKeys are the keys of trusted devices: ECDSA on P-256, made by the key
// store of a phone and used only when its owner unlocks it.
type DeviceKeys struct{}

// Canonical returns a public key, given as a JWK, in the one form that is kept.
// Errors are [ErrInvalid].
func (DeviceKeys) Canonical(jwk string) (string, error) {
	if len(jwk) > maxText {
		return "", ErrInvalid
	}
	k, err := parseKey("ES256", []byte(jwk))
	return k.canonical, err
}

// Verify says whether signature, in base64url, is that of the key over message:
// the two numbers of ES256 one after the other (RFC 7518, section 3.4).
func (DeviceKeys) Verify(canonical, message, signature string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil {
		return false
	}
	k, err := parseKey("ES256", []byte(canonical))
	return err == nil && k.verify([]byte(message), raw)
}
