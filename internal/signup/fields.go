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
	PhoneNumber   string
	Password      string
	Username      string
	FirstName     *string
	LastName      *string
	UnsafeMeta    json.RawMessage // replaces; nil when not given
	LegalAccepted *bool
	Locale        string
	Ticket        string        // of an invitation
	Transfer      bool          // take over what a sign-in on this client proved
	Strategy      auth.Strategy // prepare this at once; empty for none
	// Trip is one to a provider that begins with this request, and Identity
	// what an ID token that came with it proves.
	Trip     *auth.OAuthStart
	Identity *auth.ExternalIdentity
}

// hash does the slow work on the fields, once and before anything is decided.
func (a *Attempts) hash(ctx context.Context, f Fields) (auth.PasswordHash, error) {
	if f.Password == "" {
		return auth.PasswordHash{}, nil
	}
	if err := a.Passwords.CheckNew(a.Settings().Passwords, f.Password, "password"); err != nil {
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
	if err := keep(a.setPhone(ctx, &attempt, f.PhoneNumber)); err != nil {
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
	var err error
	if attempt.Shadow, err = a.isShadow(ctx, attempt); err != nil {
		return attempt, err
	}
	attempt.UpdatedAt = a.Now()
	return attempt, errors.Join(refused...)
}

// setEmail sets the address. One that has an account is refused, or, where the
// instance protects who has one, makes the attempt a shadow.
func (a *Attempts) setEmail(ctx context.Context, attempt *auth.SignUp, given string) error {
	const param = "email_address"
	if given == "" || attempt.Invitation != "" {
		return nil // the address that a ticket was sent to stands
	}
	if !a.Settings().Email.On() {
		return auth.RefuseParam(auth.CodeParamUnknown, param)
	}
	address, err := auth.NormalizeEmail(given, param)
	if err != nil || address == attempt.EmailAddress {
		return err
	}
	if err := a.Admission.Admit(ctx, address); err != nil {
		return err
	}
	_, err = a.Store.UserByEmail(ctx, address)
	if err := a.mayTake(err, param); err != nil {
		return err
	}
	attempt.EmailAddress, attempt.Email = address, auth.Verification{}
	return nil
}

// setPhone sets the number, as [Attempts.setEmail] does the address.
func (a *Attempts) setPhone(ctx context.Context, attempt *auth.SignUp, given string) error {
	const param = "phone_number"
	if given == "" {
		return nil
	}
	if !a.Settings().Phone.On() {
		return auth.RefuseParam(auth.CodeParamUnknown, param)
	}
	number, err := auth.NormalizePhone(given, param)
	if err != nil || number == attempt.PhoneNumber {
		return err
	}
	if err := a.Admission.Admit(ctx, number); err != nil {
		return err
	}
	_, err = a.Store.UserByPhone(ctx, number)
	if err := a.mayTake(err, param); err != nil {
		return err
	}
	attempt.PhoneNumber, attempt.Phone = number, auth.Verification{}
	return nil
}

// mayTake decides by whether the holder of an identifier was found. With
// enumeration protection one that is taken is accepted all the same, see
// [Attempts.isShadow].
func (a *Attempts) mayTake(lookup error, param string) error {
	switch {
	case errors.Is(lookup, auth.ErrNotFound):
		return nil
	case lookup != nil:
		return fmt.Errorf("look for %s: %w", param, lookup)
	case !a.Settings().EnumerationProtection:
		return auth.RefuseParam(auth.CodeIdentifierExists, param)
	}
	return nil
}

// isShadow says whether an identifier of the attempt has an account where the
// instance does not tell so.
func (a *Attempts) isShadow(ctx context.Context, attempt auth.SignUp) (bool, error) {
	if !a.Settings().EnumerationProtection {
		return false, nil
	}
	found := false
	look := func(given string, by func(context.Context, string) (auth.User, error)) error {
		if given == "" {
			return nil
		}
		_, err := by(ctx, given)
		if err == nil {
			found = true
		} else if !errors.Is(err, auth.ErrNotFound) {
			return fmt.Errorf("look for an account: %w", err)
		}
		return nil
	}
	err := errors.Join(look(attempt.EmailAddress, a.Store.UserByEmail), look(attempt.PhoneNumber, a.Store.UserByPhone))
	return found, err
}

// setUsername sets the username. Usernames are chosen in public, so one that is
// taken is always refused.
func (a *Attempts) setUsername(ctx context.Context, attempt *auth.SignUp, given string) error {
	const param = "username"
	if given == "" {
		return nil
	}
	if !a.Settings().Username.On() {
		return auth.RefuseParam(auth.CodeParamUnknown, param)
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
