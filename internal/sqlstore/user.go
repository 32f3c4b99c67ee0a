package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// userList are the columns that are read; what only lists order and search by
// follows them.
var userList = columnList(func() string {
	return `id, version, username, first_name, last_name, external_id, primary_email, primary_phone, has_phones, has_passkeys, has_external, has_devices,
	second_factors, mfa_enabled_at, mfa_disabled_at, new_password_due, image,
	password, password_set_at, public_meta, private_meta, unsafe_meta, banned,
	legal_accepted_at, locale, last_sign_in_at, last_active_at, created_at, updated_at, delete_self, create_orgs, org_limit`
})

var userWritten = columnList(func() string { return userList() + `, primary_address, primary_number, folded_name, search` })

func userColumns() string { return userList.of("u") }

var (
	userByID      = built(func() string { return `SELECT ` + userColumns() + ` FROM users u WHERE u.id = $1` })
	userByAddress = built(func() string {
		return `SELECT ` + userColumns() + ` FROM emails e JOIN users u ON u.id = e.user_id
		WHERE e.address = $1 AND e.status = 'verified'`
	})
	userByEmailID = built(func() string {
		return `SELECT ` + userColumns() + ` FROM emails e JOIN users u ON u.id = e.user_id
		WHERE e.id = $1`
	})
	userByUsername   = built(func() string { return `SELECT ` + userColumns() + ` FROM users u WHERE u.username = $1` })
	userByExternalID = built(func() string { return `SELECT ` + userColumns() + ` FROM users u WHERE u.external_id = $1` })
	userByNumber     = built(func() string {
		return `SELECT ` + userColumns() + ` FROM phones p JOIN users u ON u.id = p.user_id
		WHERE p.number = $1 AND p.status = 'verified'`
	})
	userByPhoneID = built(func() string {
		return `SELECT ` + userColumns() + ` FROM phones p JOIN users u ON u.id = p.user_id
		WHERE p.id = $1`
	})
	userByDevice = built(func() string {
		return `SELECT ` + userColumns() + ` FROM trusted_devices d JOIN users u ON u.id = d.user_id
		WHERE d.id = $1`
	})
	insertUser = built(func() string { return userWritten.insert("users") })
	updateUser = built(func() string { return userWritten.update("users") })
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

// UserByPhone returns the user who has proven this number, which is normalised.
func (s *Store) UserByPhone(ctx context.Context, number string) (auth.User, error) {
	return s.oneUser(ctx, "user by phone", userByNumber, number)
}

// UserByPhoneID returns the user who has the number with this id, proven or not.
func (s *Store) UserByPhoneID(ctx context.Context, id auth.PhoneID) (auth.User, error) {
	return s.oneUser(ctx, "user by phone id", userByPhoneID, string(id))
}

// UserByTrustedDevice returns the user who has the device with this id, enrolled
// or not.
func (s *Store) UserByTrustedDevice(ctx context.Context, id auth.TrustedDeviceID) (auth.User, error) {
	return s.oneUser(ctx, "user by trusted device", userByDevice, string(id))
}

// UserByUsername returns the user with this username, which is normalised.
func (s *Store) UserByUsername(ctx context.Context, username string) (auth.User, error) {
	return s.oneUser(ctx, "user by username", userByUsername, username)
}

// UserByExternalID returns the user with this external id.
func (s *Store) UserByExternalID(ctx context.Context, id string) (auth.User, error) {
	return s.oneUser(ctx, "user by external id", userByExternalID, id)
}

func (s *Store) oneUser(ctx context.Context, op string, q *query, args ...any) (out auth.User, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		u, ok, err := c.user(q, args...)
		out = u
		return found(ok, err)
	})
	if err != nil {
		return auth.User{}, err
	}
	return out, nil
}

// user reads one user with what belongs to it.
func (c *conn) user(q *query, args ...any) (u auth.User, ok bool, err error) {
	var more belongings
	ok, err = c.one(q, func(r *row) { u, more = scanUser(r) }, args...)
	if err == nil && ok {
		err = c.fillUser(&u, more)
	}
	return u, ok, err
}

// belongings tells which tables have something of a user.
type belongings struct{ phones, passkeys, external, devices bool }

// fillUser reads what belongs to a user.
func (c *conn) fillUser(u *auth.User, more belongings) (err error) {
	if u.Emails, err = c.emails(u.ID); err != nil {
		return err
	}
	if more.phones {
		if u.Phones, err = c.phones(u.ID); err != nil {
			return err
		}
	}
	if more.passkeys {
		if u.Passkeys, err = c.passkeys(u.ID); err != nil {
			return err
		}
	}
	if more.external {
		if u.ExternalAccounts, err = c.externalAccounts(u.ID); err != nil {
			return err
		}
	}
	if more.devices {
		u.TrustedDevices, err = c.devices(u.ID)
	}
	return err
}

func scanUser(r *row) (u auth.User, more belongings) {
	u = auth.User{
		ID:           auth.UserID(r.text()),
		Version:      r.int(),
		Username:     r.text(),
		FirstName:    r.text(),
		LastName:     r.text(),
		ExternalID:   r.text(),
		PrimaryEmail: auth.EmailID(r.text()),
		PrimaryPhone: auth.PhoneID(r.text()),
	}
	more.phones, more.passkeys, more.external, more.devices = r.bool(), r.bool(), r.bool(), r.bool()
	scanSecondFactors(r, &u)
	u.MFAEnabledAt, u.MFADisabledAt = r.instant(), r.instant()
	u.NewPasswordDue, u.Image = r.bool(), auth.ImageID(r.text())
	u.Password, u.PasswordSetAt = auth.NewPasswordHash(r.text()), r.instant()
	u.PublicMeta, u.PrivateMeta, u.UnsafeMeta = r.blob(), r.blob(), r.blob()
	u.Banned, u.LegalAcceptedAt, u.Locale = r.bool(), r.instant(), r.text()
	u.LastSignInAt, u.LastActiveAt = r.instant(), r.instant()
	u.CreatedAt, u.UpdatedAt = r.instant(), r.instant()
	u.Permissions = scanPermissions(r)
	return u, more
}

// asInstance is stored where the limit of the instance counts.
const asInstance = -1

func scanPermissions(r *row) (p auth.Permissions) {
	p.DeleteSelf, p.CreateOrganization = auth.Decision(r.int()), auth.Decision(r.int())
	if n := r.int(); n != asInstance {
		p.OrganizationLimit, p.OrganizationsLimited = int(n), true
	}
	return p
}

func organizationLimit(p auth.Permissions) int64 {
	if !p.OrganizationsLimited {
		return asInstance
	}
	return int64(p.OrganizationLimit)
}

func (c *conn) putUser(u *auth.User) error {
	address, _ := u.Email(u.PrimaryEmail)
	number, _ := u.Phone(u.PrimaryPhone)
	err := c.put(u.Version, insertUser, updateUser,
		string(u.ID), u.Version, orNull(u.Username), u.FirstName, u.LastName, orNull(u.ExternalID),
		string(u.PrimaryEmail), string(u.PrimaryPhone), len(u.Phones) > 0, len(u.Passkeys) > 0, len(u.ExternalAccounts) > 0, len(u.TrustedDevices) > 0, secondFactors(u),
		ms(u.MFAEnabledAt), ms(u.MFADisabledAt), u.NewPasswordDue, string(u.Image), u.Password.Reveal(), ms(u.PasswordSetAt),
		object(u.PublicMeta), object(u.PrivateMeta), object(u.UnsafeMeta), u.Banned,
		ms(u.LegalAcceptedAt), u.Locale, ms(u.LastSignInAt), ms(u.LastActiveAt), ms(u.CreatedAt), ms(u.UpdatedAt),
		int64(u.Permissions.DeleteSelf), int64(u.Permissions.CreateOrganization), organizationLimit(u.Permissions),
		address.Address, number.Number, foldedName(u), searchText(u))
	if err != nil {
		return err
	}
	return errors.Join(c.putEmails(u), c.putPhones(u), c.putPasskeys(u), c.putExternalAccounts(u), c.putDevices(u))
}

func (c *conn) deleteUser(u *auth.User) error {
	if _, err := c.exec(forgetMember, string(u.ID)); err != nil {
		return err
	}
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
	for _, p := range u.Phones {
		values = append(values, p.Number)
	}
	return strings.Join(values, "\n")
}
