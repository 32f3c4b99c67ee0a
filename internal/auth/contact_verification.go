package auth

import (
	"io"
	"time"
)

// ContactVerificationID names a proof that a back end began: ver_…
type ContactVerificationID string

// NewContactVerificationID returns a fresh identifier. It fails only when entropy does.
func NewContactVerificationID(now time.Time, entropy io.Reader) (ContactVerificationID, error) {
	s, err := newID("ver", now, entropy)
	return ContactVerificationID(s), err
}

// ContactVerification is the proof of an address or a number of an account by a
// code that a back end asked for. It stands beside the proof that the owner may
// be giving at the same time, so that neither disturbs the other, and may be
// about a contact that was proven long ago.
type ContactVerification struct {
	ID        ContactVerificationID
	Version   int64 // compare-and-swap guard; zero means not stored yet
	User      UserID
	Proof     Verification // which contact it is about is in there
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Attempt submits the code of a back end at now. A code that does not count is
// told by the status of the proof afterwards, and by wrong when it was a guess.
// Only a proof that is complete refuses another code, the same one too, with
// [CodeVerificationAlreadyVerified].
func (c ContactVerification) Attempt(hash [32]byte, now time.Time) (_ ContactVerification, wrong bool, _ error) {
	if c.Proof.Status == VerificationVerified {
		return c, false, RefuseParam(CodeVerificationAlreadyVerified, "code")
	}
	before := c.Proof
	c.Proof, _ = c.Proof.AttemptCode(hash, now)
	if c.Proof != before {
		c.UpdatedAt = now
	}
	return c, c.Proof.Attempts > before.Attempts && c.Proof.Status != VerificationVerified, nil
}
