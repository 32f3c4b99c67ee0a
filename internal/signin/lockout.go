package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// unlocked returns the counter at key, or refuses with [auth.CodeUserLocked]
// while it is locked.
func (a *Attempts) unlocked(ctx context.Context, key [32]byte) (auth.Lockout, error) {
	l, err := a.Store.Lockout(ctx, key)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Lockout{Key: key}, nil
	}
	if err != nil {
		return l, fmt.Errorf("read lockout: %w", err)
	}
	if left := l.Locked(a.Now()); left > 0 {
		return l, &auth.Error{Code: auth.CodeUserLocked, Retry: left, Meta: map[string]any{
			"lockout_expires_in_seconds": int64(left.Seconds()),
		}}
	}
	return l, nil
}

// failed counts one failed proof. It must have been stored before the caller
// hears of the failure, or guessing would be free while the store is down.
func (a *Attempts) failed(ctx context.Context, key [32]byte) error {
	return auth.Retry(func() error {
		l, err := a.unlocked(ctx, key)
		if err != nil {
			return err
		}
		return a.Store.Commit(ctx, auth.Change{Lockouts: []auth.Lockout{l.Fail(a.Now())}})
	})
}

// forgive is the part of a change that forgets failures after a success.
// Storing it under its version also catches a lock set meanwhile.
func (a *Attempts) forgive(l auth.Lockout) []auth.Lockout {
	if l.Version == 0 || (l.Failures == 0 && l.LockedUntil.IsZero()) {
		return nil
	}
	return []auth.Lockout{l.Clear(a.Now())}
}
