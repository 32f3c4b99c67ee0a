package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	externalByUser = built(func() string {
		return `SELECT x.id, x.identification, x.provider, x.subject, x.email_address, x.email_verified, x.first_name,
		x.last_name, x.username, x.image_url, x.scopes, x.tokens, ` + columns("x.") + `, x.created_at, x.updated_at
		FROM external_accounts x WHERE x.user_id = $1 ORDER BY x.position`
	})
	insertExternal = built(func() string {
		return `INSERT INTO external_accounts (id, user_id, position, identification, provider, subject, email_address,
		email_verified, first_name, last_name, username, image_url, scopes, tokens, ` + columns("") + `, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`
	})
	deleteExternal = fixed(`DELETE FROM external_accounts WHERE id = $1`)

	userBySubject = built(func() string {
		return `SELECT ` + userColumns() + ` FROM external_accounts x JOIN users u ON u.id = x.user_id
		WHERE x.provider = $1 AND x.subject = $2 AND x.status = 'verified'`
	})
)

// UserByExternal returns the user who has proven to be this subject of a
// provider.
func (s *Store) UserByExternal(ctx context.Context, provider auth.Strategy, subject string) (auth.User, error) {
	return s.oneUser(ctx, "user by external account", userBySubject, string(provider), subject)
}

func (c *conn) externalAccounts(id auth.UserID) (out []auth.ExternalAccount, _ error) {
	err := c.each(externalByUser, []any{string(id)}, func(r *row) {
		out = append(out, auth.ExternalAccount{
			ID:             auth.ExternalAccountID(r.text()),
			Identification: auth.IdentificationID(r.text()),
			ExternalIdentity: auth.ExternalIdentity{
				Provider:      auth.Strategy(r.text()),
				Subject:       r.text(),
				EmailAddress:  r.text(),
				EmailVerified: r.bool(),
				FirstName:     r.text(),
				LastName:      r.text(),
				Username:      r.text(),
				ImageURL:      r.text(),
				Scopes:        r.text(),
				Tokens:        r.text(),
			},
			Verification: scanVerification(r),
			CreatedAt:    r.instant(),
			UpdatedAt:    r.instant(),
		})
	})
	return out, err
}

// putExternalAccounts makes the stored set equal to the given one, see
// [conn.putEmails].
func (c *conn) putExternalAccounts(u *auth.User) error {
	same := 0
	if u.Version > 0 {
		stored, err := c.externalAccounts(u.ID)
		if err != nil {
			return err
		}
		for same < len(stored) && same < len(u.ExternalAccounts) && stored[same] == storableExternal(u.ExternalAccounts[same]) {
			same++
		}
		for _, x := range stored[same:] {
			if _, err := c.exec(deleteExternal, string(x.ID)); err != nil {
				return err
			}
		}
	}
	for i := same; i < len(u.ExternalAccounts); i++ {
		x := &u.ExternalAccounts[i]
		args := append([]any{
			string(x.ID), string(u.ID), i, string(x.Identification), string(x.Provider), x.Subject, x.EmailAddress, x.EmailVerified,
			x.FirstName, x.LastName, x.Username, x.ImageURL, x.Scopes, x.Tokens,
		}, verificationArgs(&x.Verification)...)
		args = append(args, ms(x.CreatedAt), ms(x.UpdatedAt))
		if _, err := c.exec(insertExternal, args...); err != nil {
			return err
		}
	}
	return nil
}

// storableExternal is the account as it will be read back.
func storableExternal(x auth.ExternalAccount) auth.ExternalAccount {
	x.CreatedAt, x.UpdatedAt = stored(x.CreatedAt), stored(x.UpdatedAt)
	x.Verification = storableProof(x.Verification)
	return x
}
