package signin

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// Attempt is a submitted proof.
type Attempt struct {
	Strategy auth.Strategy
	Password string
	Code     string
	// Credential is what an authenticator made of a challenge, as JSON, and
	// RelyingParty whom it may be made for.
	Credential   string
	RelyingParty auth.RelyingParty
	Device       SignedByDevice
	Activity     auth.Activity
}

// AttemptFirstFactor submits a proof to the client's current attempt. The
// proof that just succeeded, submitted again, gets the same answer.
func (a *Attempts) AttemptFirstFactor(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Attempt) (View, error) {
	attempt, err := a.current(agg, id)
	if err != nil {
		return View{}, err
	}
	switch r.Strategy {
	case auth.StrategyPassword:
		return a.attemptPassword(ctx, agg, attempt, r)
	case auth.StrategyEmailCode, auth.StrategyPhoneCode, auth.StrategyResetPasswordEmail, auth.StrategyResetPasswordPhone:
		return a.attemptCode(ctx, agg, id, r)
	case auth.StrategyPasskey:
		return a.attemptPasskey(ctx, agg, id, r)
	case auth.StrategyTrustedDevice:
		return a.attemptByDevice(ctx, agg, id, r)
	case "":
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "strategy")
	default:
		return View{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
}
