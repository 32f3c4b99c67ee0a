package user

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// ImportedAuthenticators check the codes of authenticator apps, and take over
// secrets that were made elsewhere.
type ImportedAuthenticators interface {
	// Import seals a secret given in base 32; the error has code
	// [auth.CodeParamInvalid].
	Import(user auth.UserID, text, param string) (sealed []byte, err error)
	Match(user auth.UserID, sealed []byte, code string, now time.Time) (step int64, ok bool, err error)
}

// ImportedFactors are second factors that a person had elsewhere. Zero members
// are not given.
type ImportedFactors struct {
	TOTPSecret  string   // base 32
	BackupCodes []string // in clear
}

// Bounds of backup codes that were made elsewhere: shorter ones could be
// guessed before the account locks.
const (
	minBackupCode  = 6
	maxBackupCode  = 64
	maxBackupCodes = 50
)

// importFactors gives the user second factors from elsewhere, in the place of
// those there were.
func (a *Admin) importFactors(u *auth.User, f ImportedFactors, now time.Time) (err error) {
	set := a.Settings().SecondFactors
	switch {
	case f.TOTPSecret != "" && !set.TOTP:
		return auth.RefuseParam(auth.CodeFeatureNotEnabled, "totp_secret")
	case len(f.BackupCodes) > 0 && !set.BackupCodes:
		return auth.RefuseParam(auth.CodeFeatureNotEnabled, "backup_codes")
	}
	if f.TOTPSecret != "" {
		u.TOTP = auth.TOTP{Verified: true, CreatedAt: now, UpdatedAt: now}
		if u.TOTP.Sealed, err = a.Authenticators.Import(u.ID, f.TOTPSecret, "totp_secret"); err != nil {
			return err
		}
		if u.TOTP.ID, err = auth.NewTOTPID(now, a.Entropy); err != nil {
			return err
		}
	}
	if len(f.BackupCodes) > 0 {
		if u.BackupCodes, err = a.importBackupCodes(u.ID, f.BackupCodes, now); err != nil {
			return err
		}
	}
	*u = u.SettleSecondFactors(now)
	return nil
}

func (a *Admin) importBackupCodes(id auth.UserID, codes []string, now time.Time) (set auth.BackupCodes, err error) {
	const param = "backup_codes"
	if len(codes) > maxBackupCodes {
		return set, auth.RefuseParam(auth.CodeParamTooLong, param)
	}
	set = auth.BackupCodes{CreatedAt: now, UpdatedAt: now}
	if set.ID, err = auth.NewBackupCodesID(now, a.Entropy); err != nil {
		return set, err
	}
	seen := map[[32]byte]bool{}
	for _, code := range codes {
		switch {
		case strings.HasPrefix(code, "$2"): // a bcrypt digest, whose code nobody knows
			return set, auth.RefuseParam(auth.CodeNotImplemented, param)
		case len(code) < minBackupCode || len(code) > maxBackupCode:
			return set, auth.RefuseParam(auth.CodeParamInvalid, param)
		}
		hash := auth.HashBackupCode(a.Pepper, id, code)
		if seen[hash] {
			return set, auth.RefuseParam(auth.CodeParamDuplicate, param)
		}
		seen[hash] = true
		set.Hashes = append(set.Hashes, hash)
	}
	return set, nil
}

// VerifySecondFactor proves a code of the user's authenticator app or one of
// the backup codes, which is used up by it. Failures count towards the lockout
// of the account: six digits are few. Refusals: [auth.CodeTOTPMissing],
// [auth.CodeCodeIncorrect], [auth.CodeUserLocked].
func (a *Admin) VerifySecondFactor(ctx context.Context, id auth.UserID, code string) (kind auth.Strategy, err error) {
	var refused error
	err = auth.Retry(func() error {
		acc, err := a.Get(ctx, id)
		if err != nil {
			return err
		}
		now := a.Now()
		switch left := acc.Lockout.Locked(now); {
		case !acc.TOTPEnabled() && !acc.BackupCodeEnabled():
			return auth.Refuse(auth.CodeTOTPMissing)
		case left > 0:
			return &auth.Error{Code: auth.CodeUserLocked, Retry: left}
		}
		var u auth.User
		if u, kind, refused, err = a.trySecondFactors(acc.User, code, now); err != nil {
			return err
		}
		if refused != nil {
			return a.Store.Commit(ctx, auth.Change{Lockouts: []auth.Lockout{acc.Lockout.Fail(now)}})
		}
		return a.Store.Commit(ctx, auth.Change{Users: []auth.User{u}})
	})
	if err == nil {
		err = refused
	}
	return kind, err
}

func (a *Admin) trySecondFactors(u auth.User, code string, now time.Time) (_ auth.User, kind auth.Strategy, refused, err error) {
	for _, kind := range []auth.Strategy{auth.StrategyTOTP, auth.StrategyBackupCode} {
		if kind == auth.StrategyTOTP && !u.TOTPEnabled() {
			continue
		}
		proof := auth.SecondProof{Strategy: kind, Code: code, Pepper: a.Pepper, Now: now, Match: a.Authenticators.Match}
		next, _, refusal, err := proof.Try(u, auth.Verification{})
		if err != nil {
			return u, kind, nil, fmt.Errorf("check second factor: %w", err)
		}
		if refusal == nil {
			return next, kind, nil, nil
		}
		refused = refusal
	}
	return u, "", refused, nil
}

// DisableMFA takes every second factor from the user: the authenticator app,
// the backup codes, and the reservation of phone numbers.
func (a *Admin) DisableMFA(ctx context.Context, id auth.UserID) (Account, error) {
	return a.withoutFactors(ctx, id, func(u *auth.User) {
		u.TOTP, u.BackupCodes = auth.TOTP{}, auth.BackupCodes{}
		phones := make([]auth.PhoneNumber, 0, len(u.Phones))
		for _, p := range u.Phones {
			p.SecondFactor, p.DefaultSecondFactor = false, false
			phones = append(phones, p)
		}
		u.Phones = phones
	})
}

// DeleteTOTP takes the authenticator app from the user. Backup codes go with
// the last second factor.
func (a *Admin) DeleteTOTP(ctx context.Context, id auth.UserID) (Account, error) {
	return a.withoutFactors(ctx, id, func(u *auth.User) { u.TOTP = auth.TOTP{} })
}

// DeleteBackupCodes takes the backup codes from the user.
func (a *Admin) DeleteBackupCodes(ctx context.Context, id auth.UserID) (Account, error) {
	return a.withoutFactors(ctx, id, func(u *auth.User) { u.BackupCodes = auth.BackupCodes{} })
}

func (a *Admin) withoutFactors(ctx context.Context, id auth.UserID, remove func(u *auth.User)) (Account, error) {
	return a.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		remove(&u)
		return u.SettleSecondFactors(now), auth.Change{}, nil
	})
}
