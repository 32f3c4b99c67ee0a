package sqlstore

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

const userColumns = `u.id, u.version, u.username, u.first_name, u.last_name, u.external_id, u.primary_email,
	u.password, u.password_set_at, u.public_meta, u.private_meta, u.unsafe_meta, u.banned,
	u.legal_accepted_at, u.locale, u.last_sign_in_at, u.last_active_at, u.created_at, u.updated_at`

var (
	userByID      = fixed(`SELECT ` + userColumns + ` FROM users u WHERE u.id = $1`)
	userByAddress = fixed(`SELECT ` + userColumns + ` FROM emails e JOIN users u ON u.id = e.user_id
		WHERE e.address = $1 AND e.status = 'verified'`)
	userByEmailID = fixed(`SELECT ` + userColumns + ` FROM emails e JOIN users u ON u.id = e.user_id
		WHERE e.id = $1`)
	userByUsername   = fixed(`SELECT ` + userColumns + ` FROM users u WHERE u.username = $1`)
	userByExternalID = fixed(`SELECT ` + userColumns + ` FROM users u WHERE u.external_id = $1`)
	insertUser       = fixed(`INSERT INTO users (id, version, username, first_name, last_name, external_id,
		primary_email, password, password_set_at, public_meta, private_meta, unsafe_meta, banned,
		legal_accepted_at, locale, last_sign_in_at, last_active_at, created_at, updated_at, primary_address,
		folded_name, search)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`)
	updateUser = fixed(`UPDATE users SET version = version + 1, username = $3, first_name = $4, last_name = $5,
		external_id = $6, primary_email = $7, password = $8, password_set_at = $9, public_meta = $10,
		private_meta = $11, unsafe_meta = $12, banned = $13, legal_accepted_at = $14, locale = $15,
		last_sign_in_at = $16, last_active_at = $17, updated_at = $19, primary_address = $20,
		folded_name = $21, search = $22
		WHERE id = $1 AND version = $2`)
	deleteUser = fixed(`DELETE FROM users WHERE id = $1 AND version = $2`)
)

// User returns the user with this id.
func (s *Store) User(ctx context.Context, id auth.UserID) (auth.User, error) {
	return s.oneUser(ctx, "user", userByID, string(id))
}

// UserByEmail returns the user who has proven this address, which is normalised.
func (s *Store) UserByEmail(ctx context.Context, address string) (auth.User, error) {
	return s.oneUser(ctx, "user by email", userByAddress, address)
}

// UserByEmailID returns the user who has the address with this id, proven or not.
func (s *Store) UserByEmailID(ctx context.Context, id auth.EmailID) (auth.User, error) {
	return s.oneUser(ctx, "user by email id", userByEmailID, string(id))
}

// UserByUsername returns the user with this username, which is normalised.
func (s *Store) UserByUsername(ctx context.Context, username string) (auth.User, error) {
	return s.oneUser(ctx, "user by username", userByUsername, username)
}

// UserByExternalID returns the user with this external id.
func (s *Store) UserByExternalID(ctx context.Context, id string) (auth.User, error) {
	return s.oneUser(ctx, "user by external id", userByExternalID, id)
}

func (s *Store) oneUser(ctx context.Context, op string, q *query, arg string) (out auth.User, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		u, ok, err := c.user(q, arg)
		out = u
		return found(ok, err)
	})
	if err != nil {
		return auth.User{}, err
	}
	return out, nil
}

// user reads one user with its emails.
func (c *conn) user(q *query, arg string) (u auth.User, ok bool, err error) {
	ok, err = c.one(q, func(r *row) { u = scanUser(r) }, arg)
	if err == nil && ok {
		u.Emails, err = c.emails(u.ID)
	}
	return u, ok, err
}

func scanUser(r *row) auth.User {
	return auth.User{
		ID:              auth.UserID(r.text()),
		Version:         r.int(),
		Username:        r.text(),
		FirstName:       r.text(),
		LastName:        r.text(),
		ExternalID:      r.text(),
		PrimaryEmail:    auth.EmailID(r.text()),
		Password:        auth.NewPasswordHash(r.text()),
		PasswordSetAt:   r.instant(),
		PublicMeta:      json.RawMessage(r.blob()),
		PrivateMeta:     json.RawMessage(r.blob()),
		UnsafeMeta:      json.RawMessage(r.blob()),
		Banned:          r.bool(),
		LegalAcceptedAt: r.instant(),
		Locale:          r.text(),
		LastSignInAt:    r.instant(),
		LastActiveAt:    r.instant(),
		CreatedAt:       r.instant(),
		UpdatedAt:       r.instant(),
	}
}

func (c *conn) putUser(u *auth.User) error {
	primary, _ := u.Email(u.PrimaryEmail)
	err := c.put(u.Version, insertUser, updateUser,
		string(u.ID), u.Version, orNull(u.Username), u.FirstName, u.LastName, orNull(u.ExternalID),
		string(u.PrimaryEmail), u.Password.Reveal(), ms(u.PasswordSetAt),
		object(u.PublicMeta), object(u.PrivateMeta), object(u.UnsafeMeta), u.Banned,
		ms(u.LegalAcceptedAt), u.Locale, ms(u.LastSignInAt), ms(u.LastActiveAt), ms(u.CreatedAt), ms(u.UpdatedAt),
		primary.Address, foldedName(u), searchText(u))
	if err != nil {
		return err
	}
	return c.putEmails(u)
}

func (c *conn) deleteUser(u *auth.User) error {
	return c.guarded(deleteUser, string(u.ID), u.Version)
}

// object stores an absent document as the empty one.
func object(doc json.RawMessage) string {
	if len(doc) == 0 {
		return "{}"
	}
	return string(doc)
}

// foldedName is the name in lower case. It is folded here because databases
// disagree about the case of letters beyond ASCII.
func foldedName(u *auth.User) string { return strings.ToLower(u.FirstName + " " + u.LastName) }

// searchText is what a search for a person looks through, one value a line, so
// that no search matches across two of them.
func searchText(u *auth.User) string {
	values := []string{strings.ToLower(string(u.ID)), strings.ToLower(u.Username), foldedName(u)}
	for _, e := range u.Emails {
		values = append(values, strings.ToLower(e.Address))
	}
	return strings.Join(values, "\n")
}
