package passkey

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/perennialauth/perennial/internal/auth"
)

// challengeSize is that of a challenge, in bytes: WebAuthn Level 3, section
// 13.4.3, asks for at least 16.
const challengeSize = 32

// Ceremonies makes the options of registrations and sign-ins and checks what
// comes of them. It is safe for concurrent use.
type Ceremonies struct {
	Entropy io.Reader
}

// algorithms are the signatures that keys may make, by their COSE numbers:
// ES256, which every authenticator has, EdDSA, and RS256 for Windows Hello.
var algorithms = []int{-7, -8, -257}

// creationOptions is PublicKeyCredentialCreationOptionsJSON, section 5.1.8.
type creationOptions struct {
	RP        entity       `json:"rp"`
	User      person       `json:"user"`
	Challenge string       `json:"challenge"`
	Params    []parameter  `json:"pubKeyCredParams"`
	Timeout   int64        `json:"timeout"` // milliseconds
	Exclude   []descriptor `json:"excludeCredentials"`
	Selection selection    `json:"authenticatorSelection"`
	// Attestation tells who made an authenticator. Nothing here depends on it,
	// and people are asked for their consent where a server wants it.
	Attestation string          `json:"attestation"`
	Extensions  map[string]bool `json:"extensions"`
}

// requestOptions is PublicKeyCredentialRequestOptionsJSON, section 5.5.
type requestOptions struct {
	Challenge        string       `json:"challenge"`
	Timeout          int64        `json:"timeout"` // milliseconds
	RPID             string       `json:"rpId"`
	Allow            []descriptor `json:"allowCredentials"`
	UserVerification string       `json:"userVerification"`
}

type entity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type person struct {
	ID          string `json:"id"` // base64url
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

type parameter struct {
	Type string `json:"type"`
	Alg  int    `json:"alg"`
}

type descriptor struct {
	Type       string   `json:"type"`
	ID         string   `json:"id"` // base64url
	Transports []string `json:"transports,omitempty"`
}

type selection struct {
	ResidentKey        string `json:"residentKey"`
	RequireResidentKey bool   `json:"requireResidentKey"`
	UserVerification   string `json:"userVerification"`
}

// publicKey is the one type of credential there is.
const publicKey = "public-key"

// required asks the authenticator to unlock by something that only its owner
// has or knows: without it a passkey would be a key under the mat.
const required = "required"

// Creation returns the options to register a passkey of u, as JSON. It fails
// only when entropy does.
func (c Ceremonies) Creation(rp auth.RelyingParty, u auth.User) (string, error) {
	challenge, err := c.challenge()
	if err != nil {
		return "", err
	}
	options := creationOptions{
		RP: entity{rp.ID, rp.Name}, User: person{encode([]byte(u.ID)), u.Identifier(), displayName(u)},
		Challenge: challenge, Timeout: auth.PasskeyLifetime.Milliseconds(),
		Exclude:     descriptors(u.VerifiedPasskeys()),
		Selection:   selection{ResidentKey: required, RequireResidentKey: true, UserVerification: required},
		Attestation: "none", Extensions: map[string]bool{"credProps": true},
	}
	for _, alg := range algorithms {
		options.Params = append(options.Params, parameter{publicKey, alg})
	}
	return marshal(options)
}

// Request returns the options to sign in with a passkey, as JSON: one of allowed
// or, when there are none, whichever the person picks. It fails only when
// entropy does.
func (c Ceremonies) Request(rp auth.RelyingParty, allowed []auth.Passkey) (string, error) {
	challenge, err := c.challenge()
	if err != nil {
		return "", err
	}
	return marshal(requestOptions{
		Challenge: challenge, Timeout: auth.PasskeyLifetime.Milliseconds(), RPID: rp.ID,
		Allow: descriptors(allowed), UserVerification: required,
	})
}

func (c Ceremonies) challenge() (string, error) {
	var raw [challengeSize]byte
	if _, err := io.ReadFull(c.Entropy, raw[:]); err != nil {
		return "", fmt.Errorf("read entropy for challenge: %w", err)
	}
	return encode(raw[:]), nil
}

// descriptors is never nil: an empty list is what SDKs iterate over.
func descriptors(passkeys []auth.Passkey) []descriptor {
	out := []descriptor{}
	for _, p := range passkeys {
		out = append(out, descriptor{publicKey, encode(p.Key.CredentialID), p.Key.Transports})
	}
	return out
}

// displayName is what an authenticator shows to tell accounts apart.
func displayName(u auth.User) string {
	name := u.FirstName
	if name != "" && u.LastName != "" {
		name += " "
	}
	if name += u.LastName; name == "" {
		return u.Identifier()
	}
	return name
}

func marshal(options any) (string, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return "", fmt.Errorf("encode options: %w", err)
	}
	return string(text), nil
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
