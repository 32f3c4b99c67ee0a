package user

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// ChangePassword is a new password of one's own.
type ChangePassword struct {
	Current       string // needed when there is a password
	New           string
	SignOutOthers bool // revoke every session but the one that asks
}

// ChangePassword sets the password of the session's user. The current one is
// proven first; wrong ones count toward the lockout as at sign-in, so that a
// borrowed session is no place to guess.
func (s *Self) ChangePassword(ctx context.Context, session auth.Session, r ChangePassword) (auth.User, error) {
	before, err := s.before(ctx, session, r.Current)
	if err != nil {
		return auth.User{}, err
	}
	if err := s.Passwords.CheckNew(s.Settings().Passwords, r.New, "new_password"); err != nil {
		return auth.User{}, err
	}
	hash, err := s.Passwords.Hash(ctx, r.New)
	if err != nil {
		return auth.User{}, fmt.Errorf("hash new password: %w", err)
	}
	return s.setPassword(ctx, session, before, hash, r.SignOutOthers)
}

// before is the password that the new one replaces, proven unless the session
// waits for nothing but a new one: who got this far proved the old one at the
// sign-in, and it is worth nothing more.
func (s *Self) before(ctx context.Context, session auth.Session, current string) (auth.PasswordHash, error) {
	if !session.Tasks.Has(auth.TaskResetPassword) || current != "" {
		return s.prove(ctx, session.User, current)
	}
	u, err := s.user(ctx, session.User)
	if err == nil && !u.NewPasswordDue {
		return s.prove(ctx, session.User, current)
	}
	return u.Password, err
}

// RemovePassword leaves the session's user without a password, which the
// instance must allow and the current one must permit.
func (s *Self) RemovePassword(ctx context.Context, session auth.Session, current string) (auth.User, error) {
	if s.Settings().PasswordRequired {
		return auth.User{}, auth.RefuseParam(auth.CodeStrategyForUserInvalid, "strategy")
	}
	before, err := s.prove(ctx, session.User, current)
	if err != nil {
		return auth.User{}, err
	}
	if before.Empty() {
		return auth.User{}, auth.Refuse(auth.CodeNoPasswordSet)
	}
	return s.setPassword(ctx, session, before, auth.PasswordHash{}, false)
}

// setPassword commits a new password hash, if the proven one is still in place.
func (s *Self) setPassword(
	ctx context.Context, session auth.Session, before, hash auth.PasswordHash, signOutOthers bool,
) (auth.User, error) {
	return s.change(ctx, session.User, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if u.Password != before {
			return u, auth.Change{}, auth.RefuseParam(auth.CodePasswordIncorrect, "current_password")
		}
		u = u.Distrust()
		u.Password, u.PasswordSetAt, u.NewPasswordDue = hash, now, false
		if hash.Empty() {
			if !canSignIn(u) {
				return u, auth.Change{}, auth.Refuse(auth.CodePasswordRequired) // no other way in would be left
			}
			u.PasswordSetAt = time.Time{}
		}
		change, err := s.tasksDone(ctx, u, now)
		if err != nil {
			return u, change, err
		}
		if signOutOthers {
			ended, err := endings(ctx, s.Store, u.ID, session.ID, now)
			if err != nil {
				return u, change, err
			}
			change.Sessions = append(without(change.Sessions, ended), ended...)
		}
		if change.Messages, err = s.tell(ctx, u, auth.NoticePasswordChanged, "", now); err != nil {
			return u, change, err
		}
		return u, change, nil
	})
}

// without drops the sessions that others end: a record is written once.
func without(sessions, ended []auth.Session) []auth.Session {
	return slices.DeleteFunc(sessions, func(s auth.Session) bool {
		return slices.ContainsFunc(ended, func(e auth.Session) bool { return e.ID == s.ID })
	})
}

// tell is the mail to the owner of an account about a change of how to sign in
// to it: whoever did not make it learns of it. About is the name of what was
// changed, if it has one.
func (s *Self) tell(ctx context.Context, u auth.User, kind auth.NoticeKind, about string, now time.Time) ([]auth.Message, error) {
	notice := auth.Notice{At: now}
	if e, ok := u.Email(u.PrimaryEmail); ok && !(s.Settings().TestCodes && auth.TestAddress(e.Address)) {
		notice.Kind, notice.To, notice.About, notice.Language = kind, e.Address, about, u.Locale
	}
	message, err := s.Mail.Compose(ctx, notice, now)
	if err != nil {
		return nil, fmt.Errorf("compose notice: %w", err)
	}
	return []auth.Message{message}, nil
}

// prove checks the current password of a user and returns its hash, empty when
// there is none. Failures are stored before they are told.
func (s *Self) prove(ctx context.Context, id auth.UserID, current string) (auth.PasswordHash, error) {
	const param = "current_password"
	u, err := s.user(ctx, id)
	if err != nil || u.Password.Empty() {
		return u.Password, err
	}
	if current == "" {
		return u.Password, auth.RefuseParam(auth.CodeParamMissing, param)
	}
	if _, err := s.unlocked(ctx, id); err != nil {
		return u.Password, err
	}
	right, err := s.Passwords.Verify(ctx, u.Password, current)
	if err != nil {
		return u.Password, fmt.Errorf("verify password: %w", err)
	}
	if !right {
		if err := s.failed(ctx, id); err != nil {
			return u.Password, err
		}
		return u.Password, auth.RefuseParam(auth.CodePasswordIncorrect, param)
	}
	_, err = s.unlocked(ctx, id) // parallel guesses may have locked the account
	return u.Password, err
}

func (s *Self) unlocked(ctx context.Context, id auth.UserID) (auth.Lockout, error) {
	key := auth.UserLockoutKey(s.Pepper, id)
	l, err := s.Store.Lockout(ctx, key)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Lockout{Key: key}, nil
	}
	if err != nil {
		return l, fmt.Errorf("read lockout: %w", err)
	}
	if left := l.Locked(s.Now()); left > 0 {
		return l, &auth.Error{Code: auth.CodeUserLocked, Retry: left}
	}
	return l, nil
}

func (s *Self) failed(ctx context.Context, id auth.UserID) error {
	return auth.Retry(func() error {
		l, err := s.unlocked(ctx, id)
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Lockouts: []auth.Lockout{l.Fail(s.Now())}})
	})
}
