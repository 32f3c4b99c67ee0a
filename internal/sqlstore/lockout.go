package sqlstore

import (
	"context"
	"errors"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	lockoutByKey  = fixed(`SELECT key, version, failures, locked_until, updated_at FROM lockouts WHERE key = $1`)
	insertLockout = fixed(`INSERT INTO lockouts (key, version, failures, locked_until, updated_at)
		VALUES ($1, $2 + 1, $3, $4, $5)`)
	updateLockout = fixed(`UPDATE lockouts SET version = version + 1, failures = $3, locked_until = $4,
		updated_at = $5 WHERE key = $1 AND version = $2`)
)

// Lockout returns the failures counted under this key.
func (s *Store) Lockout(ctx context.Context, key [32]byte) (out auth.Lockout, _ error) {
	err := s.read(ctx, "lockout", func(c *conn) error {
		return found(c.one(lockoutByKey, func(r *row) {
			out = auth.Lockout{
				Key:         r.hash(),
				Version:     r.int(),
				Failures:    int(r.int()),
				LockedUntil: r.instant(),
				UpdatedAt:   r.instant(),
			}
		}, key[:]))
	})
	return out, err
}

// putLockout reports a key that exists as a conflict: whoever inserts found
// nothing to count on, and has to look again.
func (c *conn) putLockout(l *auth.Lockout) error {
	err := c.put(l.Version, insertLockout, updateLockout,
		l.Key[:], l.Version, l.Failures, ms(l.LockedUntil), ms(l.UpdatedAt))
	if err != nil && errors.Is(taken(err), auth.ErrExists) {
		return auth.ErrConflict
	}
	return err
}
