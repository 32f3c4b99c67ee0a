package browserflow

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// Redeem is what an app presents after the browser came back.
type Redeem struct {
	Nonce    string
	Verifier string
	Activity auth.Activity
}

// Redeem gives the client that began the flow the session that was approved in
// the browser. The same client asking again gets the same answer while that
// session lives. Errors: see [auth.BrowserFlow.Redeem]; [auth.CodeUserBanned].
func (f *Flows) Redeem(ctx context.Context, client auth.ClientID, r Redeem) (session auth.Session, err error) {
	invalid := auth.RefuseParam(auth.CodeParamInvalid, "rotating_token_nonce")
	id, hash, err := f.Nonces.Parse(r.Nonce)
	if err != nil {
		return session, invalid //nolint:nilerr // not ours is an answer
	}
	err = auth.Retry(func() error {
		flow, err := f.Store.BrowserFlow(ctx, id)
		if errors.Is(err, auth.ErrNotFound) {
			return invalid
		}
		if err != nil {
			return fmt.Errorf("redeem browser flow: %w", err)
		}
		flow, first, err := flow.Redeem(auth.Redemption{Client: client, NonceHash: hash, Verifier: r.Verifier}, f.Now())
		if err != nil {
			return err
		}
		agg, err := f.Store.ClientByID(ctx, client)
		if err != nil {
			return fmt.Errorf("read client of browser flow: %w", err)
		}
		var change auth.Change
		if session, change, err = f.outcome(ctx, agg, flow, first, r.Activity); err != nil || !first {
			return err
		}
		// When the session that the app was told of is there, the same app has
		// redeemed the flow in the same instant.
		return auth.TakenMeanwhile(f.Store.Commit(ctx, change))
	})
	return session, err
}

// outcome is the session of a redeemed flow: made now, or the one that was made
// when the flow was redeemed first.
func (f *Flows) outcome(
	ctx context.Context, client auth.ClientAggregate, flow auth.BrowserFlow, first bool, activity auth.Activity,
) (auth.Session, auth.Change, error) {
	const nonce = "rotating_token_nonce"
	now := f.Now()
	if !first {
		session, ok := client.Session(flow.Session)
		if !ok || !session.SignedIn(now) {
			return session, auth.Change{}, auth.RefuseParam(auth.CodeVerificationExpired, nonce)
		}
		return session, auth.Change{}, nil
	}
	user, err := f.Store.User(ctx, flow.User)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Session{}, auth.Change{}, auth.RefuseParam(auth.CodeParamInvalid, nonce)
	}
	if err != nil {
		return auth.Session{}, auth.Change{}, fmt.Errorf("read user of browser flow: %w", err)
	}
	session, change, err := auth.SessionStart{
		Client: client, User: user, Strategy: flow.Strategy, SecondFactor: !flow.SecondFactorAt.IsZero(),
		Activity: activity, Settings: f.Settings(), Now: now, Entropy: f.Entropy,
	}.Change()
	if err != nil {
		return session, change, err
	}
	// The app was told which session it gets, and the proofs are as old as
	// they are.
	session.ID, session.FirstFactorAt, session.SecondFactorAt = flow.Session, flow.FirstFactorAt, flow.SecondFactorAt
	change.Sessions[0], change.Clients[0].LastActiveSession = session, session.ID
	change.BrowserFlows = []auth.BrowserFlow{flow}
	return session, change, nil
}
