package signin

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// Redeem takes what a browser brought back into the client's current attempt:
// the first factor is proven by it. Redeemed before, it changes nothing.
func (a *Attempts) Redeem(
	ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, flow auth.BrowserFlow, activity auth.Activity,
) (View, error) {
	var out auth.SignIn
	err := a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if out = attempt; err != nil || attempt.CreatedSession != "" || attempt.SecondDue {
			return err
		}
		if i, ok := auth.DecodeIdentity(flow.External); ok {
			out, err = a.redeemExternal(ctx, agg, attempt, i, flow, activity)
			return err
		}
		user, err := a.user(ctx, flow.User)
		if err != nil {
			return err
		}
		attempt.FirstFactor = auth.Verification{
			Strategy: flow.Strategy, Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: flow.FirstFactorAt,
			ExpireAt: flow.ExpireAt,
		}
		attempt, change, err := a.proceed(agg, attempt, user, activity)
		if out = attempt; err != nil {
			return err
		}
		change.BrowserFlows = []auth.BrowserFlow{flow}
		return a.Store.Commit(ctx, change)
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// redeemExternal is [Attempts.Redeem] of whom a provider named.
func (a *Attempts) redeemExternal(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, i auth.ExternalIdentity, flow auth.BrowserFlow, activity auth.Activity,
) (auth.SignIn, error) {
	attempt.FirstFactor = auth.Verification{Strategy: flow.Strategy, ExpireAt: flow.ExpireAt}
	attempt, change, err := a.external(ctx, agg, attempt, i, activity)
	if err != nil {
		return attempt, err
	}
	change.BrowserFlows = []auth.BrowserFlow{flow}
	return attempt, auth.TakenMeanwhile(a.Store.Commit(ctx, change))
}
