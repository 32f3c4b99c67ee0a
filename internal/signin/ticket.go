package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// byTicket signs the user of a sign-in token in. The token's version decides
// who of several gets in; the same client asking again gets the same answer.
func (a *Attempts) byTicket(ctx context.Context, agg auth.ClientAggregate, r Create) (View, error) {
	if r.Ticket == "" {
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "ticket")
	}
	_, hash, err := a.Tickets.Parse(r.Ticket)
	if err != nil {
		return View{}, auth.RefuseParam(auth.CodeTicketInvalid, "ticket") //nolint:nilerr // not ours is an answer
	}
	var out auth.SignIn
	err = a.again(ctx, &agg, func() error {
		if s := agg.SignIn; s != nil && s.FirstFactor.CodeHash == hash && a.replayed(agg, *s, auth.StrategyTicket) {
			out = *s
			return nil
		}
		if err := agg.MayStart(a.Settings(), a.Now()); err != nil {
			return err
		}
		attempt, change, err := a.consume(ctx, agg, hash, r.Activity)
		if out = attempt; err != nil {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

func (a *Attempts) consume(
	ctx context.Context, agg auth.ClientAggregate, hash [32]byte, activity auth.Activity,
) (auth.SignIn, auth.Change, error) {
	refuse := func(c auth.Code) (auth.SignIn, auth.Change, error) {
		return auth.SignIn{}, auth.Change{}, auth.RefuseParam(c, "ticket")
	}
	ticket, err := a.Store.SignInTokenByHash(ctx, hash)
	if errors.Is(err, auth.ErrNotFound) {
		return refuse(auth.CodeTicketInvalid)
	}
	if err != nil {
		return auth.SignIn{}, auth.Change{}, fmt.Errorf("read ticket: %w", err)
	}
	now := a.Now()
	switch ticket.StatusAt(now) {
	case auth.SignInTokenAccepted:
		return refuse(auth.CodeTicketConsumed)
	case auth.SignInTokenExpired:
		return refuse(auth.CodeTicketExpired)
	case auth.SignInTokenRevoked:
		return refuse(auth.CodeTicketInvalid)
	case auth.SignInTokenPending:
	}
	user, err := a.Store.User(ctx, ticket.User)
	if errors.Is(err, auth.ErrNotFound) {
		return refuse(auth.CodeTicketInvalid)
	}
	if err != nil {
		return auth.SignIn{}, auth.Change{}, fmt.Errorf("read user of ticket: %w", err)
	}
	attempt, _, err := a.begin(agg, subject{identifier: user.Identifier(), user: user})
	if err != nil {
		return attempt, auth.Change{}, err
	}
	attempt.FirstFactor = auth.Verification{
		Strategy: auth.StrategyTicket, Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: now, CodeHash: hash,
	}
	attempt, change, err := a.complete(agg, attempt, user, activity)
	ticket.Status, ticket.UpdatedAt = auth.SignInTokenAccepted, now
	change.SignInTokens = []auth.SignInToken{ticket}
	return attempt, change, err
}
