package sqlstore

import (
	"context"
	"errors"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	reverificationColumns = columnList(func() string {
		return `id, version, level, ` + columns("first_") + `, ` + columns("second_") + `,
		abandon_at, created_at, updated_at`
	})

	reverificationByID = built(func() string {
		return `SELECT ` + reverificationColumns.of("r") + ` FROM reverifications r WHERE r.id = $1`
	})
	insertReverification = built(func() string { return reverificationColumns.insert("reverifications") })
	updateReverification = built(func() string { return reverificationColumns.update("reverifications") })
)

// Reverification returns that of a session, open or not.
func (s *Store) Reverification(ctx context.Context, id auth.SessionID) (out auth.Reverification, _ error) {
	err := s.read(ctx, "reverification", func(c *conn) error {
		return found(c.one(reverificationByID, func(r *row) {
			out = auth.Reverification{
				Session:      auth.SessionID(r.text()),
				Version:      r.int(),
				Level:        auth.ReverificationLevel(r.text()),
				FirstFactor:  scanVerification(r),
				SecondFactor: scanVerification(r),
				AbandonAt:    r.instant(),
				CreatedAt:    r.instant(),
				UpdatedAt:    r.instant(),
			}
		}, string(id)))
	})
	return out, err
}

// putReverification reports one that exists as a conflict: somebody else began
// it, and it has to be looked at.
func (c *conn) putReverification(x *auth.Reverification) error {
	args := []any{string(x.Session), x.Version, string(x.Level)}
	args = append(args, verificationArgs(&x.FirstFactor)...)
	args = append(args, verificationArgs(&x.SecondFactor)...)
	args = append(args, ms(x.AbandonAt), ms(x.CreatedAt), ms(x.UpdatedAt))
	err := c.put(x.Version, insertReverification, updateReverification, args...)
	if err != nil && errors.Is(taken(err), auth.ErrExists) {
		return auth.ErrConflict
	}
	return err
}
