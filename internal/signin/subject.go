package signin

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// subject is whom an identifier names: a user, or nobody.
type subject struct {
	identifier string // normalised
	email      bool   // the identifier is an address
	user       auth.User
	found      bool
}

// identify finds whom an identifier names. It refuses only what cannot be an
// identifier, and, without enumeration protection, what names nobody.
func (a *Attempts) identify(ctx context.Context, identifier string) (subject, error) {
	const param = "identifier"
	var (
		s   = subject{email: strings.Contains(identifier, "@")}
		err error
	)
	if s.email {
		if s.identifier, err = auth.NormalizeEmail(identifier, param); err != nil {
			return s, err
		}
		s.user, err = a.Store.UserByEmail(ctx, s.identifier)
	} else {
		if s.identifier, err = auth.NormalizeUsername(identifier, param); err != nil {
			return s, auth.RefuseParam(auth.CodeParamFormatInvalid, param)
		}
		s.user, err = a.Store.UserByUsername(ctx, s.identifier)
	}
	switch {
	case err == nil:
		s.found = true
	case !errors.Is(err, auth.ErrNotFound):
		return s, fmt.Errorf("identify: %w", err)
	case !a.Settings().EnumerationProtection:
		return s, auth.RefuseParam(auth.CodeIdentifierNotFound, param)
	}
	return s, nil
}

// lockKey is where failed proofs about the subject are counted. An identifier
// that names nobody has a counter like any account.
func (a *Attempts) lockKey(user auth.UserID, identifier string) [32]byte {
	if user != "" {
		return auth.UserLockoutKey(a.Pepper, user)
	}
	return auth.LockoutKey(a.Pepper, "identifier", identifier)
}

// Factor is a first factor that an attempt offers.
type Factor struct {
	Strategy       auth.Strategy
	SafeIdentifier string
	Email          auth.EmailID // as shown to clients
	Primary        bool

	real auth.EmailID // as stored; empty when there is none
	to   string       // where a code goes; empty when nowhere
}

// Describe returns the attempt with what it offers. With enumeration protection
// that follows from the identifier alone.
func (a *Attempts) Describe(ctx context.Context, attempt auth.SignIn) (View, error) {
	v := View{Attempt: attempt, Status: attempt.Status(a.Now())}
	var user auth.User
	if attempt.User != "" {
		var err error
		if user, err = a.Store.User(ctx, attempt.User); err != nil && !errors.Is(err, auth.ErrNotFound) {
			return v, fmt.Errorf("describe attempt: %w", err)
		}
	}
	v.Factors = a.factors(attempt, user)
	if user.ID != "" && (v.Status == auth.SignInComplete || !a.Settings().EnumerationProtection) {
		v.User = &user
	}
	return v, nil
}

func (a *Attempts) factors(attempt auth.SignIn, user auth.User) []Factor {
	if attempt.Identifier == "" {
		return nil
	}
	if a.Settings().EnumerationProtection {
		return a.uniformFactors(attempt.Identifier, user)
	}
	out := []Factor{}
	if !user.Password.Empty() {
		out = append(out, Factor{Strategy: auth.StrategyPassword})
	}
	for _, s := range []auth.Strategy{auth.StrategyEmailCode, auth.StrategyResetPasswordEmail} {
		for _, e := range user.Emails {
			if e.Verified() {
				f := Factor{Strategy: s, SafeIdentifier: e.Address, Email: e.ID, Primary: e.ID == user.PrimaryEmail, real: e.ID, to: e.Address}
				if e.Address != attempt.Identifier {
					f.SafeIdentifier = auth.MaskEmail(e.Address) // who typed something else need not know it
				}
				out = append(out, f)
			}
		}
	}
	return out
}

// uniformFactors are the same for every identifier of a kind, whether or not
// it names somebody: the address id shown is derived from the identifier.
func (a *Attempts) uniformFactors(identifier string, user auth.User) []Factor {
	code := Factor{Email: a.pseudoEmail(identifier), Primary: true, SafeIdentifier: identifier}
	want := identifier
	if !strings.Contains(identifier, "@") {
		code.SafeIdentifier = auth.MaskEmail("")
		if e, ok := user.Email(user.PrimaryEmail); ok {
			want = e.Address
		}
	}
	for _, e := range user.Emails {
		if e.Verified() && e.Address == want {
			code.real, code.to = e.ID, e.Address
		}
	}
	email, reset := code, code
	email.Strategy, reset.Strategy = auth.StrategyEmailCode, auth.StrategyResetPasswordEmail
	return []Factor{{Strategy: auth.StrategyPassword}, email, reset}
}

// pseudoEmail is an address id that is stable for an identifier and tells nothing.
func (a *Attempts) pseudoEmail(identifier string) auth.EmailID {
	h := hmac.New(sha256.New, a.Pepper)
	h.Write([]byte("email factor of "))
	h.Write([]byte(identifier))
	// The instant in the id is the same for all; reading 32 bytes cannot fail.
	id, _ := auth.NewEmailID(time.Unix(1_767_225_600, 0), bytes.NewReader(h.Sum(nil)))
	return id
}
