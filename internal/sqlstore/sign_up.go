package sqlstore

import (
	"encoding/json"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	signUpColumns = `id, version, client_id, email_address, ` + columns("") + `, password, username, first_name,
		last_name, unsafe_meta, legal_accepted_at, locale, shadow, created_session, created_user,
		abandon_at, created_at, updated_at`

	signUpByID   = fixed(`SELECT ` + signUpColumns + ` FROM sign_ups WHERE id = $1`)
	insertSignUp = fixed(`INSERT INTO sign_ups (` + signUpColumns + `)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`)
	updateSignUp = fixed(`UPDATE sign_ups SET version = version + 1, email_address = $4,
		strategy = $5, status = $6, attempts = $7, expire_at = $8, verified_at = $9, about = $10, code_hash = $11,
		password = $12, username = $13, first_name = $14, last_name = $15, unsafe_meta = $16,
		legal_accepted_at = $17, locale = $18, shadow = $19, created_session = $20, created_user = $21,
		abandon_at = $22, updated_at = $24
		WHERE id = $1 AND version = $2`)
)

// signUp returns the attempt, or nil when it does not exist.
func (c *conn) signUp(id auth.SignUpID) (out *auth.SignUp, _ error) {
	_, err := c.one(signUpByID, func(r *row) {
		out = &auth.SignUp{
			ID:              auth.SignUpID(r.text()),
			Version:         r.int(),
			Client:          auth.ClientID(r.text()),
			EmailAddress:    r.text(),
			Email:           scanVerification(r),
			Password:        auth.NewPasswordHash(r.text()),
			Username:        r.text(),
			FirstName:       r.text(),
			LastName:        r.text(),
			UnsafeMeta:      orNil(r.blob()),
			LegalAcceptedAt: r.instant(),
			Locale:          r.text(),
			Shadow:          r.bool(),
			CreatedSession:  auth.SessionID(r.text()),
			CreatedUser:     auth.UserID(r.text()),
			AbandonAt:       r.instant(),
			CreatedAt:       r.instant(),
			UpdatedAt:       r.instant(),
		}
	}, string(id))
	return out, err
}

// putSignUp never moves an attempt to another client.
func (c *conn) putSignUp(x *auth.SignUp) error {
	args := []any{string(x.ID), x.Version, string(x.Client), x.EmailAddress}
	args = append(args, verificationArgs(&x.Email)...)
	args = append(args, x.Password.Reveal(), x.Username, x.FirstName, x.LastName, orNull(string(x.UnsafeMeta)),
		ms(x.LegalAcceptedAt), x.Locale, x.Shadow, string(x.CreatedSession), string(x.CreatedUser),
		ms(x.AbandonAt), ms(x.CreatedAt), ms(x.UpdatedAt))
	return c.put(x.Version, insertSignUp, updateSignUp, args...)
}

func orNil(doc []byte) json.RawMessage {
	if len(doc) == 0 {
		return nil
	}
	return doc
}
