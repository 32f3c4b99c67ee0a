package user

import (
	"context"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Authenticators make and check the secrets of authenticator apps.
type Authenticators interface {
	New(user auth.UserID) (text string, sealed []byte, err error)
	Match(user auth.UserID, sealed []byte, code string, now time.Time) (step int64, ok bool, err error)
}

// NewTOTP is an authenticator app that is being set up, with the secret that is
// told this once.
type NewTOTP struct {
	auth.TOTP
	Secret  string // base 32
	Account string // whose it is, as an app shows it
}

// CreateTOTP draws a secret for an authenticator app. It counts for nothing
// until a code of it was proven; asking again before that draws another. With
// one set up it refuses with [auth.CodeTOTPExists].
func (s *Self) CreateTOTP(ctx context.Context, id auth.UserID) (out NewTOTP, err error) {
	if !s.Settings().SecondFactors.TOTP {
		return out, auth.Refuse(auth.CodeFeatureNotEnabled)
	}
	text, sealed, err := s.Authenticators.New(id)
	if err != nil {
		return out, fmt.Errorf("make authenticator secret: %w", err)
	}
	u, err := s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if u.TOTPEnabled() {
			return u, auth.Change{}, auth.Refuse(auth.CodeTOTPExists)
		}
		totpID, err := auth.NewTOTPID(now, s.Entropy)
		u.TOTP = auth.TOTP{ID: totpID, Sealed: sealed, CreatedAt: now, UpdatedAt: now}
		return u, auth.Change{}, err
	})
	return NewTOTP{TOTP: u.TOTP, Secret: text, Account: u.Identifier()}, err
}

// AttemptTOTP proves a code of the app that is being set up. Failures count
// towards the lockout. The backup codes made with the first second factor are
// returned, to be shown this once; proving it again returns none.
func (s *Self) AttemptTOTP(ctx context.Context, id auth.UserID, code string) (totp auth.TOTP, codes []string, err error) {
	if code == "" {
		return totp, nil, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	var refused error
	u, err := s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		refused, codes = nil, nil
		if u.TOTP.ID == "" {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		lockout, err := s.unlocked(ctx, u.ID)
		if err != nil {
			return u, auth.Change{}, err
		}
		proof := auth.SecondProof{Strategy: auth.StrategyTOTP, Code: code, Now: now, Match: s.Authenticators.Match}
		proven, _, refusal, err := proof.Try(u, auth.Verification{})
		if err != nil {
			return u, auth.Change{}, err
		}
		if refused = refusal; refused != nil {
			return u, auth.Change{Lockouts: []auth.Lockout{lockout.Fail(now)}}, nil
		}
		proven.TOTP.Verified = true
		if u, codes, err = s.settle(proven, now); err != nil {
			return u, auth.Change{}, err
		}
		change, err := s.tasksDone(ctx, u, now)
		return u, change, err
	})
	if err == nil {
		err = refused
	}
	return u.TOTP, codes, err
}

// DeleteTOTP removes the authenticator app and says which one it was.
func (s *Self) DeleteTOTP(ctx context.Context, id auth.UserID) (gone auth.TOTPID, err error) {
	_, err = s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if gone = u.TOTP.ID; gone == "" {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		u.TOTP = auth.TOTP{}
		u = u.SettleSecondFactors(now)
		if s.Settings().SecondFactors.Required && !u.TwoFactorEnabled() {
			return u, auth.Change{}, auth.Refuse(auth.CodeSecondFactorRequired)
		}
		return u, auth.Change{}, nil
	})
	return gone, err
}

// CreateBackupCodes makes a new set, which replaces the one there was. The
// codes are told this once. Without a second factor that they could stand in
// for it refuses with [auth.CodeFeatureNotEnabled].
func (s *Self) CreateBackupCodes(ctx context.Context, id auth.UserID) (set auth.BackupCodes, codes []string, err error) {
	if !s.Settings().SecondFactors.BackupCodes {
		return set, nil, auth.Refuse(auth.CodeFeatureNotEnabled)
	}
	u, err := s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if !u.TwoFactorEnabled() {
			return u, auth.Change{}, auth.Refuse(auth.CodeFeatureNotEnabled)
		}
		u.BackupCodes, codes, err = s.newBackupCodes(u.ID, now)
		return u, auth.Change{}, err
	})
	return u.BackupCodes, codes, err
}

// settle notes whether the user has a second factor. With the first one come
// backup codes: without them a lost phone would be a lost account.
func (s *Self) settle(u auth.User, now time.Time) (_ auth.User, codes []string, err error) {
	u = u.SettleSecondFactors(now)
	if u.TwoFactorEnabled() && !u.BackupCodeEnabled() && s.Settings().SecondFactors.BackupCodes {
		u.BackupCodes, codes, err = s.newBackupCodes(u.ID, now)
	}
	return u, codes, err
}

func (s *Self) newBackupCodes(id auth.UserID, now time.Time) (set auth.BackupCodes, codes []string, err error) {
	set = auth.BackupCodes{CreatedAt: now, UpdatedAt: now}
	if set.ID, err = auth.NewBackupCodesID(now, s.Entropy); err != nil {
		return set, nil, err
	}
	for range auth.BackupCodeCount {
		code, err := auth.NewBackupCode(s.Entropy)
		if err != nil {
			return set, nil, err
		}
		codes = append(codes, code)
		set.Hashes = append(set.Hashes, auth.HashBackupCode(s.Pepper, id, code))
	}
	return set, codes, nil
}

// tasksDone is [tasksDone] of one's own sessions.
func (s *Self) tasksDone(ctx context.Context, u auth.User, now time.Time) (auth.Change, error) {
	return tasksDone(ctx, s.Store, u, now)
}

// tasksDone is the change that ends what pending sessions of the user waited
// for, as far as the user now has it.
func tasksDone(ctx context.Context, store sessionLister, u auth.User, now time.Time) (change auth.Change, _ error) {
	pending, _, err := store.Sessions(ctx, auth.SessionQuery{
		User: u.ID, Status: auth.SessionPending, Now: now, Limit: sessionPage,
	})
	if err != nil {
		return change, fmt.Errorf("list pending sessions: %w", err)
	}
	for _, session := range pending {
		next := session
		if u.TwoFactorEnabled() {
			next = next.SetTask(auth.TaskSetupMFA, false, now)
		}
		if !u.NewPasswordDue {
			next = next.SetTask(auth.TaskResetPassword, false, now)
		}
		if next != session {
			change.Sessions = append(change.Sessions, next)
		}
	}
	return change, nil
}
