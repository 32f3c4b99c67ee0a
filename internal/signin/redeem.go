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
		i, ok := auth.DecodeIdentity(flow.External)
		if !ok {
			return auth.RefuseParam(auth.CodeParamInvalid, "rotating_token_nonce")
		}
		attempt.FirstFactor = auth.Verification{Strategy: flow.Strategy, ExpireAt: flow.ExpireAt}
		attempt, change, err := a.external(ctx, agg, attempt, i, activity)
		if out = attempt; err != nil {
			return err
		}
		change.BrowserFlows = []auth.BrowserFlow{flow}
		return auth.TakenMeanwhile(a.Store.Commit(ctx, change))
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}
