package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Passkeys makes the options of sign-ins with a passkey and checks what comes
// of them. Read says whose an answer claims to be; Check proves it and returns
// the key as it is to be kept. What is no answer is refused with
// [auth.CodePasskeyCredentialInvalid], what does not hold with
// [auth.CodePasskeyFailed].
type Passkeys interface {
	Request(rp auth.RelyingParty, allowed []auth.Passkey) (options string, err error)
	Read(credential string) (id []byte, user auth.UserID, err error)
	Check(rp auth.RelyingParty, options, credential string, p auth.Passkey) (auth.PasskeyKey, error)
}

// discoverable begins a sign-in in which the passkey says whose it is: nobody
// has to type anything.
func (a *Attempts) discoverable(ctx context.Context, agg auth.ClientAggregate, r Create) (View, error) {
	if err := agg.MayStart(a.Settings(), a.Now()); err != nil {
		return View{}, err
	}
	challenged, err := a.challenge(r.RelyingParty, nil, auth.PasskeyWaitLifetime)
	if err != nil {
		return View{}, err
	}
	var out auth.SignIn
	err = a.again(ctx, &agg, func() error {
		attempt, client, err := a.begin(agg, subject{})
		if err != nil {
			return err
		}
		attempt.FirstFactor = challenged
		out = attempt
		return a.Store.Commit(ctx, auth.Change{Clients: []auth.Client{client}, SignIns: []auth.SignIn{attempt}})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// challenge begins a proof by one of the passkeys, or by any when there are
// none.
func (a *Attempts) challenge(rp auth.RelyingParty, allowed []auth.Passkey, lifetime time.Duration) (auth.Verification, error) {
	if !a.Settings().Passkeys.Enabled {
		return auth.Verification{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	if err := rp.Usable(); err != nil {
		return auth.Verification{}, err
	}
	options, err := a.Passkeys.Request(rp, allowed)
	return auth.NewPasskeyVerification(options, "", lifetime, a.Now()), err
}

// challengeFor is [Attempts.challenge] for whom the attempt names. With
// enumeration protection it names no passkeys: which there are would tell
// whether there is an account.
func (a *Attempts) challengeFor(rp auth.RelyingParty, user auth.User) (auth.Verification, error) {
	var allowed []auth.Passkey
	if !a.Settings().EnumerationProtection {
		allowed = user.VerifiedPasskeys()
	}
	return a.challenge(rp, allowed, auth.PasskeyLifetime)
}

// attemptPasskey submits the answer of an authenticator. A challenge is used up
// by its first answer, rightly or not, before the outcome is told.
func (a *Attempts) attemptPasskey(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Attempt) (View, error) {
	presented, err := a.present(r)
	if err != nil {
		return View{}, err
	}
	return a.submit(ctx, agg, id, func(agg auth.ClientAggregate, stored auth.SignIn) (_ auth.SignIn, _ auth.Change, refused, err error) {
		if stored.FirstFactor.CodeHash == presented.hash && a.replayed(agg, stored, auth.StrategyPasskey) {
			return stored, auth.Change{}, nil, nil // the same request, served a moment ago
		}
		return a.tryPasskey(ctx, agg, stored, presented, r)
	})
}

// presented is an answer that nothing of is proven yet.
type presented struct {
	credential []byte
	user       auth.UserID // empty when it does not say
	hash       [32]byte
}

func (a *Attempts) present(r Attempt) (presented, error) {
	if r.Credential == "" {
		return presented{}, auth.RefuseParam(auth.CodeParamMissing, "public_key_credential")
	}
	id, user, err := a.Passkeys.Read(r.Credential)
	return presented{id, user, sha256.Sum256([]byte(r.Credential))}, err
}

// tryPasskey decides on an answer. Refused is what to tell once the change is
// stored; err ends the step at once.
func (a *Attempts) tryPasskey(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, p presented, r Attempt,
) (out auth.SignIn, change auth.Change, refused, err error) {
	now := a.Now()
	if attempt.SecondDue || attempt.NewPassword {
		return attempt, change, nil, auth.Refuse(auth.CodeAttemptInvalidState)
	}
	if err := attempt.FirstFactor.AwaitsPasskey(now); err != nil {
		return attempt, change, nil, err
	}
	user, refused, err := a.provePasskey(ctx, attempt.FirstFactor, a.ownerOf(attempt, p), p, r)
	if err != nil {
		return attempt, change, nil, err
	}
	attempt.FirstFactor = attempt.FirstFactor.Answer(refused == nil, p.hash, now)
	attempt.UpdatedAt = now
	if refused != nil {
		return attempt, auth.Change{SignIns: []auth.SignIn{attempt}}, refused, nil
	}
	attempt, change, err = a.proceed(agg, attempt, user, r.Activity)
	return attempt, change, nil, err
}

// ownerOf is whose passkey is to be proven: whom the attempt names, else whom
// the authenticator says. Empty is nobody: an attempt that names an unknown
// account is not taken over by another one's passkey.
func (a *Attempts) ownerOf(attempt auth.SignIn, p presented) auth.UserID {
	switch {
	case attempt.Identifier == "" && attempt.User == "":
		return p.user
	case p.user == "" || p.user == attempt.User:
		return attempt.User
	default:
		return ""
	}
}

// provePasskey checks an answer for a challenge against a passkey of the owner
// and returns the user with the passkey used. A locked account stays locked.
func (a *Attempts) provePasskey(
	ctx context.Context, challenged auth.Verification, owner auth.UserID, p presented, r Attempt,
) (user auth.User, refused, err error) {
	if owner == "" {
		return user, auth.Refuse(auth.CodePasskeyNotRegistered), nil
	}
	user, err = a.Store.User(ctx, owner)
	if errors.Is(err, auth.ErrNotFound) {
		return user, auth.Refuse(auth.CodePasskeyNotRegistered), nil
	}
	if err != nil {
		return user, nil, fmt.Errorf("load user of passkey: %w", err)
	}
	key, ok := user.PasskeyByCredential(p.credential)
	if !ok || !a.Settings().Passkeys.Enabled {
		return user, auth.Refuse(auth.CodePasskeyNotRegistered), nil
	}
	if _, err := a.unlocked(ctx, a.lockKey(user.ID, "")); err != nil {
		return user, nil, err
	}
	proven, err := a.Passkeys.Check(r.RelyingParty, challenged.Nonce, r.Credential, key)
	var refusal *auth.Error
	if errors.As(err, &refusal) {
		return user, refusal, nil
	}
	return user.WithPasskey(key.Used(proven, a.Now())), nil, err
}

// standsForBoth says whether a proven first factor makes a second one needless:
// a passkey is something that its owner has, unlocked by something that they
// know or are.
func (a *Attempts) standsForBoth(proof auth.Verification) bool {
	return proof.Strategy == auth.StrategyPasskey && proof.Status == auth.VerificationVerified &&
		a.Settings().Passkeys.SatisfiesSecondFactor
}

// reverifyPasskey proves a signed-in person again by a passkey of theirs.
func (a *Attempts) reverifyPasskey(ctx context.Context, session auth.Session, r Attempt) (ReverificationView, error) {
	p, err := a.present(r)
	if err != nil {
		return ReverificationView{}, err
	}
	return a.reverify(ctx, session, func(s *step) error {
		proof, _, err := a.due(s, false)
		if err != nil {
			return err
		}
		now := a.Now()
		if err := proof.AwaitsPasskey(now); err != nil {
			return err
		}
		owner := s.user.ID
		if p.user != "" && p.user != owner {
			owner = ""
		}
		user, refused, err := a.provePasskey(ctx, *proof, owner, p, r)
		if err != nil {
			return err
		}
		*proof = proof.Answer(refused == nil, p.hash, now)
		if s.refused, s.changed = refused, true; refused != nil {
			return nil
		}
		s.prove(user, false, a)
		if s.rev.Level == auth.LevelMultiFactor && a.standsForBoth(*proof) {
			s.rev.SecondFactor = *proof
			s.prove(user, true, a)
		}
		return nil
	})
}
