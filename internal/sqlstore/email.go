package sqlstore

import "github.com/perennialauth/perennial/internal/auth"

var (
	emailsByUser = built(func() string {
		return `SELECT e.id, e.address, ` + columns("e.") + `, e.created_at, e.updated_at
		FROM emails e WHERE e.user_id = $1 ORDER BY e.position`
	})
	insertEmail = built(func() string {
		return `INSERT INTO emails (id, user_id, position, address, ` + columns("") + `, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	})
	deleteEmail = fixed(`DELETE FROM emails WHERE id = $1`)
)

func (c *conn) emails(id auth.UserID) (out []auth.EmailAddress, _ error) {
	err := c.each(emailsByUser, []any{string(id)}, func(r *row) {
		out = append(out, auth.EmailAddress{
			ID:           auth.EmailID(r.text()),
			Address:      r.text(),
			Verification: scanVerification(r),
			CreatedAt:    r.instant(),
			UpdatedAt:    r.instant(),
		})
	})
	return out, err
}

// putEmails makes the stored set equal to the given one. Rows that are equal
// already stay untouched, because most changes of a user are not about emails.
func (c *conn) putEmails(u *auth.User) error {
	same := 0
	if u.Version > 0 {
		stored, err := c.emails(u.ID)
		if err != nil {
			return err
		}
		for same < len(stored) && same < len(u.Emails) && stored[same] == storable(u.Emails[same]) {
			same++
		}
		for _, e := range stored[same:] {
			if _, err := c.exec(deleteEmail, string(e.ID)); err != nil {
				return err
			}
		}
	}
	for i := same; i < len(u.Emails); i++ {
		e := &u.Emails[i]
		args := append([]any{string(e.ID), string(u.ID), i, e.Address}, verificationArgs(&e.Verification)...)
		if _, err := c.exec(insertEmail, append(args, ms(e.CreatedAt), ms(e.UpdatedAt))...); err != nil {
			return err
		}
	}
	return nil
}

// storable is the address as it will be read back, so that it can be compared
// with a stored one.
func storable(e auth.EmailAddress) auth.EmailAddress {
	e.CreatedAt, e.UpdatedAt = stored(e.CreatedAt), stored(e.UpdatedAt)
	e.Verification = storableProof(e.Verification)
	return e
}

func storableProof(v auth.Verification) auth.Verification {
	v.ExpireAt, v.VerifiedAt = stored(v.ExpireAt), stored(v.VerifiedAt)
	return v
}
