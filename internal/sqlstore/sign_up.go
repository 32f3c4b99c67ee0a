package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	signUpColumns = columnList(func() string {
		return `id, version, client_id, email_address, ` + columns("") + `,
		phone_number, ` + columns("phone_") + `, ` + columns("external_") + `, external_account, invitation,
		password, username, first_name, last_name, unsafe_meta, legal_accepted_at, locale, shadow, external_id, custom_action,
		created_session, created_user, abandon_at, created_at, updated_at`
	})

	signUpByID   = built(func() string { return `SELECT ` + signUpColumns.of("s") + ` FROM sign_ups s WHERE s.id = $1` })
	insertSignUp = built(func() string { return signUpColumns.insert("sign_ups") })
	updateSignUp = built(func() string { return signUpColumns.update("sign_ups", "client_id", "created_at") })
)

// SignUp returns the attempt with this id, whatever has become of it.
func (s *Store) SignUp(ctx context.Context, id auth.SignUpID) (out auth.SignUp, _ error) {
	err := s.read(ctx, "sign-up", func(c *conn) error {
		attempt, err := c.signUp(id)
		if err == nil && attempt == nil {
			err = auth.ErrNotFound
		}
		if err == nil {
			out = *attempt
		}
		return err
	})
	return out, err
}

// signUp returns the attempt, or nil when it does not exist.
func (c *conn) signUp(id auth.SignUpID) (out *auth.SignUp, _ error) {
	_, err := c.one(signUpByID, func(r *row) {
		out = &auth.SignUp{
			ID:              auth.SignUpID(r.text()),
			Version:         r.int(),
			Client:          auth.ClientID(r.text()),
			EmailAddress:    r.text(),
			Email:           scanVerification(r),
			PhoneNumber:     r.text(),
			Phone:           scanVerification(r),
			External:        scanVerification(r),
			ExternalAccount: orNil(r.blob()),
			Invitation:      auth.InvitationID(r.text()),
			Password:        auth.NewPasswordHash(r.text()),
			Username:        r.text(),
			FirstName:       r.text(),
			LastName:        r.text(),
			UnsafeMeta:      orNil(r.blob()),
			LegalAcceptedAt: r.instant(),
			Locale:          r.text(),
			Shadow:          r.bool(),
			ExternalID:      r.text(),
			CustomAction:    r.bool(),
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
	args = append(args, x.PhoneNumber)
	args = append(args, verificationArgs(&x.Phone)...)
	args = append(args, verificationArgs(&x.External)...)
	args = append(args, orNull(string(x.ExternalAccount)), string(x.Invitation))
	args = append(args, x.Password.Reveal(), x.Username, x.FirstName, x.LastName, orNull(string(x.UnsafeMeta)),
		ms(x.LegalAcceptedAt), x.Locale, x.Shadow, x.ExternalID, x.CustomAction, string(x.CreatedSession), string(x.CreatedUser),
		ms(x.AbandonAt), ms(x.CreatedAt), ms(x.UpdatedAt))
	return c.put(x.Version, insertSignUp, updateSignUp, args...)
}

func orNil(doc []byte) json.RawMessage {
	if len(doc) == 0 {
		return nil
	}
	return doc
}
