package auth

import (
	"fmt"
	"io"
	"time"
)

const (
	codeDigits = 6
	codeSpace  = 1_000_000

	// CodeResendInterval is the shortest time between two codes for one
	// attempt. Sooner, the first code stays the valid one.
	CodeResendInterval = 30 * time.Second
	// CodeReprepareWindow is how soon a second request for a code is taken for
	// a repeated one (a retry, a double tap, an effect that runs twice) and
	// answered like the first instead of refused.
	CodeReprepareWindow = 5 * time.Second
	// ResetLifetime bounds the time between proving a reset code and setting
	// the new password.
	ResetLifetime = 15 * time.Minute
)

// NewCode returns a one-time code of six digits, each value equally likely. It
// fails only when entropy does.
func NewCode(entropy io.Reader) (string, error) {
	// Three bytes hold 16 whole code spaces; values above are drawn again,
	// because a plain remainder would favour small codes.
	const usable = (1 << 24) / codeSpace * codeSpace
	for {
		var raw [3]byte
		if _, err := io.ReadFull(entropy, raw[:]); err != nil {
			return "", fmt.Errorf("read entropy for code: %w", err)
		}
		if n := int(raw[0])<<16 | int(raw[1])<<8 | int(raw[2]); n < usable {
			return fmt.Sprintf("%0*d", codeDigits, n%codeSpace), nil
		}
	}
}

// PreparedAt is when the proof by code was begun, or the zero time.
func (v Verification) PreparedAt() time.Time {
	if v.ExpireAt.IsZero() || v.CodeHash == [32]byte{} {
		return time.Time{}
	}
	return v.ExpireAt.Add(-CodeLifetime)
}

// ResendIn is how long to wait at now until another code is sent, zero when one
// is sent at once.
func (v Verification) ResendIn(now time.Time) time.Duration {
	sent := v.PreparedAt()
	if age := now.Sub(sent); !sent.IsZero() && age >= 0 && age < CodeResendInterval {
		return CodeResendInterval - age
	}
	return 0
}

// Reprepare decides what a request for a code with strategy s for identification id
// means at now, given the proof so far: send is true when a new code is due,
// false when the request repeats the one just served. It refuses with
// [CodeTooManyRequests] when the last code is too recent, and with
// [CodeVerificationAlreadyVerified] when there is nothing left to prove.
func (v Verification) Reprepare(s Strategy, id IdentificationID, now time.Time) (send bool, err error) {
	if v.Strategy != s || v.About != id || v.PreparedAt().IsZero() {
		return true, nil
	}
	if v.Status == VerificationVerified {
		return false, Refuse(CodeVerificationAlreadyVerified)
	}
	age := now.Sub(v.PreparedAt())
	switch {
	case age < 0 || age >= CodeResendInterval:
		return true, nil
	case age < CodeReprepareWindow && v.Status == VerificationUnverified:
		return false, nil
	default:
		return false, &Error{Code: CodeTooManyRequests, Retry: CodeResendInterval - age}
	}
}
