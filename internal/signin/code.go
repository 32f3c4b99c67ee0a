package signin

import (
	"context"
	"fmt"
	"io"

	"github.com/perennialauth/perennial/internal/auth"
)

// Prepare sends the code of a factor.
type Prepare struct {
	Strategy auth.Strategy
	ID       auth.IdentificationID // as offered; empty for the primary address or number
	// RelyingParty is whom a passkey is asked for.
	RelyingParty auth.RelyingParty
	Device       auth.TrustedDeviceID // that signs the challenge
}

// PrepareFirstFactor sends a code for the attempt, or makes the challenge for a
// passkey. Asked for a code again at once, it answers the same and sends nothing.
func (a *Attempts) PrepareFirstFactor(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Prepare) (View, error) {
	if r.Strategy == auth.StrategyTrustedDevice {
		return a.prepareByDevice(ctx, agg, id, r.Device)
	}
	if _, sends := channel(r.Strategy); !sends && r.Strategy != auth.StrategyPasskey {
		return View{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	var out auth.SignIn
	err := a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if err != nil {
			return err
		}
		var user auth.User
		if attempt.User != "" {
			if user, err = a.user(ctx, attempt.User); err != nil {
				return err
			}
		}
		if st := attempt.Status(a.Now()); st != auth.SignInNeedsFirstFactor && st != auth.SignInNeedsNewPassword {
			return auth.Refuse(auth.CodeAttemptInvalidState)
		}
		prepared, messages, due, err := a.prepare(ctx, attempt, user, r)
		if out = prepared; err != nil || !due {
			return err
		}
		return a.Store.Commit(ctx, auth.Change{SignIns: []auth.SignIn{prepared}, Messages: messages})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// prepare returns the attempt with a fresh code and the message that carries
// it, or with a fresh challenge; due is false when the request repeats the one
// just served. For an identifier that names nobody it does the same, with a code that cannot match.
func (a *Attempts) prepare(
	ctx context.Context, attempt auth.SignIn, user auth.User, r Prepare,
) (out auth.SignIn, messages []auth.Message, due bool, err error) {
	factor, err := pick(a.factors(attempt, user), r.Strategy, r.ID)
	if err != nil {
		return attempt, nil, false, err
	}
	var proof auth.Verification
	if r.Strategy == auth.StrategyPasskey {
		proof, err = a.challengeFor(r.RelyingParty, user)
		due = true
	} else {
		proof, messages, err = a.send(ctx, attempt, attempt.FirstFactor, factor)
		due = messages != nil
	}
	if err != nil || !due {
		return attempt, nil, false, err
	}
	attempt.FirstFactor, attempt.NewPassword, attempt.UpdatedAt = proof, false, a.Now()
	return attempt, messages, true, nil
}

// send begins a proof by a code to the factor and returns it with the message
// that carries the code; no message when the request repeats the one just
// served.
func (a *Attempts) send(
	ctx context.Context, attempt auth.SignIn, before auth.Verification, factor Factor,
) (auth.Verification, []auth.Message, error) {
	if _, err := a.unlocked(ctx, a.lockKey(attempt.User, attempt.Identifier)); err != nil {
		return before, nil, err
	}
	now := a.Now()
	due, err := before.Reprepare(factor.Strategy, factor.real, now)
	if err != nil || !due {
		return before, nil, err
	}
	if err := a.mayText(attempt, factor); err != nil {
		return before, nil, err
	}
	if wait, ok := a.Codes.Take(string(attempt.User) + "\x00" + attempt.Identifier); !ok {
		return before, nil, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
	}
	hash, notice, err := a.code(attempt, factor)
	if err != nil {
		return before, nil, err
	}
	message, err := a.Mail.Compose(ctx, notice, now)
	if err != nil {
		return before, nil, fmt.Errorf("compose code: %w", err)
	}
	proof := auth.NewCodeVerification(factor.Strategy, factor.real, hash, now)
	if k, _ := channel(factor.Strategy); k == byPhone {
		proof.Channel = "sms"
	}
	return proof, []auth.Message{message}, nil
}

// mayText refuses a code to a number of a blocked country. It goes by what was
// given too, so that the answer does not tell whether the number has an account.
func (a *Attempts) mayText(attempt auth.SignIn, f Factor) error {
	if k, _ := channel(f.Strategy); k != byPhone {
		return nil
	}
	if err := a.Settings().MayText(attempt.Identifier, "strategy"); err != nil {
		return err
	}
	return a.Settings().MayText(f.to, "strategy")
}

// code draws a code and returns its hash and the notice that tells it.
func (a *Attempts) code(attempt auth.SignIn, f Factor) (hash [32]byte, n auth.Notice, err error) {
	code, err := auth.NewCode(a.Entropy)
	if err != nil {
		return hash, n, err
	}
	n = auth.Notice{Kind: auth.NoticeVerifyCode, To: f.to, Code: code, At: a.Now()}
	if resets(f.Strategy) {
		n.Kind = auth.NoticeResetCode
	}
	switch {
	case f.to == "":
		// Nobody to prove anything: random bytes are the hash of no code.
		if _, err := io.ReadFull(a.Entropy, hash[:]); err != nil {
			return hash, n, fmt.Errorf("read entropy for code: %w", err)
		}
		return hash, a.absent(attempt), nil
	case a.Settings().TestCodes && auth.TestIdentity(f.to):
		code, n = auth.TestCode, auth.Notice{At: n.At}
	}
	return auth.HashCode(a.Pepper, string(attempt.ID), code), n, nil
}

// holds says whether the user still has the proven identification.
func holds(u auth.User, id auth.IdentificationID) bool {
	if e, ok := u.Email(id); ok {
		return e.Verified()
	}
	p, ok := u.Phone(id)
	return ok && p.Verified()
}

// absent tells the owner of an address, who may just have forgotten which one
// they use, that there is no account. Numbers are told nothing: texts to strangers
// cost money.
func (a *Attempts) absent(attempt auth.SignIn) auth.Notice {
	n := auth.Notice{At: a.Now()}
	testing := a.Settings().TestCodes && auth.TestAddress(attempt.Identifier)
	if _, err := auth.NormalizeEmail(attempt.Identifier, ""); err == nil && attempt.User == "" && !testing {
		n.Kind, n.To = auth.NoticeNoAccount, attempt.Identifier
	}
	return n
}

// attemptCode submits a code to an attempt. Whatever comes of it is stored
// before it is told: parallel guesses cannot pass the limit.
func (a *Attempts) attemptCode(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Attempt) (View, error) {
	if r.Code == "" {
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	return a.submit(ctx, agg, id, func(agg auth.ClientAggregate, stored auth.SignIn) (_ auth.SignIn, _ auth.Change, refused, err error) {
		return a.tryCode(ctx, agg, stored, r)
	})
}

// tryCode decides on a submitted code. Refused is what to tell once the change
// is stored; err ends the step at once.
func (a *Attempts) tryCode(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, r Attempt,
) (out auth.SignIn, change auth.Change, refused, err error) {
	if attempt.FirstFactor.Strategy != r.Strategy || attempt.SecondDue {
		return attempt, change, nil, auth.RefuseParam(auth.CodeVerificationMissing, "code")
	}
	lockout, err := a.unlocked(ctx, a.lockKey(attempt.User, attempt.Identifier))
	if err != nil {
		return attempt, change, nil, err
	}
	now, before := a.Now(), attempt.FirstFactor.Status
	attempt.FirstFactor, refused = attempt.FirstFactor.AttemptCode(auth.HashCode(a.Pepper, string(attempt.ID), r.Code), now)
	attempt.UpdatedAt = now
	switch {
	case refused != nil && before == auth.VerificationUnverified:
		change = auth.Change{SignIns: []auth.SignIn{attempt}}
		if attempt.FirstFactor.Status != auth.VerificationExpired {
			change.Lockouts = []auth.Lockout{lockout.Fail(now)}
		}
		return attempt, change, refused, nil
	case refused != nil || before == auth.VerificationVerified || before == auth.VerificationTransferable:
		return attempt, change, refused, nil
	}
	if attempt.User == "" {
		attempt.FirstFactor.Status = auth.VerificationTransferable // to a sign-up
		return attempt, auth.Change{SignIns: []auth.SignIn{attempt}, Lockouts: a.forgive(lockout)}, nil, nil
	}
	user, err := a.user(ctx, attempt.User)
	if err != nil {
		return attempt, change, nil, err
	}
	if !holds(user, attempt.FirstFactor.About) {
		return attempt, change, nil, auth.Refuse(auth.CodeResourceNotFound) // removed from the account meanwhile
	}
	if resets(r.Strategy) {
		attempt.NewPassword = true
		change = auth.Change{SignIns: []auth.SignIn{attempt}}
	} else if attempt, change, err = a.proceed(agg, attempt, user, r.Activity); err != nil {
		return attempt, change, nil, err
	}
	change.Lockouts = a.forgive(lockout)
	return attempt, change, nil, nil
}
