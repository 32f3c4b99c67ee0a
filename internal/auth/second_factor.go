package auth

import (
	"crypto/subtle"
	"slices"
	"time"
)

// TOTP is an authenticator app of a user (RFC 6238). The zero value is none.
type TOTP struct {
	ID        TOTPID
	Sealed    []byte // the shared secret, sealed for the user; see the use case
	Verified  bool   // set up: a code was proven once
	LastStep  int64  // time step of the last accepted code: it and older ones are never accepted again
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Accept notes that the code of a time step was proven. It is false when the
// step was used before: a code that somebody looked over a shoulder for is
// worth nothing once it was accepted.
func (t TOTP) Accept(step int64, now time.Time) (_ TOTP, fresh bool) {
	if step <= t.LastStep {
		return t, false
	}
	t.LastStep, t.UpdatedAt = step, now
	return t, true
}

// BackupCodes are what is left of a set of single-use codes. The zero value is
// none.
type BackupCodes struct {
	ID        BackupCodesID
	Hashes    [][32]byte // of those not used yet; see [HashCode]
	CreatedAt time.Time
	UpdatedAt time.Time
}

// BackupCodeCount is how many codes one set has.
const BackupCodeCount = 10

// Use returns the set without the code of this hash, and whether it was there.
// Every hash is compared, so that the time taken does not tell which matched.
func (b BackupCodes) Use(hash [32]byte, now time.Time) (_ BackupCodes, ok bool) {
	found := -1
	for i := range b.Hashes {
		if subtle.ConstantTimeCompare(b.Hashes[i][:], hash[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return b, false
	}
	b.Hashes = slices.Delete(slices.Clone(b.Hashes), found, found+1)
	b.UpdatedAt = now
	return b, true
}

// TOTPEnabled says whether an authenticator app is set up.
func (u User) TOTPEnabled() bool { return u.TOTP.Verified }

// BackupCodeEnabled says whether there is a set of backup codes, used up or not.
func (u User) BackupCodeEnabled() bool { return u.BackupCodes.ID != "" }

// SecondFactorPhones are the proven numbers that are reserved for the second
// factor, the default one first.
func (u User) SecondFactorPhones() []PhoneNumber {
	var out []PhoneNumber
	for _, p := range u.Phones {
		if p.SecondFactor && p.Verified() {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b PhoneNumber) int {
		switch {
		case a.DefaultSecondFactor == b.DefaultSecondFactor:
			return 0
		case a.DefaultSecondFactor:
			return -1
		default:
			return 1
		}
	})
	return out
}

// TwoFactorEnabled says whether the user has set up a second factor. Backup
// codes alone are none: they replace one that was lost.
func (u User) TwoFactorEnabled() bool {
	return u.TOTPEnabled() || len(u.SecondFactorPhones()) > 0
}

// SettleSecondFactors notes at now whether the user has a second factor, after
// something about them changed. Backup codes go with the last one.
func (u User) SettleSecondFactors(now time.Time) User {
	switch on := u.TwoFactorEnabled(); {
	case on && u.MFAEnabledAt.IsZero():
		u.MFAEnabledAt, u.MFADisabledAt = now, time.Time{}
		u = u.Distrust()
	case !on && !u.MFAEnabledAt.IsZero():
		u.MFAEnabledAt, u.MFADisabledAt = time.Time{}, now
		u.BackupCodes = BackupCodes{}
		u = u.Distrust()
	}
	return u
}
