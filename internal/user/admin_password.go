package user

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// NewPassword is a password to be set: in clear, or as a digest made elsewhere.
type NewPassword struct {
	Plain      string
	Digest     string
	Hasher     string // of Digest, by its published name
	SkipChecks bool   // Plain may be short or common
}

// Given says whether there is a password to set.
func (p NewPassword) Given() bool { return p.Plain != "" || p.Digest != "" }

// hash does the slow work of setting a password, before anything is loaded.
func (a *Admin) hash(ctx context.Context, p NewPassword) (auth.PasswordHash, error) {
	switch {
	case p.Plain != "" && p.Digest != "":
		return auth.PasswordHash{}, auth.RefuseParam(auth.CodeParamInvalid, "password_digest")
	case p.Digest != "" && p.Hasher == "":
		return auth.PasswordHash{}, auth.RefuseParam(auth.CodeParamMissing, "password_hasher")
	case p.Digest != "":
		return a.ParseDigest(p.Hasher, p.Digest)
	case p.Plain == "":
		return auth.PasswordHash{}, nil
	}
	if !p.SkipChecks {
		if err := a.Passwords.CheckNew(a.Settings().Passwords, p.Plain, "password"); err != nil {
			return auth.PasswordHash{}, err
		}
	}
	return a.Passwords.Hash(ctx, p.Plain)
}

// VerifyPassword proves the account's password. It refuses with
// [auth.CodeNoPasswordSet] or [auth.CodePasswordWrong].
func (a *Admin) VerifyPassword(ctx context.Context, id auth.UserID, plain string) error {
	u, err := a.Store.User(ctx, id)
	if err != nil {
		return err
	}
	if u.Password.Empty() {
		return auth.Refuse(auth.CodeNoPasswordSet)
	}
	ok, err := a.Passwords.Verify(ctx, u.Password, plain)
	if err != nil {
		return err
	}
	if !ok {
		return auth.RefuseParam(auth.CodePasswordWrong, "password")
	}
	return nil
}

// RemovePassword leaves the account without a password and, when signOut is
// set, without sessions. Without a password nothing changes.
func (a *Admin) RemovePassword(ctx context.Context, id auth.UserID, signOut bool) (Account, error) {
	acc, err := a.Get(ctx, id)
	if err != nil || (acc.Password.Empty() && !signOut) {
		return acc, err
	}
	return a.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		u = u.Distrust()
		u.Password, u.PasswordSetAt, u.NewPasswordDue = auth.PasswordHash{}, time.Time{}, false
		change, err := a.sessionsOf(ctx, u, signOut, now)
		return u, change, err
	})
}

// SetCompromised makes the account's sessions wait for a new password from the
// next sign-in on and, when signOut is set, ends those there are. It refuses
// with [auth.CodeNoPasswordSet].
func (a *Admin) SetCompromised(ctx context.Context, id auth.UserID, signOut bool) (Account, error) {
	return a.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if u.Password.Empty() {
			return u, auth.Change{}, auth.Refuse(auth.CodeNoPasswordSet)
		}
		u = u.Distrust()
		u.NewPasswordDue = true
		change, err := a.sessionsOf(ctx, u, signOut, now)
		return u, change, err
	})
}

// UnsetCompromised takes [Admin.SetCompromised] back. Sessions that waited for
// a new password go on.
func (a *Admin) UnsetCompromised(ctx context.Context, id auth.UserID) (Account, error) {
	return a.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		u.NewPasswordDue = false
		change, err := a.sessionsOf(ctx, u, false, now)
		return u, change, err
	})
}
