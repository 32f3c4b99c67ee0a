package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	// maxAnswer bounds the JSON of a credential, in bytes: keys and certificates
	// of authenticators have a few kilobytes.
	maxAnswer = 64 << 10
	// maxCredentialID is what WebAuthn Level 3, section 4, allows.
	maxCredentialID = 1023
	maxTransports   = 8
	maxTransport    = 32
)

// Register checks what an authenticator made of the options of a registration
// and returns the key. Whatever is wrong refuses with
// [auth.CodePasskeyCredentialInvalid] about public_key_credential.
func (Ceremonies) Register(rp auth.RelyingParty, options, credential string) (auth.PasskeyKey, error) {
	var given creationOptions
	if err := json.Unmarshal([]byte(options), &given); err != nil {
		return auth.PasskeyKey{}, fmt.Errorf("read own options: %w", err)
	}
	if len(credential) > maxAnswer {
		return auth.PasskeyKey{}, malformed(errors.New("too long"))
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(credential))
	if err != nil {
		return auth.PasskeyKey{}, malformed(err)
	}
	origin := answer.Response.CollectedClientData.Origin
	if !rp.Allows(origin) {
		return auth.PasskeyKey{}, malformed(errors.New("made for another origin"))
	}
	_, err = answer.Verify(given.Challenge, given.RP.ID, []string{origin}, []string{origin}, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, nil, accepted(), protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil {
		return auth.PasskeyKey{}, malformed(err)
	}
	return keyOf(answer)
}

// keyOf is what is kept of a registration.
func keyOf(answer *protocol.ParsedCredentialCreationData) (auth.PasskeyKey, error) {
	data := answer.Response.AttestationObject.AuthData
	if n := len(data.AttData.CredentialID); n == 0 || n > maxCredentialID {
		return auth.PasskeyKey{}, malformed(errors.New("credential id has the wrong length"))
	}
	if _, err := webauthncose.ParsePublicKey(data.AttData.CredentialPublicKey); err != nil {
		return auth.PasskeyKey{}, malformed(err)
	}
	key := auth.PasskeyKey{
		CredentialID: data.AttData.CredentialID, PublicKey: data.AttData.CredentialPublicKey, SignCount: data.Counter,
		AAGUID: data.AttData.AAGUID, BackupEligible: data.Flags.HasBackupEligible(), BackedUp: data.Flags.HasBackupState(),
	}
	for _, t := range answer.Response.Transports {
		// A hint for the browser: what is unknown is kept, what is no word is not.
		if len(t) <= maxTransport && len(key.Transports) < maxTransports && !slices.Contains(key.Transports, string(t)) {
			key.Transports = append(key.Transports, string(t))
		}
	}
	return key, nil
}

func accepted() (out []protocol.CredentialParameter) {
	for _, alg := range algorithms {
		out = append(out, protocol.CredentialParameter{
			Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(alg),
		})
	}
	return out
}

func malformed(cause error) error {
	return &auth.Error{Code: auth.CodePasskeyCredentialInvalid, Param: "public_key_credential", Cause: cause}
}
