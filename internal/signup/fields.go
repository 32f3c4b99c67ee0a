package signup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	maxName   = 256 // bytes
	maxLocale = 35  // RFC 5646 §4.4.1
)

// Fields are what a person gives. Nil and empty members stay as they are,
// except names, which an empty text clears.
type Fields struct {
	EmailAddress  string
	Password      string
	Username      string
	FirstName     *string
	LastName      *string
	UnsafeMeta    json.RawMessage // replaces; nil when not given
	LegalAccepted *bool
	Locale        string
	Strategy      auth.Strategy // prepare this at once; empty for none
}

// hash does the slow work on the fields, once and before anything is decided.
func (a *Attempts) hash(ctx context.Context, f Fields) (auth.PasswordHash, error) {
	if f.Password == "" {
		return auth.PasswordHash{}, nil
	}
	if err := a.Passwords.CheckNew(f.Password, "password"); err != nil {
		return auth.PasswordHash{}, err
	}
	hash, err := a.Passwords.Hash(ctx, f.Password)
	if err != nil {
		return hash, fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// apply returns the attempt with the fields set. Joined refusals name every
// field in error, as forms show them.
func (a *Attempts) apply(ctx context.Context, attempt auth.SignUp, f Fields) (auth.SignUp, error) {
	var refused []error
	keep := func(err error) error {
		var e *auth.Error
		if errors.As(err, &e) {
			refused = append(refused, err)
			return nil
		}
		return err
	}
	if err := keep(a.setEmail(ctx, &attempt, f.EmailAddress)); err != nil {
		return attempt, err
	}
	if err := keep(a.setUsername(ctx, &attempt, f.Username)); err != nil {
		return attempt, err
	}
	if err := keep(setProfile(&attempt, f)); err != nil {
		return attempt, err
	}
	if f.LegalAccepted != nil && *f.LegalAccepted && attempt.LegalAcceptedAt.IsZero() {
		attempt.LegalAcceptedAt = a.Now()
	}
	attempt.UpdatedAt = a.Now()
	return attempt, errors.Join(refused...)
}

// setEmail sets the address. One that has an account is refused, or, where the
// instance protects who has one, makes the attempt a shadow.
func (a *Attempts) setEmail(ctx context.Context, attempt *auth.SignUp, given string) error {
	const param = "email_address"
	if given == "" {
		return nil
	}
	address, err := auth.NormalizeEmail(given, param)
	if err != nil {
		return err
	}
	if address == attempt.EmailAddress {
		return nil
	}
	_, err = a.Store.UserByEmail(ctx, address)
	taken := err == nil
	switch {
	case err != nil && !errors.Is(err, auth.ErrNotFound):
		return fmt.Errorf("look for the address: %w", err)
	case taken && !a.Settings().EnumerationProtection:
		return auth.RefuseParam(auth.CodeIdentifierExists, param)
	}
	attempt.EmailAddress, attempt.Email, attempt.Shadow = address, auth.Verification{}, taken
	return nil
}

// setUsername sets the username. Usernames are chosen in public, so one that is
// taken is always refused.
func (a *Attempts) setUsername(ctx context.Context, attempt *auth.SignUp, given string) error {
	const param = "username"
	if given == "" {
		return nil
	}
	name, err := auth.NormalizeUsername(given, param)
	if err != nil {
		return err
	}
	switch _, err := a.Store.UserByUsername(ctx, name); {
	case err == nil:
		return auth.RefuseParam(auth.CodeIdentifierExists, param)
	case !errors.Is(err, auth.ErrNotFound):
		return fmt.Errorf("look for the username: %w", err)
	}
	attempt.Username = name
	return nil
}

func setProfile(attempt *auth.SignUp, f Fields) error {
	for _, n := range []struct {
		given *string
		to    *string
		param string
	}{{f.FirstName, &attempt.FirstName, "first_name"}, {f.LastName, &attempt.LastName, "last_name"}} {
		if n.given == nil {
			continue
		}
		if len(*n.given) > maxName {
			return &auth.Error{Code: auth.CodeParamTooLong, Param: n.param, Meta: map[string]any{"max_length": maxName}}
		}
		*n.to = *n.given
	}
	if f.Locale != "" && len(f.Locale) <= maxLocale {
		attempt.Locale = f.Locale
	}
	if f.UnsafeMeta == nil {
		return nil
	}
	meta, err := auth.ParseMetadata(f.UnsafeMeta, "unsafe_metadata")
	if err == nil {
		attempt.UnsafeMeta = meta
	}
	return err
}
