package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"
)

// LockoutKey is where failed proofs against value are counted. It is keyed,
// because the identifiers people type are guessable and a plain hash of them
// in the store would give them away. Kind keeps equal values of different
// kinds apart.
func LockoutKey(pepper []byte, kind, value string) [32]byte {
	h := hmac.New(sha256.New, pepper)
	h.Write([]byte{byte(len(kind))})
	h.Write([]byte(kind))
	h.Write([]byte(value))
	return [32]byte(h.Sum(nil))
}

// UserLockoutKey is where failed proofs against an existing account are
// counted, whichever of its identifiers was typed.
func UserLockoutKey(pepper []byte, id UserID) [32]byte {
	return LockoutKey(pepper, "user", string(id))
}

// Lock locks on an operator's word, without counting a failure.
func (l Lockout) Lock(now time.Time) Lockout {
	l.LockedUntil, l.UpdatedAt = now.Add(LockoutDuration), now
	return l
}

// AttemptsLeft is how many wrong passwords remain at now before the account
// locks.
func (l Lockout) AttemptsLeft(now time.Time) int {
	over := !l.LockedUntil.IsZero() && l.Locked(now) == 0
	if over || now.Sub(l.UpdatedAt) > LockoutForget {
		return LockoutFailures
	}
	return max(0, LockoutFailures-l.Failures)
}
