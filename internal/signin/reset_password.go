package signin

import (
	"context"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// Reset is a new password after a proven reset code.
type Reset struct {
	Password      string
	SignOutOthers bool // revoke every other session of the user
	Activity      auth.Activity
}

// ResetPassword sets the password of the attempt's user and signs them in.
func (a *Attempts) ResetPassword(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Reset) (View, error) {
	attempt, err := a.current(agg, id)
	if err != nil {
		return View{}, err
	}
	if resets(attempt.FirstFactor.Strategy) && a.replayed(agg, attempt, attempt.FirstFactor.Strategy) {
		return a.repeatedReset(ctx, attempt, r.Password)
	}
	if err := a.mayReset(attempt); err != nil {
		return View{}, err
	}
	if err := a.Passwords.CheckNew(a.Settings().Passwords, r.Password, "password"); err != nil {
		return View{}, err
	}
	hash, err := a.Passwords.Hash(ctx, r.Password)
	if err != nil {
		return View{}, fmt.Errorf("hash new password: %w", err)
	}
	err = a.again(ctx, &agg, func() error {
		if attempt, err = a.current(agg, id); err != nil {
			return err
		}
		if err := a.mayReset(attempt); err != nil {
			return err
		}
		var change auth.Change
		if attempt, change, err = a.reset(ctx, agg, attempt, hash, r); err != nil {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, attempt)
}

func (a *Attempts) mayReset(attempt auth.SignIn) error {
	now := a.Now()
	if attempt.Status(now) != auth.SignInNeedsNewPassword {
		return auth.Refuse(auth.CodeAttemptInvalidState)
	}
	if now.Sub(attempt.FirstFactor.VerifiedAt) > auth.ResetLifetime {
		return auth.RefuseParam(auth.CodeVerificationExpired, "code")
	}
	return nil
}

// repeatedReset answers a reset that was just done again, to whoever knows the
// password it set.
func (a *Attempts) repeatedReset(ctx context.Context, attempt auth.SignIn, plain string) (View, error) {
	user, err := a.user(ctx, attempt.User)
	if err != nil {
		return View{}, err
	}
	same, err := a.Passwords.Verify(ctx, user.Password, plain)
	if err != nil {
		return View{}, fmt.Errorf("verify password: %w", err)
	}
	if !same {
		return View{}, auth.Refuse(auth.CodeAttemptInvalidState)
	}
	return a.Describe(ctx, attempt)
}

func (a *Attempts) reset(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, hash auth.PasswordHash, r Reset,
) (auth.SignIn, auth.Change, error) {
	now := a.Now()
	user, err := a.user(ctx, attempt.User)
	if err != nil {
		return attempt, auth.Change{}, err
	}
	lockout, err := a.unlocked(ctx, a.lockKey(user.ID, attempt.Identifier))
	if err != nil {
		return attempt, auth.Change{}, err
	}
	user = user.Distrust()
	user.Password, user.PasswordSetAt, user.UpdatedAt = hash, now, now
	user.NewPasswordDue = false
	attempt, change, err := a.proceed(agg, attempt, user, r.Activity)
	if err != nil {
		return attempt, change, err
	}
	if r.SignOutOthers {
		if err := a.revokeOthers(ctx, user.ID, &change); err != nil {
			return attempt, change, err
		}
	}
	notice := auth.Notice{At: now}
	if to := a.told(user, attempt.FirstFactor.About); to != "" {
		notice.Kind, notice.To, notice.Language = auth.NoticePasswordChanged, to, user.Locale
	}
	message, err := a.Mail.Compose(ctx, notice, now)
	if err != nil {
		return attempt, change, fmt.Errorf("compose notice: %w", err)
	}
	change.Messages, change.Lockouts = []auth.Message{message}, a.forgive(lockout)
	return attempt, change, nil
}

// told is where the owner of an account hears of a changed password: the
// address that was proven, else the primary one; empty for test identities.
func (a *Attempts) told(user auth.User, proven auth.IdentificationID) string {
	e, ok := user.Email(proven)
	if !ok {
		e, ok = user.Email(user.PrimaryEmail)
	}
	if !ok || (a.Settings().TestCodes && auth.TestAddress(e.Address)) {
		return ""
	}
	return e.Address
}

// revokeOthers adds the end of every session of the user that the change does
// not touch already.
func (a *Attempts) revokeOthers(ctx context.Context, user auth.UserID, change *auth.Change) error {
	const page = 500
	touched := map[auth.SessionID]bool{}
	for _, s := range change.Sessions {
		touched[s.ID] = true
	}
	now := a.Now()
	for offset := 0; ; offset += page {
		sessions, _, err := a.Store.Sessions(ctx, auth.SessionQuery{
			User: user, Status: auth.SessionActive, Now: now, Limit: page, Offset: offset,
		})
		if err != nil {
			return fmt.Errorf("list sessions to revoke: %w", err)
		}
		for _, s := range sessions {
			if !touched[s.ID] {
				change.Sessions = append(change.Sessions, s.End(auth.SessionRevoked, now))
			}
		}
		if len(sessions) < page {
			return nil
		}
	}
}
