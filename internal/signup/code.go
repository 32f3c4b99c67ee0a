package signup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/perennialauth/perennial/internal/auth"
)

// proof is what an attempt proves by a code: its address or its number.
type proof struct {
	strategy auth.Strategy
	param    string
	to       string
	state    *auth.Verification // of the attempt
}

// proofBy returns what a strategy proves of the attempt, where users have it.
func (a *Attempts) proofBy(attempt *auth.SignUp, s auth.Strategy) (proof, error) {
	set := a.Settings()
	switch {
	case s == auth.StrategyEmailCode && set.Email.On():
		return proof{s, "email_address", attempt.EmailAddress, &attempt.Email}, nil
	case s == auth.StrategyPhoneCode && set.Phone.On():
		return proof{s, "phone_number", attempt.PhoneNumber, &attempt.Phone}, nil
	case s == "":
		return proof{}, auth.RefuseParam(auth.CodeParamMissing, "strategy")
	default:
		return proof{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
}

// Prepare sends the code that proves the attempt's address or number. Asked
// again at once, it answers the same and sends nothing.
func (a *Attempts) Prepare(ctx context.Context, agg auth.ClientAggregate, id auth.SignUpID, s auth.Strategy) (View, error) {
	var out auth.SignUp
	err := a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if err != nil {
			return err
		}
		prepared, messages, err := a.prepare(ctx, attempt, s)
		if out = prepared; err != nil || messages == nil {
			return err
		}
		return a.Store.Commit(ctx, auth.Change{SignUps: []auth.SignUp{prepared}, Messages: messages})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(out), nil
}

// prepare returns the attempt with a fresh code and the message that carries
// it; no message when the request repeats the one just served. A shadow attempt
// gets a code that cannot match, and the owner is told instead.
func (a *Attempts) prepare(ctx context.Context, attempt auth.SignUp, s auth.Strategy) (auth.SignUp, []auth.Message, error) {
	p, err := a.proofBy(&attempt, s)
	if err != nil {
		return attempt, nil, err
	}
	if p.to == "" {
		return attempt, nil, auth.RefuseParam(auth.CodeParamMissing, p.param)
	}
	now := a.Now()
	send, err := p.state.Reprepare(s, "", now)
	if err != nil || !send {
		return attempt, nil, err
	}
	if err := a.Settings().MayText(p.to, p.param); err != nil {
		return attempt, nil, err
	}
	if wait, ok := a.Codes.Take(p.to); !ok {
		return attempt, nil, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
	}
	hash, notice, err := a.code(attempt, p.to)
	if err != nil {
		return attempt, nil, err
	}
	notice.Language = attempt.Locale
	message, err := a.Mail.Compose(ctx, notice, now)
	if err != nil {
		return attempt, nil, fmt.Errorf("compose code: %w", err)
	}
	*p.state = auth.NewCodeVerification(s, "", hash, now)
	if s == auth.StrategyPhoneCode {
		p.state.Channel = "sms"
	}
	attempt.UpdatedAt = now
	return attempt, []auth.Message{message}, nil
}

func (a *Attempts) code(attempt auth.SignUp, to string) (hash [32]byte, n auth.Notice, err error) {
	code, err := auth.NewCode(a.Entropy)
	if err != nil {
		return hash, n, err
	}
	n = auth.Notice{Kind: auth.NoticeVerifyCode, To: to, Code: code, At: a.Now()}
	testing := a.Settings().TestCodes && auth.TestIdentity(to)
	if attempt.Shadow {
		// Random bytes are the hash of no code.
		if _, err := io.ReadFull(a.Entropy, hash[:]); err != nil {
			return hash, n, fmt.Errorf("read entropy for code: %w", err)
		}
		n.Kind, n.Code = auth.NoticeAccountExists, ""
		if testing {
			n = auth.Notice{At: n.At}
		}
		return hash, n, nil
	}
	if testing {
		code, n = auth.TestCode, auth.Notice{At: n.At}
	}
	return auth.HashCode(a.Pepper, codeOwner(attempt.ID, to), code), n, nil
}

// codeOwner binds a code to the attempt and to what it was sent to.
func codeOwner(id auth.SignUpID, to string) string { return string(id) + " " + to }

// Attempt submits a code. Whatever comes of it is stored before it is told:
// parallel guesses cannot pass the limit, and of parallel right ones one
// creates the user while the others see it done.
func (a *Attempts) Attempt(
	ctx context.Context, agg auth.ClientAggregate, id auth.SignUpID, s auth.Strategy, code string, activity auth.Activity,
) (View, error) {
	if code == "" {
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	var (
		out     auth.SignUp
		refused error
	)
	err := a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if err != nil {
			return err
		}
		var change auth.Change
		if out, change, refused, err = a.try(ctx, agg, attempt, s, code, activity); err != nil || change.Empty() {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return View{}, err
	}
	return a.Describe(out), nil
}

// try decides on a submitted code. Refused is what to tell once the change is
// stored; err ends the step at once.
func (a *Attempts) try(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignUp, s auth.Strategy, code string, activity auth.Activity,
) (out auth.SignUp, change auth.Change, refused, err error) {
	p, err := a.proofBy(&attempt, s)
	if err != nil {
		return attempt, change, nil, err
	}
	lockout, err := a.unlocked(ctx, p.to)
	if err != nil {
		return attempt, change, nil, err
	}
	now, before := a.Now(), p.state.Status
	*p.state, refused = p.state.AttemptCode(auth.HashCode(a.Pepper, codeOwner(attempt.ID, p.to), code), now)
	attempt.UpdatedAt = now
	switch {
	case refused != nil && before == auth.VerificationUnverified:
		change = auth.Change{SignUps: []auth.SignUp{attempt}}
		if p.state.Status != auth.VerificationExpired {
			change.Lockouts = []auth.Lockout{lockout.Fail(now)}
		}
		return attempt, change, refused, nil
	case refused != nil || before == auth.VerificationVerified:
		return attempt, change, refused, nil
	}
	attempt, change, err = a.finish(ctx, agg, attempt, s, activity)
	if err == nil && lockout.Version != 0 {
		change.Lockouts = []auth.Lockout{lockout.Clear(now)}
	}
	return attempt, change, nil, err
}

// unlocked returns the counter of wrong codes for an address or number, or
// refuses while it is locked. New attempts for the same one do not start a new count.
func (a *Attempts) unlocked(ctx context.Context, to string) (auth.Lockout, error) {
	key := auth.LockoutKey(a.Pepper, "identifier", to)
	l, err := a.Store.Lockout(ctx, key)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Lockout{Key: key}, nil
	}
	if err != nil {
		return l, fmt.Errorf("read lockout: %w", err)
	}
	if left := l.Locked(a.Now()); left > 0 {
		return l, &auth.Error{Code: auth.CodeUserLocked, Retry: left}
	}
	return l, nil
}
