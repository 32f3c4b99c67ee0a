package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"time"
)

// Strategy is the kind of a factor.
type Strategy string

// Strategies by their published names.
const (
	StrategyPassword           Strategy = "password"
	StrategyEmailCode          Strategy = "email_code"
	StrategyEmailLink          Strategy = "email_link"
	StrategyPhoneCode          Strategy = "phone_code"
	StrategyResetPasswordEmail Strategy = "reset_password_email_code"
	StrategyResetPasswordPhone Strategy = "reset_password_phone_code"
	StrategyTOTP               Strategy = "totp"
	StrategyBackupCode         Strategy = "backup_code"
	StrategyTicket             Strategy = "ticket"
	StrategyPasskey            Strategy = "passkey"
	StrategyTrustedDevice      Strategy = "trusted_device"
	StrategyAdmin              Strategy = "admin"
)

// VerificationStatus is the progress of one proof.
type VerificationStatus string

// Verification statuses by their published names.
const (
	VerificationUnverified VerificationStatus = "unverified"
	VerificationVerified   VerificationStatus = "verified"
	VerificationFailed     VerificationStatus = "failed"
	VerificationExpired    VerificationStatus = "expired"
	// VerificationTransferable: proven, for the other of sign-in and sign-up.
	VerificationTransferable VerificationStatus = "transferable"
)

const (
	// CodeLifetime bounds a one-time code.
	CodeLifetime = 10 * time.Minute
	// CodeAttempts is how many wrong codes end a verification: at 10^6 codes
	// an attacker who may ask for a new one every [CodeResendInterval] stays
	// far below one success a year.
	CodeAttempts = 5
	// CodeReplayWindow is how long the code that just succeeded may be
	// presented again with the same answer, for clients that retry a lost
	// response or double-submit.
	CodeReplayWindow = time.Minute
)

// Verification is one proof in progress or done. The zero value means "not
// started": [Verification.Started] is false.
type Verification struct {
	Strategy   Strategy
	Status     VerificationStatus
	Attempts   int
	ExpireAt   time.Time
	VerifiedAt time.Time
	About      IdentificationID // what the proof is about, or empty
	CodeHash   [32]byte         // see [HashCode]; zero when the strategy has no code
	VerificationDetail
}

// VerificationDetail is what only some strategies need. It is stored as one
// document, so that a strategy can have more without a new column.
type VerificationDetail struct {
	Channel     string `json:"channel,omitempty"`      // of a code to a phone: "sms"
	Nonce       string `json:"nonce,omitempty"`        // shown to clients, such as the options of a passkey
	RedirectURL string `json:"redirect_url,omitempty"` // external_verification_redirect_url
	ErrorCode   Code   `json:"error_code,omitempty"`   // why it failed, for flows that end elsewhere
	// ErrorSession is the one to use instead, when the reason is that there is one.
	ErrorSession SessionID `json:"error_session,omitempty"`
	VerifiedBy   string    `json:"verified_by,omitempty"` // the client that a link was followed with
}

// Started says whether a proof was begun.
func (v Verification) Started() bool { return v.Strategy != "" }

// StatusAt is the status as clients see it at now: an unverified proof past its
// expiry is expired.
func (v Verification) StatusAt(now time.Time) VerificationStatus {
	if v.Status == VerificationUnverified && !v.ExpireAt.IsZero() && now.After(v.ExpireAt) {
		return VerificationExpired
	}
	return v.Status
}

// HashCode hashes a one-time code for storage. A six-digit code has too little
// entropy for any hash to hide it from a thief of the database alone, so the
// hash is keyed: pepper is a key the database does not hold, and owner binds the
// code to one attempt so that equal codes differ.
func HashCode(pepper []byte, owner, code string) [32]byte {
	h := sha256.New()
	h.Write(pepper)
	h.Write([]byte{byte(len(owner))})
	h.Write([]byte(owner))
	h.Write([]byte(code))
	return [32]byte(h.Sum(nil))
}

// NewCodeVerification begins a proof by one-time code.
func NewCodeVerification(s Strategy, about IdentificationID, codeHash [32]byte, now time.Time) Verification {
	return Verification{
		Strategy: s, Status: VerificationUnverified, About: about,
		CodeHash: codeHash, ExpireAt: now.Add(CodeLifetime),
	}
}

// AttemptCode submits a code hash. It returns the verification after the
// attempt, which the caller must store whether or not the error is nil: wrong
// attempts count. Errors: [CodeVerificationMissing] when nothing was prepared,
// [CodeVerificationExpired], [CodeVerificationFailed] after too many wrong
// codes, [CodeCodeIncorrect]. The right code again within [CodeReplayWindow]
// succeeds without a change, so that a retry of a lost answer is harmless.
func (v Verification) AttemptCode(hash [32]byte, now time.Time) (Verification, error) {
	equal := subtle.ConstantTimeCompare(v.CodeHash[:], hash[:]) == 1
	switch {
	case !v.Started() || v.CodeHash == [32]byte{}:
		return v, RefuseParam(CodeVerificationMissing, "code")
	case v.Status == VerificationVerified:
		if equal && now.Sub(v.VerifiedAt) <= CodeReplayWindow {
			return v, nil
		}
		return v, RefuseParam(CodeVerificationAlreadyVerified, "code")
	case v.Status == VerificationFailed:
		return v, RefuseParam(CodeVerificationFailed, "code")
	case v.StatusAt(now) == VerificationExpired:
		v.Status = VerificationExpired
		return v, RefuseParam(CodeVerificationExpired, "code")
	}
	v.Attempts++
	if equal {
		v.Status, v.VerifiedAt = VerificationVerified, now
		return v, nil
	}
	if v.Attempts >= CodeAttempts {
		v.Status = VerificationFailed
		return v, RefuseParam(CodeVerificationFailed, "code")
	}
	return v, RefuseParam(CodeCodeIncorrect, "code")
}
