package signup

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// Redeem takes what a browser brought back into the client's current attempt:
// the external account is proven by it, and the attempt is completed when
// nothing else is missing. Redeemed before, it changes nothing.
func (a *Attempts) Redeem(
	ctx context.Context, agg auth.ClientAggregate, id auth.SignUpID, flow auth.BrowserFlow, activity auth.Activity,
) (View, error) {
	var out auth.SignUp
	err := a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if out = attempt; err != nil || attempt.External.Status == auth.VerificationVerified {
			return err
		}
		i, ok := auth.DecodeIdentity(flow.External)
		if !ok {
			return auth.RefuseParam(auth.CodeParamInvalid, "rotating_token_nonce")
		}
		attempt.External = auth.Verification{Strategy: flow.Strategy, ExpireAt: flow.ExpireAt}
		change, err := a.take(ctx, agg, &attempt, i, activity)
		if out = attempt; err != nil {
			return err
		}
		change.BrowserFlows = []auth.BrowserFlow{flow}
		return auth.TakenMeanwhile(a.Store.Commit(ctx, change))
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(out), nil
}
