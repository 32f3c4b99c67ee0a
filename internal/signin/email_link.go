package signin

import (
	"context"
	"fmt"
	"io"

	"github.com/perennialauth/perennial/internal/auth"
)

// PrepareLink sends a link that proves an address of the attempt, in the place
// of a code. Asked again at once, it answers the same and sends nothing.
func (a *Attempts) PrepareLink(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r auth.LinkRequest) (View, error) {
	if err := r.Check(a.Settings()); err != nil {
		return View{}, err
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
		if attempt.Status(a.Now()) != auth.SignInNeedsFirstFactor {
			return auth.Refuse(auth.CodeAttemptInvalidState)
		}
		factor, err := pick(a.factors(attempt, user), auth.StrategyEmailLink, r.About)
		if err != nil {
			return err
		}
		change, err := a.sendLink(ctx, &attempt, factor, r)
		if out = attempt; err != nil || change.Empty() {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// sendLink puts a proof by link into the attempt and returns the change that
// sends it; an empty change when the request repeats the one just served. For
// an identifier that names nobody it does the same, with a link that nobody has.
func (a *Attempts) sendLink(ctx context.Context, attempt *auth.SignIn, factor Factor, r auth.LinkRequest) (change auth.Change, err error) {
	if _, err := a.unlocked(ctx, a.lockKey(attempt.User, attempt.Identifier)); err != nil {
		return change, err
	}
	now := a.Now()
	due, err := attempt.FirstFactor.Reprepare(auth.StrategyEmailLink, factor.real, now)
	if err != nil || !due {
		return change, err
	}
	if wait, ok := a.Codes.Take(string(attempt.User) + "\x00" + attempt.Identifier); !ok {
		return change, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
	}
	link, notice, err := auth.EmailLink{Client: attempt.Client, SignIn: attempt.ID}.Begin(r, factor.to, a.Links, now, a.Entropy)
	if err != nil {
		return change, fmt.Errorf("begin email link: %w", err)
	}
	proven := link.Hash
	if factor.to == "" {
		if _, err := io.ReadFull(a.Entropy, proven[:]); err != nil {
			return change, fmt.Errorf("read entropy for link: %w", err)
		}
		notice = a.absent(*attempt)
	}
	message, err := a.Mail.Compose(ctx, notice, now)
	if err != nil {
		return change, fmt.Errorf("compose link: %w", err)
	}
	attempt.FirstFactor, attempt.UpdatedAt = auth.NewLinkVerification(factor.real, proven, now), now
	return auth.Change{
		SignIns: []auth.SignIn{*attempt}, EmailLinks: []auth.EmailLink{link}, Messages: []auth.Message{message},
	}, nil
}

// FollowLink completes the attempt of a link, on the client that asked for it,
// whichever browser it was followed in. Followed again, it changes nothing.
// Errors: [auth.CodeVerificationExpired] when the attempt waits for another
// proof by now.
func (a *Attempts) FollowLink(
	ctx context.Context, link auth.EmailLink, visitor auth.ClientID, activity auth.Activity,
) (out auth.SignIn, err error) {
	err = auth.Retry(func() error {
		agg, err := a.Store.ClientByID(ctx, link.Client)
		if err != nil {
			return fmt.Errorf("read client of link: %w", err)
		}
		attempt, err := a.current(agg, link.SignIn)
		if err != nil {
			return auth.Refuse(auth.CodeVerificationExpired)
		}
		var done bool
		now := a.Now()
		attempt.FirstFactor, done, err = attempt.FirstFactor.FollowLink(link.Hash, now)
		if out = attempt; err != nil || !done {
			return err
		}
		attempt.FirstFactor.VerifiedBy, attempt.UpdatedAt = string(visitor), now
		user, err := a.user(ctx, attempt.User)
		if err != nil {
			return err
		}
		lockout, err := a.unlocked(ctx, a.lockKey(attempt.User, attempt.Identifier))
		if err != nil {
			return err
		}
		if !holds(user, attempt.FirstFactor.About) {
			return auth.Refuse(auth.CodeVerificationExpired) // removed from the account meanwhile
		}
		var change auth.Change
		if out, change, err = a.proceed(agg, attempt, user, activity); err != nil {
			return err
		}
		link.ConsumedAt, link.UpdatedAt = now, now
		change.EmailLinks, change.Lockouts = []auth.EmailLink{link}, a.forgive(lockout)
		return a.Store.Commit(ctx, change)
	})
	return out, err
}
