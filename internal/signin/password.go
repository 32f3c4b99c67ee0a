package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// proof is a password that was found right for the user as read then.
type proof struct {
	user    auth.User
	lockout auth.Lockout
	upgrade auth.PasswordHash // of the same password at today's cost; empty when not due
}

// provePassword checks a password of a user, or does the same work for nobody,
// outside any transaction. Failures are counted before they are told.
func (a *Attempts) provePassword(ctx context.Context, user auth.User, identifier, plain string) (proof, error) {
	if !a.Settings().EnumerationProtection && user.Password.Empty() {
		return proof{}, auth.RefuseParam(auth.CodeStrategyForUserInvalid, "strategy")
	}
	key := a.lockKey(user.ID, identifier)
	if _, err := a.unlocked(ctx, key); err != nil {
		return proof{}, err
	}
	right, err := a.Passwords.Verify(ctx, user.Password, plain)
	if err != nil {
		return proof{}, fmt.Errorf("verify password: %w", err)
	}
	if !right {
		if err := a.failed(ctx, key); err != nil {
			return proof{}, err
		}
		return proof{}, auth.RefuseParam(auth.CodePasswordIncorrect, "password")
	}
	p := proof{user: user}
	if a.Passwords.Outdated(user.Password) {
		if p.upgrade, err = a.Passwords.Hash(ctx, plain); err != nil {
			return proof{}, fmt.Errorf("upgrade password hash: %w", err)
		}
	}
	// Read again: guesses that ran in parallel may have locked the account, and
	// the one that happened to be right must not get in.
	p.lockout, err = a.unlocked(ctx, key)
	return p, err
}

// createWithPassword is identifier and password in one request.
func (a *Attempts) createWithPassword(ctx context.Context, agg auth.ClientAggregate, who subject, r Create) (View, error) {
	repeat := agg.SignIn != nil && agg.SignIn.Identifier == who.identifier && a.replayed(agg, *agg.SignIn, auth.StrategyPassword)
	if err := a.mayStart(agg, who); err != nil && !repeat {
		return View{}, err
	}
	p, err := a.provePassword(ctx, who.user, who.identifier, r.Password)
	if err != nil {
		return View{}, err
	}
	if repeat {
		return a.Describe(ctx, *agg.SignIn)
	}
	var out auth.SignIn
	err = a.again(ctx, &agg, func() error {
		attempt, _, err := a.begin(agg, who)
		if err != nil {
			return err
		}
		out, err = a.commitPassword(ctx, agg, attempt, &p, r.Activity)
		return err
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// commitPassword ends an attempt with a proven password. After a conflict the
// user is read again, and a password that was changed meanwhile is not proven.
func (a *Attempts) commitPassword(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, p *proof, activity auth.Activity,
) (auth.SignIn, error) {
	now := a.Now()
	attempt.FirstFactor = auth.Verification{
		Strategy: auth.StrategyPassword, Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: now,
	}
	user := p.user
	if !p.upgrade.Empty() {
		user.Password = p.upgrade
	}
	attempt, change, err := a.proceed(agg, attempt, user, activity)
	if err != nil {
		return attempt, err
	}
	change.Lockouts = a.forgive(p.lockout)
	if err = a.Store.Commit(ctx, change); errors.Is(err, auth.ErrConflict) {
		err = a.refreshProof(ctx, p, attempt.Identifier, err)
	}
	return attempt, err
}

// refreshProof reads user and counter again after a conflict and returns the
// conflict, or why the proof no longer holds.
func (a *Attempts) refreshProof(ctx context.Context, p *proof, identifier string, conflict error) error {
	user, readErr := a.user(ctx, p.user.ID)
	if readErr != nil {
		return readErr
	}
	if user.Password != p.user.Password {
		return auth.RefuseParam(auth.CodePasswordIncorrect, "password")
	}
	p.user = user
	if p.lockout, readErr = a.unlocked(ctx, a.lockKey(user.ID, identifier)); readErr != nil {
		return readErr
	}
	return conflict
}

// attemptPassword submits a password to an attempt.
func (a *Attempts) attemptPassword(ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, r Attempt) (View, error) {
	if r.Password == "" {
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "password")
	}
	repeat := a.replayed(agg, attempt, auth.StrategyPassword)
	if attempt.Status(a.Now()) != auth.SignInNeedsFirstFactor && !repeat {
		return View{}, auth.Refuse(auth.CodeAttemptInvalidState)
	}
	var user auth.User
	if attempt.User != "" {
		var err error
		if user, err = a.user(ctx, attempt.User); err != nil {
			return View{}, err
		}
	}
	p, err := a.provePassword(ctx, user, attempt.Identifier, r.Password)
	if err != nil {
		return View{}, err
	}
	if repeat {
		return a.Describe(ctx, attempt)
	}
	err = a.again(ctx, &agg, func() error {
		stored, err := a.current(agg, attempt.ID)
		if err != nil {
			return err
		}
		if attempt = stored; a.replayed(agg, stored, auth.StrategyPassword) {
			return nil // the same request, served a moment ago
		}
		if stored.Status(a.Now()) != auth.SignInNeedsFirstFactor {
			return auth.Refuse(auth.CodeAttemptInvalidState)
		}
		attempt, err = a.commitPassword(ctx, agg, stored, &p, r.Activity)
		return err
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, attempt)
}
