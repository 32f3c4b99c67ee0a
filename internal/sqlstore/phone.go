package sqlstore

import "github.com/perennialauth/perennial/internal/auth"

var (
	phonesByUser = built(func() string {
		return `SELECT p.id, p.number, ` + columns("p.") + `, p.second_factor, p.default_second_factor,
		p.created_at, p.updated_at FROM phones p WHERE p.user_id = $1 ORDER BY p.position`
	})
	insertPhone = built(func() string {
		return `INSERT INTO phones (id, user_id, position, number, ` + columns("") + `, second_factor,
		default_second_factor, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	})
	deletePhone = fixed(`DELETE FROM phones WHERE id = $1`)
)

func (c *conn) phones(id auth.UserID) (out []auth.PhoneNumber, _ error) {
	err := c.each(phonesByUser, []any{string(id)}, func(r *row) {
		out = append(out, auth.PhoneNumber{
			ID:                  auth.PhoneID(r.text()),
			Number:              r.text(),
			Verification:        scanVerification(r),
			SecondFactor:        r.bool(),
			DefaultSecondFactor: r.bool(),
			CreatedAt:           r.instant(),
			UpdatedAt:           r.instant(),
		})
	})
	return out, err
}

// putPhones makes the stored set equal to the given one, see [conn.putEmails].
func (c *conn) putPhones(u *auth.User) error {
	same := 0
	if u.Version > 0 {
		stored, err := c.phones(u.ID)
		if err != nil {
			return err
		}
		for same < len(stored) && same < len(u.Phones) && stored[same] == storablePhone(u.Phones[same]) {
			same++
		}
		for _, p := range stored[same:] {
			if _, err := c.exec(deletePhone, string(p.ID)); err != nil {
				return err
			}
		}
	}
	for i := same; i < len(u.Phones); i++ {
		p := &u.Phones[i]
		args := append([]any{string(p.ID), string(u.ID), i, p.Number}, verificationArgs(&p.Verification)...)
		args = append(args, p.SecondFactor, p.DefaultSecondFactor, ms(p.CreatedAt), ms(p.UpdatedAt))
		if _, err := c.exec(insertPhone, args...); err != nil {
			return err
		}
	}
	return nil
}

// storablePhone is the number as it will be read back.
func storablePhone(p auth.PhoneNumber) auth.PhoneNumber {
	p.CreatedAt, p.UpdatedAt = stored(p.CreatedAt), stored(p.UpdatedAt)
	p.Verification = storableProof(p.Verification)
	return p
}
