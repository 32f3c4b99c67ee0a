package signin

import (
	"context"
	"fmt"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
)

// secondFactors are what a user may prove after the first factor; none when
// the user has set up none. Codes by mail are offered beside what was set up
// and never alone ask for anything.
func (a *Attempts) secondFactors(user auth.User) []Factor {
	set := a.Settings().SecondFactors
	out := []Factor{}
	if set.TOTP && user.TOTPEnabled() {
		out = append(out, Factor{Strategy: auth.StrategyTOTP})
	}
	if set.PhoneCode {
		for _, p := range user.SecondFactorPhones() {
			out = append(out, Factor{
				Strategy: auth.StrategyPhoneCode, SafeIdentifier: auth.MaskPhone(p.Number), ID: p.ID,
				Default: p.DefaultSecondFactor, real: p.ID, to: p.Number,
			})
		}
	}
	if len(out) == 0 {
		return nil
	}
	if set.BackupCodes && user.BackupCodeEnabled() {
		out = append(out, Factor{Strategy: auth.StrategyBackupCode})
	}
	if set.EmailCode {
		out = append(out, byCode(auth.StrategyEmailCode, "", emailsOf(user))...)
	}
	return out
}

// secondAfter are those second factors that prove something which the first one
// did not: whoever proved that they read a mailbox proves nothing more by a code
// sent to it.
func (a *Attempts) secondAfter(first auth.Verification, user auth.User) []Factor {
	offered := a.secondFactors(user)
	switch first.Strategy {
	case auth.StrategyEmailCode, auth.StrategyEmailLink, auth.StrategyResetPasswordEmail, auth.StrategyTicket:
		return slices.DeleteFunc(offered, func(f Factor) bool { return f.Strategy == auth.StrategyEmailCode })
	default:
		return offered
	}
}

// PrepareSecondFactor sends the code of a second factor. Asked again at once,
// it answers the same and sends nothing.
func (a *Attempts) PrepareSecondFactor(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Prepare) (View, error) {
	if _, sends := channel(r.Strategy); !sends || resets(r.Strategy) {
		return View{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	var out auth.SignIn
	err := a.again(ctx, &agg, func() error {
		attempt, user, err := a.second(ctx, agg, id)
		if out = attempt; err != nil {
			return err
		}
		factor, err := pick(a.secondAfter(attempt.FirstFactor, user), r.Strategy, r.ID)
		if err != nil {
			return err
		}
		proof, messages, err := a.send(ctx, attempt, attempt.SecondFactor, factor)
		if err != nil || messages == nil {
			return err
		}
		attempt.SecondFactor, attempt.UpdatedAt = proof, a.Now()
		out = attempt
		return a.Store.Commit(ctx, auth.Change{SignIns: []auth.SignIn{attempt}, Messages: messages})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// AttemptSecondFactor submits a proof that follows the first factor. Whatever
// comes of it is stored before it is told. The proof that just succeeded,
// submitted again, gets the same answer.
func (a *Attempts) AttemptSecondFactor(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Attempt) (View, error) {
	switch {
	case r.Strategy == "":
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "strategy")
	case r.Code == "":
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	return a.submit(ctx, agg, id, func(agg auth.ClientAggregate, stored auth.SignIn) (_ auth.SignIn, _ auth.Change, refused, err error) {
		if a.repeatsSecond(agg, stored, r) {
			return stored, auth.Change{}, nil, nil
		}
		attempt, user, err := a.second(ctx, agg, id)
		if err != nil {
			return stored, auth.Change{}, nil, err
		}
		return a.trySecond(ctx, agg, attempt, user, r)
	})
}

// repeatsSecond says whether the attempt was completed a moment ago by this
// very proof.
func (a *Attempts) repeatsSecond(agg auth.ClientAggregate, attempt auth.SignIn, r Attempt) bool {
	done := attempt.SecondFactor
	return done.Strategy == r.Strategy && a.replayed(agg, attempt, attempt.FirstFactor.Strategy) &&
		done.CodeHash == auth.HashCode(a.Pepper, string(attempt.ID), r.Code)
}

// second returns an attempt that waits for its second factor, and its user.
// A first factor that was proven too long ago, or with a password that was
// changed since, is worth nothing any more.
func (a *Attempts) second(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID) (auth.SignIn, auth.User, error) {
	attempt, err := a.current(agg, id)
	if err != nil {
		return attempt, auth.User{}, err
	}
	if attempt.Status(a.Now()) != auth.SignInNeedsSecondFactor {
		return attempt, auth.User{}, auth.Refuse(auth.CodeAttemptInvalidState)
	}
	user, err := a.user(ctx, attempt.User)
	if err != nil {
		return attempt, user, err
	}
	first := attempt.FirstFactor
	stale := first.Strategy == auth.StrategyPassword && user.PasswordSetAt.After(first.VerifiedAt)
	if stale || a.Now().Sub(first.VerifiedAt) > auth.SecondFactorLifetime {
		return attempt, user, auth.RefuseParam(auth.CodeVerificationExpired, "code")
	}
	return attempt, user, nil
}

// trySecond decides on a submitted second factor. Refused is what to tell once
// the change is stored; err ends the step at once.
func (a *Attempts) trySecond(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, user auth.User, r Attempt,
) (out auth.SignIn, change auth.Change, refused, err error) {
	if _, err := pick(a.secondAfter(attempt.FirstFactor, user), r.Strategy, ""); err != nil {
		return attempt, change, nil, err
	}
	lockout, err := a.unlocked(ctx, a.lockKey(attempt.User, attempt.Identifier))
	if err != nil {
		return attempt, change, nil, err
	}
	now := a.Now()
	proof := auth.SecondProof{
		Strategy: r.Strategy, Code: r.Code, Pepper: a.Pepper, Owner: string(attempt.ID), Now: now, Match: a.Authenticators.Match,
	}
	user, attempt.SecondFactor, refused, err = proof.Try(user, attempt.SecondFactor)
	if err != nil {
		return attempt, change, nil, fmt.Errorf("second factor: %w", err)
	}
	attempt.UpdatedAt = now
	if refused != nil {
		change = auth.Change{SignIns: []auth.SignIn{attempt}}
		if attempt.SecondFactor.Status != auth.VerificationExpired {
			change.Lockouts = []auth.Lockout{lockout.Fail(now)}
		}
		return attempt, change, refused, nil
	}
	attempt, change, err = a.complete(agg, attempt, user, r.Activity)
	if err == nil {
		change.Lockouts = a.forgive(lockout)
	}
	return attempt, change, nil, err
}
