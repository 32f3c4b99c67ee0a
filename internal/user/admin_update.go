package user

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Bounds of profile texts in bytes.
const (
	maxName   = 256
	maxLocale = 35 // RFC 5646 §4.4.1
)

// Profile is what names a user. Nil members stay as they are; empty ones are
// cleared.
type Profile struct {
	FirstName  *string
	LastName   *string
	Username   *string
	ExternalID *string
	Locale     *string
}

// apply checks the profile and sets it on u. It refuses with
// [auth.CodeParamTooLong] or as [auth.NormalizeUsername] does.
func (p Profile) apply(u *auth.User) error {
	if p.Username != nil {
		u.Username = ""
		if *p.Username != "" {
			name, err := auth.NormalizeUsername(*p.Username, "username")
			if err != nil {
				return err
			}
			u.Username = name
		}
	}
	for _, f := range []struct {
		given *string
		to    *string
		param string
		limit int
	}{
		{p.FirstName, &u.FirstName, "first_name", maxName},
		{p.LastName, &u.LastName, "last_name", maxName},
		{p.ExternalID, &u.ExternalID, "external_id", auth.MaxExternalID},
		{p.Locale, &u.Locale, "locale", maxLocale},
	} {
		if f.given == nil {
			continue
		}
		if len(*f.given) > f.limit {
			return &auth.Error{Code: auth.CodeParamTooLong, Param: f.param, Meta: map[string]any{"max_length": f.limit}}
		}
		*f.to = *f.given
	}
	return nil
}

// UpdateUser is a change of an account. Nil and zero members stay as they are.
type UpdateUser struct {
	Profile
	Password        NewPassword
	SignOut         bool // with a new password: revoke every session
	PrimaryEmail    auth.EmailID
	PrimaryPhone    auth.PhoneID
	Factors         ImportedFactors
	Permissions     Permissions
	TellPrimary     bool // the former primary address is told when another one is
	LegalAcceptedAt *time.Time
	CreatedAt       *time.Time
	Metadata        Metadata // replaces
}

// Update changes an account. Setting a password, and with SignOut revoking the
// sessions, happens in the same commit as everything else.
func (a *Admin) Update(ctx context.Context, id auth.UserID, r UpdateUser) (Account, error) {
	if _, err := a.Store.User(ctx, id); err != nil {
		return Account{}, err // before the hash, which is dear
	}
	hash, err := a.hash(ctx, r.Password)
	if err != nil {
		return Account{}, err
	}
	return a.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		before := primaryAddress(u)
		if err := errors.Join(r.onto(&u), a.importFactors(&u, r.Factors, now)); err != nil {
			return u, auth.Change{}, err
		}
		if !hash.Empty() {
			u = u.Distrust()
			u.Password, u.PasswordSetAt, u.NewPasswordDue = hash, now, false
		}
		change, err := a.sessionsOf(ctx, u, r.SignOut && !hash.Empty(), now)
		if err == nil && r.TellPrimary {
			change.Messages, err = a.tellFormer(ctx, before, u, now)
		}
		return u, change, err
	})
}

// onto sets everything but the password on u.
func (r UpdateUser) onto(u *auth.User) error {
	if err := r.apply(u); err != nil {
		return err
	}
	if r.PrimaryEmail != "" {
		e, ok := u.Email(r.PrimaryEmail)
		if !ok {
			return auth.RefuseParam(auth.CodeResourceNotFound, "primary_email_address_id")
		}
		if !e.Verified() {
			return auth.RefuseParam(auth.CodePrimaryNotVerified, "primary_email_address_id")
		}
		u.PrimaryEmail = e.ID
	}
	if r.PrimaryPhone != "" {
		p, ok := u.Phone(r.PrimaryPhone)
		if !ok {
			return auth.RefuseParam(auth.CodeResourceNotFound, "primary_phone_number_id")
		}
		if !p.Verified() {
			return auth.RefuseParam(auth.CodePrimaryNotVerified, "primary_phone_number_id")
		}
		u.PrimaryPhone = p.ID
	}
	if r.LegalAcceptedAt != nil {
		u.LegalAcceptedAt = *r.LegalAcceptedAt
	}
	if r.CreatedAt != nil {
		u.CreatedAt = *r.CreatedAt
	}
	r.Permissions.apply(u)
	return r.Metadata.replace(u)
}

// Metadata are the three metadata objects of a user. Nil stays as it is.
type Metadata struct {
	Public  json.RawMessage
	Private json.RawMessage
	Unsafe  json.RawMessage
}

func (m Metadata) each(u *auth.User, rule func(old, given json.RawMessage, param string) (json.RawMessage, error)) error {
	for _, f := range []struct {
		given json.RawMessage
		to    *json.RawMessage
		param string
	}{
		{m.Public, &u.PublicMeta, "public_metadata"},
		{m.Private, &u.PrivateMeta, "private_metadata"},
		{m.Unsafe, &u.UnsafeMeta, "unsafe_metadata"},
	} {
		if f.given == nil {
			continue
		}
		next, err := rule(*f.to, f.given, f.param)
		if err != nil {
			return err
		}
		*f.to = next
	}
	return nil
}

func (m Metadata) replace(u *auth.User) error {
	return m.each(u, func(_, given json.RawMessage, param string) (json.RawMessage, error) {
		return auth.ParseMetadata(given, param)
	})
}

// ReplaceMetadata sets the given metadata objects.
func (a *Admin) ReplaceMetadata(ctx context.Context, id auth.UserID, m Metadata) (Account, error) {
	return a.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		err := m.replace(&u)
		return u, auth.Change{}, err
	})
}

// MergeMetadata merges into the stored metadata as [auth.MergeMetadata] does.
// Parallel merges of one account all take effect.
func (a *Admin) MergeMetadata(ctx context.Context, id auth.UserID, m Metadata) (Account, error) {
	return a.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		err := m.each(&u, auth.MergeMetadata)
		return u, auth.Change{}, err
	})
}
