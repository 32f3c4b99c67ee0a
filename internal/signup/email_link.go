package signup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/perennialauth/perennial/internal/auth"
)

// PrepareLink sends a link that proves the attempt's address, in the place of a
// code. Asked again at once, it answers the same and sends nothing.
func (a *Attempts) PrepareLink(ctx context.Context, agg auth.ClientAggregate, id auth.SignUpID, r auth.LinkRequest) (View, error) {
	if err := r.Check(a.Settings()); err != nil {
		return View{}, err
	}
	var out auth.SignUp
	err := a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if err != nil {
			return err
		}
		change, err := a.sendLink(ctx, &attempt, r)
		if out = attempt; err != nil || change.Empty() {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(out), nil
}

// sendLink puts a proof by link into the attempt and returns the change that
// sends it; an empty change when the request repeats the one just served. The
// owner of a shadow attempt's address is told instead.
func (a *Attempts) sendLink(ctx context.Context, attempt *auth.SignUp, r auth.LinkRequest) (change auth.Change, err error) {
	if attempt.EmailAddress == "" {
		return change, auth.RefuseParam(auth.CodeParamMissing, "email_address")
	}
	now := a.Now()
	due, err := attempt.Email.Reprepare(auth.StrategyEmailLink, "", now)
	if err != nil || !due {
		return change, err
	}
	if wait, ok := a.Codes.Take(attempt.EmailAddress); !ok {
		return change, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
	}
	link, notice, err := auth.EmailLink{Client: attempt.Client, SignUp: attempt.ID}.Begin(r, attempt.EmailAddress, a.Links, now, a.Entropy)
	if err != nil {
		return change, fmt.Errorf("begin email link: %w", err)
	}
	proven := link.Hash
	if attempt.Shadow {
		if _, err := io.ReadFull(a.Entropy, proven[:]); err != nil {
			return change, fmt.Errorf("read entropy for link: %w", err)
		}
		notice.Kind, notice.Link = auth.NoticeAccountExists, ""
	}
	notice.Language = attempt.Locale
	message, err := a.Mail.Compose(ctx, notice, now)
	if err != nil {
		return change, fmt.Errorf("compose link: %w", err)
	}
	attempt.Email, attempt.UpdatedAt = auth.NewLinkVerification("", proven, now), now
	return auth.Change{
		SignUps: []auth.SignUp{*attempt}, EmailLinks: []auth.EmailLink{link}, Messages: []auth.Message{message},
	}, nil
}

// FollowLink proves the address of the attempt of a link, on the client that
// asked for it, and completes the attempt when nothing else is missing.
// Followed again, it changes nothing. Errors: [auth.CodeVerificationExpired]
// when the attempt waits for another proof by now.
func (a *Attempts) FollowLink(
	ctx context.Context, link auth.EmailLink, visitor auth.ClientID, activity auth.Activity,
) (out auth.SignUp, err error) {
	expired := auth.Refuse(auth.CodeVerificationExpired)
	err = auth.Retry(func() error {
		agg, err := a.Store.ClientByID(ctx, link.Client)
		if err != nil {
			return fmt.Errorf("read client of link: %w", err)
		}
		attempt, err := a.current(agg, link.SignUp)
		if err != nil {
			return expired
		}
		var done bool
		now := a.Now()
		attempt.Email, done, err = attempt.Email.FollowLink(link.Hash, now)
		if out = attempt; err != nil || !done {
			return err
		}
		attempt.Email.VerifiedBy, attempt.UpdatedAt = string(visitor), now
		var change auth.Change
		if out, change, err = a.finish(ctx, agg, attempt, auth.StrategyEmailLink, activity); err != nil {
			return err
		}
		link.ConsumedAt, link.UpdatedAt = now, now
		change.EmailLinks = []auth.EmailLink{link}
		if err = a.Store.Commit(ctx, change); errors.Is(err, auth.ErrExists) {
			return expired // somebody else has proven the address meanwhile
		}
		return err
	})
	return out, err
}
