package user

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Ban forbids the account to sign in and revokes its sessions in the same
// commit, so that no client document shows one without the other.
func (a *Admin) Ban(ctx context.Context, id auth.UserID) (Account, error) {
	return a.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		ended, err := a.revokeAll(ctx, id, now)
		u.Banned = true
		return u, auth.Change{Sessions: ended}, err
	})
}

// Unban lets the account sign in again. Its sessions stay over.
func (a *Admin) Unban(ctx context.Context, id auth.UserID) (Account, error) {
	return a.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		u.Banned = false
		return u, auth.Change{}, nil
	})
}

// Delete removes the account and revokes its sessions in the same commit. It
// returns the account as it was.
func (a *Admin) Delete(ctx context.Context, id auth.UserID) (u auth.User, err error) {
	err = auth.Retry(func() error {
		if u, err = a.Store.User(ctx, id); err != nil {
			return err
		}
		ended, err := a.revokeAll(ctx, id, a.Now())
		if err != nil {
			return err
		}
		return a.Store.Commit(ctx, auth.Change{DeletedUsers: []auth.User{u}, Sessions: ended, DeletedImages: imagesOf(u)})
	})
	return u, err
}

// Lock keeps the account from signing in for [auth.LockoutDuration]; sessions
// that exist live on.
func (a *Admin) Lock(ctx context.Context, id auth.UserID) (Account, error) {
	return a.changeLockout(ctx, id, auth.Lockout.Lock)
}

// Unlock ends a lock and forgets the failures that led to it.
func (a *Admin) Unlock(ctx context.Context, id auth.UserID) (Account, error) {
	return a.changeLockout(ctx, id, auth.Lockout.Clear)
}

func (a *Admin) changeLockout(
	ctx context.Context, id auth.UserID, rule func(auth.Lockout, time.Time) auth.Lockout,
) (Account, error) {
	err := auth.Retry(func() error {
		acc, err := a.Get(ctx, id)
		if err != nil {
			return err
		}
		return a.Store.Commit(ctx, auth.Change{Lockouts: []auth.Lockout{rule(acc.Lockout, a.Now())}})
	})
	if err != nil {
		return Account{}, err
	}
	return a.Get(ctx, id)
}
