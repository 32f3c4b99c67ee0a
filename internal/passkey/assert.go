package passkey

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/perennialauth/perennial/internal/auth"
)

// Read says which credential an answer claims to be of, and of whom: the user
// is empty where the authenticator did not say. Nothing of it is proven yet. It
// refuses what is no answer with [auth.CodePasskeyCredentialInvalid] about
// public_key_credential.
func (Ceremonies) Read(credential string) (id []byte, user auth.UserID, err error) {
	answer, err := parse(credential)
	if err != nil {
		return nil, "", err
	}
	return answer.RawID, auth.UserID(answer.Response.UserHandle), nil
}

// Check says whether an answer proves the passkey for the options that were
// given, and returns the key as it is to be kept. Errors have code
// [auth.CodePasskeyFailed], except [auth.CodePasskeyCredentialInvalid] for what
// is no answer.
//
// A counter that did not rise means that the credential exists twice (WebAuthn
// Level 3, section 6.1.1), and is refused; authenticators without a counter
// leave it at zero.
func (Ceremonies) Check(rp auth.RelyingParty, options, credential string, p auth.Passkey) (auth.PasskeyKey, error) {
	var given requestOptions
	if err := json.Unmarshal([]byte(options), &given); err != nil {
		return p.Key, fmt.Errorf("read own options: %w", err)
	}
	answer, err := parse(credential)
	if err != nil {
		return p.Key, err
	}
	origin := answer.Response.CollectedClientData.Origin
	switch {
	case given.RPID != p.RPID:
		return p.Key, failed(errors.New("scoped to another relying party"))
	case !rp.Allows(origin):
		return p.Key, failed(errors.New("made for another origin"))
	case !given.allows(answer.RawID):
		return p.Key, failed(errors.New("not one of those asked for"))
	}
	err = answer.Verify(given.Challenge, given.RPID, "", []string{origin}, []string{origin}, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, p.Key.PublicKey, protocol.SignaturePolicy{})
	if err != nil {
		return p.Key, failed(err)
	}
	return advance(p.Key, answer.Response.AuthenticatorData)
}

// allows says whether a credential is one that was asked for.
func (o requestOptions) allows(id []byte) bool {
	if len(o.Allow) == 0 {
		return true
	}
	for _, d := range o.Allow {
		if d.ID == encode(id) {
			return true
		}
	}
	return false
}

// advance takes over what an authenticator says about itself.
func advance(key auth.PasskeyKey, data protocol.AuthenticatorData) (auth.PasskeyKey, error) {
	if data.Flags.HasBackupEligible() != key.BackupEligible {
		// Section 7.2, step 17: it never changes for a credential.
		return key, failed(errors.New("backup eligibility changed"))
	}
	if (data.Counter != 0 || key.SignCount != 0) && data.Counter <= key.SignCount {
		return key, failed(errors.New("signature counter did not rise"))
	}
	key.SignCount, key.BackedUp = data.Counter, data.Flags.HasBackupState()
	return key, nil
}

func parse(credential string) (*protocol.ParsedCredentialAssertionData, error) {
	if len(credential) > maxAnswer {
		return nil, malformed(errors.New("too long"))
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(credential))
	if err != nil {
		return nil, malformed(err)
	}
	return answer, nil
}

func failed(cause error) error { return &auth.Error{Code: auth.CodePasskeyFailed, Cause: cause} }
