package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// subject is whom an identifier names: a user, or nobody.
type subject struct {
	identifier string // normalised
	user       auth.User
}

// identify finds whom an identifier names. It refuses only what cannot be an
// identifier, and, without enumeration protection, what names nobody.
func (a *Attempts) identify(ctx context.Context, identifier string, signUpIfMissing bool) (subject, error) {
	const param = "identifier"
	var (
		s   subject
		err error
	)
	switch kindOf(identifier) {
	case byEmail:
		if s.identifier, err = auth.NormalizeEmail(identifier, param); err != nil {
			return s, err
		}
		s.user, err = a.Store.UserByEmail(ctx, s.identifier)
	case byPhone:
		if s.identifier, err = auth.NormalizePhone(identifier, param); err != nil {
			return s, err
		}
		s.user, err = a.userByPhone(ctx, s.identifier)
	case byUsername:
		if s.identifier, err = auth.NormalizeUsername(identifier, param); err != nil {
			return s, auth.RefuseParam(auth.CodeParamFormatInvalid, param)
		}
		s.user, err = a.Store.UserByUsername(ctx, s.identifier)
	}
	if refusal := a.admit(ctx, identifier, s.identifier); refusal != nil {
		return s, refusal
	}
	if err == nil {
		return s, nil
	}
	s.user = auth.User{}
	switch {
	case !errors.Is(err, auth.ErrNotFound):
		return s, fmt.Errorf("identify: %w", err)
	case signUpIfMissing && kindOf(identifier) != byUsername && a.Settings().SignUpMode == auth.SignUpPublic:
		return s, nil
	case !a.Settings().EnumerationProtection:
		return s, auth.RefuseParam(auth.CodeIdentifierNotFound, param)
	}
	return s, nil
}

// admit refuses an address or number that the instance does not want, where
// that counts for signing in too.
func (a *Attempts) admit(ctx context.Context, given, identifier string) error {
	if kindOf(given) == byUsername || a.Settings().Restrictions.IgnoreOnSignIn {
		return nil
	}
	return a.Admission.Admit(ctx, identifier)
}

// kind is what an identifier is.
type kind int

const (
	byUsername kind = iota
	byEmail
	byPhone
)

// kindOf tells from the first look: only addresses have an @, and only numbers
// begin with a plus sign.
func kindOf(identifier string) kind {
	switch {
	case strings.Contains(identifier, "@"):
		return byEmail
	case strings.HasPrefix(strings.TrimSpace(identifier), "+"):
		return byPhone
	default:
		return byUsername
	}
}

// userByPhone finds the user whom a number identifies. One that is reserved for
// the second factor does not: the phone would then be both factors.
func (a *Attempts) userByPhone(ctx context.Context, number string) (auth.User, error) {
	user, err := a.Store.UserByPhone(ctx, number)
	if err != nil {
		return user, err
	}
	for _, p := range user.Phones {
		if p.Number == number && p.SecondFactor {
			return auth.User{}, auth.ErrNotFound
		}
	}
	return user, nil
}

// lockKey is where failed proofs about the subject are counted. An identifier
// that names nobody has a counter like any account.
func (a *Attempts) lockKey(user auth.UserID, identifier string) [32]byte {
	if user != "" {
		return auth.UserLockoutKey(a.Pepper, user)
	}
	return auth.LockoutKey(a.Pepper, "identifier", identifier)
}
