package signin

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Factor is a first or second factor that an attempt offers.
type Factor struct {
	Strategy       auth.Strategy
	SafeIdentifier string
	ID             auth.IdentificationID // as shown to clients; empty for factors about nothing
	Primary        bool
	Default        bool // of several second factors by phone

	real auth.IdentificationID // as stored; empty when there is none
	to   string                // where a code goes; empty when nowhere
}

// Describe returns the attempt with what it offers. With enumeration protection
// that follows from the identifier alone until a first factor is proven. Users
// that are known, because this request read them, are not read again.
func (a *Attempts) Describe(ctx context.Context, attempt auth.SignIn, known ...auth.User) (View, error) {
	v := View{Attempt: attempt, Status: attempt.Status(a.Now())}
	user, err := a.whose(ctx, attempt, known)
	if err != nil {
		return v, err
	}
	v.Factors, v.Owner = a.factors(attempt, user), user
	if v.Status == auth.SignInNeedsSecondFactor {
		v.SecondFactors = a.secondAfter(attempt.FirstFactor, user)
	}
	proven := v.Status == auth.SignInComplete || v.Status == auth.SignInNeedsSecondFactor
	if user.ID != "" && (proven || !a.Settings().EnumerationProtection) {
		v.User = &user
	}
	return v, nil
}

// whose is the user of an attempt, or nobody.
func (a *Attempts) whose(ctx context.Context, attempt auth.SignIn, known []auth.User) (auth.User, error) {
	if attempt.User == "" {
		return auth.User{}, nil
	}
	for _, u := range known {
		if u.ID == attempt.User {
			return u, nil
		}
	}
	user, err := a.Store.User(ctx, attempt.User)
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		return user, fmt.Errorf("describe attempt: %w", err)
	}
	return user, nil
}

// codeStrategies are the first factors by a code, by what it is sent to.
var codeStrategies = map[kind][]auth.Strategy{
	byEmail: {auth.StrategyEmailCode, auth.StrategyResetPasswordEmail},
	byPhone: {auth.StrategyPhoneCode, auth.StrategyResetPasswordPhone},
}

// channel is what a code of this strategy is sent to.
func channel(s auth.Strategy) (kind, bool) {
	switch s {
	case auth.StrategyEmailCode, auth.StrategyResetPasswordEmail:
		return byEmail, true
	case auth.StrategyPhoneCode, auth.StrategyResetPasswordPhone:
		return byPhone, true
	default:
		return 0, false
	}
}

// resets says whether a proof by this strategy allows a new password.
func resets(s auth.Strategy) bool {
	return s == auth.StrategyResetPasswordEmail || s == auth.StrategyResetPasswordPhone
}

// factors are the first factors of an attempt.
func (a *Attempts) factors(attempt auth.SignIn, user auth.User) []Factor {
	if attempt.Identifier == "" {
		switch s := attempt.FirstFactor.Strategy; s {
		case auth.StrategyPasskey:
			return []Factor{{Strategy: s}}
		case auth.StrategyTrustedDevice:
			return []Factor{{Strategy: s, ID: attempt.FirstFactor.About}}
		default:
		}
		return nil
	}
	if a.Settings().EnumerationProtection {
		return a.uniformFactors(attempt, user)
	}
	if attempt.User == "" && attempt.SignUpIfMissing {
		return a.uniformFactors(attempt, user)[1:] // all but a password, which nobody has
	}
	out := []Factor{}
	if !user.Password.Empty() {
		out = append(out, Factor{Strategy: auth.StrategyPassword})
	}
	for i := range codeStrategies[byEmail] {
		out = append(out, byCode(codeStrategies[byEmail][i], attempt.Identifier, emailsOf(user))...)
		out = append(out, byCode(codeStrategies[byPhone][i], attempt.Identifier, phonesOf(user))...)
	}
	if a.Settings().EmailLink {
		out = append(out, byCode(auth.StrategyEmailLink, attempt.Identifier, emailsOf(user))...)
	}
	return append(append(out, a.byPasskey(user)...), a.externalFactors(user)...)
}

// byPasskey offers passkeys to who has one.
func (a *Attempts) byPasskey(user auth.User) []Factor {
	if !a.Settings().Passkeys.Enabled || len(user.VerifiedPasskeys()) == 0 {
		return nil
	}
	return []Factor{{Strategy: auth.StrategyPasskey}}
}

// externalFactors are the providers that the user has connected an account of.
func (a *Attempts) externalFactors(user auth.User) (out []Factor) {
	for _, s := range a.Settings().SocialStrategies() {
		if slices.ContainsFunc(user.ExternalAccounts, func(e auth.ExternalAccount) bool { return e.Provider == s && e.Verified() }) {
			out = append(out, Factor{Strategy: s})
		}
	}
	return out
}

// reachable is where a code can go.
type reachable struct {
	id      auth.IdentificationID
	to      string
	masked  string
	primary bool
}

func emailsOf(u auth.User) (out []reachable) {
	for _, e := range u.Emails {
		if e.Verified() {
			out = append(out, reachable{e.ID, e.Address, auth.MaskEmail(e.Address), e.ID == u.PrimaryEmail})
		}
	}
	return out
}

// phonesOf are the numbers that may be a first factor.
func phonesOf(u auth.User) (out []reachable) {
	for _, p := range u.Phones {
		if p.Verified() && !p.SecondFactor {
			out = append(out, reachable{p.ID, p.Number, auth.MaskPhone(p.Number), p.ID == u.PrimaryPhone})
		}
	}
	return out
}

// byCode offers a strategy for each place. Who typed something else need not
// know where a code goes.
func byCode(s auth.Strategy, identifier string, places []reachable) (out []Factor) {
	for _, p := range places {
		f := Factor{Strategy: s, SafeIdentifier: p.masked, ID: p.id, Primary: p.primary, real: p.id, to: p.to}
		if p.to == identifier {
			f.SafeIdentifier = identifier
		}
		out = append(out, f)
	}
	return out
}

// uniformFactors are the same for every identifier of a kind, whether or not
// it names somebody: the id shown is derived from the identifier.
func (a *Attempts) uniformFactors(attempt auth.SignIn, user auth.User) []Factor {
	identifier := attempt.Identifier
	code, target := Factor{ID: a.pseudoID(identifier), Primary: true, SafeIdentifier: identifier}, kindOf(identifier)
	want, places := identifier, emailsOf(user)
	switch target {
	case byPhone:
		places = phonesOf(user)
	case byUsername: // an address of theirs, whichever it is
		target, code.SafeIdentifier = byEmail, auth.MaskEmail("")
		if e, ok := user.Email(user.PrimaryEmail); ok {
			want = e.Address
		}
	case byEmail:
	}
	for _, p := range places {
		if p.to == want {
			code.real, code.to = p.id, p.to
		}
	}
	if attempt.User == "" && attempt.SignUpIfMissing {
		code.to = identifier
	}
	out, strategies := []Factor{{Strategy: auth.StrategyPassword}}, codeStrategies[target]
	if target == byEmail && a.Settings().EmailLink {
		strategies = append(slices.Clone(strategies), auth.StrategyEmailLink)
	}
	for _, s := range strategies {
		f := code
		f.Strategy = s
		out = append(out, f)
	}
	if a.Settings().Passkeys.Enabled && (a.Settings().EnumerationProtection || attempt.User != "" || !attempt.SignUpIfMissing) {
		out = append(out, Factor{Strategy: auth.StrategyPasskey})
	}
	return out
}

// pseudoID is an identification id that is stable for an identifier and tells
// nothing.
func (a *Attempts) pseudoID(identifier string) auth.IdentificationID {
	h := hmac.New(sha256.New, a.Pepper)
	h.Write([]byte("email factor of "))
	h.Write([]byte(identifier))
	// The instant in the id is the same for all; reading 32 bytes cannot fail.
	id, _ := auth.NewEmailID(time.Unix(1_767_225_600, 0), bytes.NewReader(h.Sum(nil)))
	return id
}

// pick chooses the offered factor with this strategy and, when it is given,
// this id; the primary or default one otherwise.
func pick(offered []Factor, s auth.Strategy, id auth.IdentificationID) (Factor, error) {
	var first *Factor
	for _, f := range offered {
		if f.Strategy != s || (id != "" && f.ID != id) {
			continue
		}
		if f.Primary || f.Default {
			return f, nil
		}
		if first == nil {
			first = &f
		}
	}
	switch {
	case first != nil:
		return *first, nil
	case id != "":
		return Factor{}, auth.RefuseParam(auth.CodeParamInvalid, idParam(s))
	default:
		return Factor{}, auth.RefuseParam(auth.CodeStrategyForUserInvalid, "strategy")
	}
}

// idParam is the parameter that says which identification a code goes to.
func idParam(s auth.Strategy) string {
	if k, _ := channel(s); k == byPhone {
		return "phone_number_id"
	}
	return "email_address_id"
}
