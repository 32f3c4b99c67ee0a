package sqlstore

import (
	"github.com/perennialauth/perennial/internal/auth"
)

var (
	signInColumns = `id, version, client_id, identifier, user_id, ` + columns("first_") + `, ` + columns("second_") + `,
		new_password, created_session, abandon_at, created_at, updated_at`

	signInByID   = fixed(`SELECT ` + signInColumns + ` FROM sign_ins WHERE id = $1`)
	insertSignIn = fixed(`INSERT INTO sign_ins (` + signInColumns + `)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`)
	updateSignIn = fixed(`UPDATE sign_ins SET version = version + 1, identifier = $4, user_id = $5,
		first_strategy = $6, first_status = $7, first_attempts = $8, first_expire_at = $9,
		first_verified_at = $10, first_about = $11, first_code_hash = $12,
		second_strategy = $13, second_status = $14, second_attempts = $15, second_expire_at = $16,
		second_verified_at = $17, second_about = $18, second_code_hash = $19,
		new_password = $20, created_session = $21, abandon_at = $22, updated_at = $24
		WHERE id = $1 AND version = $2`)
)

// signIn returns the attempt, or nil when it does not exist.
func (c *conn) signIn(id auth.SignInID) (out *auth.SignIn, _ error) {
	_, err := c.one(signInByID, func(r *row) {
		out = &auth.SignIn{
			ID:             auth.SignInID(r.text()),
			Version:        r.int(),
			Client:         auth.ClientID(r.text()),
			Identifier:     r.text(),
			User:           auth.UserID(r.text()),
			FirstFactor:    scanVerification(r),
			SecondFactor:   scanVerification(r),
			NewPassword:    r.bool(),
			CreatedSession: auth.SessionID(r.text()),
			AbandonAt:      r.instant(),
			CreatedAt:      r.instant(),
			UpdatedAt:      r.instant(),
		}
	}, string(id))
	return out, err
}

// putSignIn never moves an attempt to another client.
func (c *conn) putSignIn(x *auth.SignIn) error {
	args := []any{string(x.ID), x.Version, string(x.Client), x.Identifier, string(x.User)}
	args = append(args, verificationArgs(&x.FirstFactor)...)
	args = append(args, verificationArgs(&x.SecondFactor)...)
	args = append(args, x.NewPassword, string(x.CreatedSession), ms(x.AbandonAt), ms(x.CreatedAt), ms(x.UpdatedAt))
	return c.put(x.Version, insertSignIn, updateSignIn, args...)
}
