package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	contactVerificationColumns = columnList(func() string { return `id, version, user_id, ` + columns("") + `, created_at, updated_at` })

	contactVerificationByID = built(func() string {
		return `SELECT ` + contactVerificationColumns.of("v") + ` FROM contact_verifications v WHERE v.id = $1`
	})

	insertContactVerification = built(func() string { return contactVerificationColumns.insert("contact_verifications") })
	updateContactVerification = built(func() string {
		return contactVerificationColumns.update("contact_verifications", "user_id", "created_at")
	})
)

// ContactVerification returns a proof that a back end began, whatever has
// become of it.
func (s *Store) ContactVerification(
	ctx context.Context, id auth.ContactVerificationID,
) (out auth.ContactVerification, _ error) {
	err := s.read(ctx, "contact verification", func(c *conn) error {
		return found(c.one(contactVerificationByID, func(r *row) {
			out = auth.ContactVerification{
				ID:        auth.ContactVerificationID(r.text()),
				Version:   r.int(),
				User:      auth.UserID(r.text()),
				Proof:     scanVerification(r),
				CreatedAt: r.instant(),
				UpdatedAt: r.instant(),
			}
		}, string(id)))
	})
	return out, err
}

// putContactVerification never changes whose proof it is.
func (c *conn) putContactVerification(x *auth.ContactVerification) error {
	args := append([]any{string(x.ID), x.Version, string(x.User)}, verificationArgs(&x.Proof)...)
	args = append(args, ms(x.CreatedAt), ms(x.UpdatedAt))
	return c.put(x.Version, insertContactVerification, updateContactVerification, args...)
}
