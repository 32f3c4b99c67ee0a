package sqlstore

import (
	"github.com/perennialauth/perennial/internal/auth"
)

var (
	signInColumns = columnList(func() string {
		return `id, version, client_id, identifier, user_id, ` + columns("first_") + `, ` + columns("second_") + `,
		new_password, second_due, sign_up_if_missing, external_account, created_session, abandon_at, created_at, updated_at`
	})

	signInByID   = built(func() string { return `SELECT ` + signInColumns.of("s") + ` FROM sign_ins s WHERE s.id = $1` })
	insertSignIn = built(func() string { return signInColumns.insert("sign_ins") })
	updateSignIn = built(func() string { return signInColumns.update("sign_ins", "client_id", "created_at") })
)

// signIn returns the attempt, or nil when it does not exist.
func (c *conn) signIn(id auth.SignInID) (out *auth.SignIn, _ error) {
	_, err := c.one(signInByID, func(r *row) {
		out = &auth.SignIn{
			ID:           auth.SignInID(r.text()),
			Version:      r.int(),
			Client:       auth.ClientID(r.text()),
			Identifier:   r.text(),
			User:         auth.UserID(r.text()),
			FirstFactor:  scanVerification(r),
			SecondFactor: scanVerification(r),
			NewPassword:  r.bool(),
			SecondDue:    r.bool(),

			SignUpIfMissing: r.bool(),
			ExternalAccount: orNil(r.blob()),
			CreatedSession:  auth.SessionID(r.text()),
			AbandonAt:       r.instant(),
			CreatedAt:       r.instant(),
			UpdatedAt:       r.instant(),
		}
	}, string(id))
	return out, err
}

// putSignIn never moves an attempt to another client.
func (c *conn) putSignIn(x *auth.SignIn) error {
	args := []any{string(x.ID), x.Version, string(x.Client), x.Identifier, string(x.User)}
	args = append(args, verificationArgs(&x.FirstFactor)...)
	args = append(args, verificationArgs(&x.SecondFactor)...)
	args = append(args, x.NewPassword, x.SecondDue, x.SignUpIfMissing, orNull(string(x.ExternalAccount)),
		string(x.CreatedSession), ms(x.AbandonAt), ms(x.CreatedAt), ms(x.UpdatedAt))
	return c.put(x.Version, insertSignIn, updateSignIn, args...)
}
