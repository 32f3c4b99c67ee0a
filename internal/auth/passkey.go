package auth

import (
	"bytes"
	"slices"
	"time"
)

// PasskeyID names a passkey: idn_…
type PasskeyID = IdentificationID

const (
	// MaxPasskeys is how many passkeys one account has.
	MaxPasskeys = 10
	// PasskeyNameLimit bounds the name of a passkey, in bytes.
	PasskeyNameLimit = 256
	// PasskeyLifetime bounds the time between a challenge and its answer.
	PasskeyLifetime = 10 * time.Minute
	// PasskeyWaitLifetime is that of a challenge that waits in a form until a
	// person picks a passkey from what the browser suggests.
	PasskeyWaitLifetime = time.Hour
)

// Passkey is a credential of WebAuthn that a user signs in with. Until its
// registration was proven it has no key and counts for nothing.
type Passkey struct {
	ID           PasskeyID
	Name         string
	RPID         string // the relying party ID it is scoped to
	Key          PasskeyKey
	Verification Verification // of the registration
	LastUsedAt   time.Time    // last sign-in or reverification; zero for never
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// PasskeyKey is what a registration leaves with the server (WebAuthn Level 3,
// section 4, credential record). The names in JSON are those of the store.
type PasskeyKey struct {
	CredentialID   []byte   `json:"-"`          // unique in the instance; empty before the registration
	PublicKey      []byte   `json:"public_key"` // COSE_Key
	SignCount      uint32   `json:"sign_count"`
	Transports     []string `json:"transports,omitempty"`
	AAGUID         []byte   `json:"aaguid,omitempty"` // the model of the authenticator
	BackupEligible bool     `json:"backup_eligible,omitempty"`
	BackedUp       bool     `json:"backed_up,omitempty"`
}

// NewPasskeyID returns a fresh passkey identifier. It fails only when entropy does.
var NewPasskeyID = NewEmailID

// Verified says whether the registration was proven.
func (p Passkey) Verified() bool { return p.Verification.Status == VerificationVerified }

// Passkey returns the passkey with this id, proven or not, and whether the user
// has it.
func (u User) Passkey(id PasskeyID) (Passkey, bool) {
	for _, p := range u.Passkeys {
		if p.ID == id {
			return p, true
		}
	}
	return Passkey{}, false
}

// PasskeyByCredential returns the proven passkey with this credential.
func (u User) PasskeyByCredential(id []byte) (Passkey, bool) {
	for _, p := range u.Passkeys {
		if p.Verified() && len(id) > 0 && bytes.Equal(p.Key.CredentialID, id) {
			return p, true
		}
	}
	return Passkey{}, false
}

// VerifiedPasskeys are those that the user can sign in with.
func (u User) VerifiedPasskeys() (out []Passkey) {
	for _, p := range u.Passkeys {
		if p.Verified() {
			out = append(out, p)
		}
	}
	return out
}

// WithPasskey returns the user with p in the place of the passkey of its id, or
// added.
func (u User) WithPasskey(p Passkey) User {
	u.Passkeys = withItem(u.Passkeys, p, func(other Passkey) bool { return other.ID == p.ID })
	return u
}

// WithoutPasskeys returns the user without the passkeys that gone selects.
func (u User) WithoutPasskeys(gone func(Passkey) bool) User {
	u.Passkeys = slices.DeleteFunc(slices.Clone(u.Passkeys), gone)
	return u
}

// Used notes at now that the passkey was proven, with the key as it is since.
func (p Passkey) Used(key PasskeyKey, now time.Time) Passkey {
	p.Key, p.LastUsedAt, p.UpdatedAt = key, now, now
	return p
}

// NewPasskeyVerification begins a proof by passkey. Options are those of the
// ceremony, which hold its challenge.
func NewPasskeyVerification(options string, about PasskeyID, lifetime time.Duration, now time.Time) Verification {
	v := Verification{Strategy: StrategyPasskey, Status: VerificationUnverified, About: about, ExpireAt: now.Add(lifetime)}
	v.Nonce = options
	return v
}

// AwaitsPasskey says why an answer by passkey cannot be taken at now, or nil.
// Errors: [CodePasskeyNonceInvalid] when no challenge is open,
// [CodeVerificationAlreadyVerified], [CodeVerificationExpired].
func (v Verification) AwaitsPasskey(now time.Time) error {
	switch {
	case v.Strategy != StrategyPasskey:
		return Refuse(CodePasskeyNonceInvalid)
	case v.Status == VerificationVerified:
		return Refuse(CodeVerificationAlreadyVerified)
	case v.StatusAt(now) == VerificationExpired:
		return Refuse(CodeVerificationExpired)
	case v.Status != VerificationUnverified || v.Nonce == "":
		return Refuse(CodePasskeyNonceInvalid)
	}
	return nil
}

// Answer ends a proof by a challenge, which is answered once, rightly or not. The
// hash is of the answer, so that a repeated request can be told from
// another.
func (v Verification) Answer(proven bool, hash [32]byte, now time.Time) Verification {
	v.Attempts++
	v.Nonce = ""
	if !proven {
		v.Status = VerificationFailed
		return v
	}
	v.Status, v.VerifiedAt, v.CodeHash = VerificationVerified, now, hash
	return v
}
