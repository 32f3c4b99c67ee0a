package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// BeginExternal begins an attempt on the client, replacing the one it had, with
// a trip to a provider as its first factor.
func (a *Attempts) BeginExternal(ctx context.Context, agg auth.ClientAggregate, start auth.OAuthStart) (View, error) {
	if err := agg.MayStart(a.Settings(), a.Now()); err != nil {
		return View{}, err
	}
	var out auth.SignIn
	err := a.again(ctx, &agg, func() error {
		attempt, client, err := a.begin(agg, subject{})
		if err != nil {
			return err
		}
		attempt.FirstFactor, start.Flow.SignIn = start.Verification(), attempt.ID
		out = attempt
		return a.Store.Commit(ctx, auth.Change{
			Clients: []auth.Client{client}, SignIns: []auth.SignIn{attempt}, OAuthFlows: []auth.OAuthFlow{start.Flow},
		})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// PrepareExternal makes a trip the first factor of the client's current attempt.
// Only the newest trip of an attempt counts.
func (a *Attempts) PrepareExternal(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, start auth.OAuthStart) (View, error) {
	var out auth.SignIn
	err := a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if err != nil {
			return err
		}
		switch attempt.Status(a.Now()) {
		case auth.SignInNeedsFirstFactor, auth.SignInNeedsIdentifier:
		default:
			return auth.Refuse(auth.CodeAttemptInvalidState)
		}
		attempt.FirstFactor, attempt.ExternalAccount, attempt.UpdatedAt = start.Verification(), nil, a.Now()
		start.Flow.SignIn = attempt.ID
		out = attempt
		return a.Store.Commit(ctx, auth.Change{SignIns: []auth.SignIn{attempt}, OAuthFlows: []auth.OAuthFlow{start.Flow}})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// ByIdentity is a whole sign-in by an ID token: strategy is what the app calls
// it. Nobody found is a proof that a sign-up may take over; with Google's own
// prompt it is [auth.CodeExternalAccountNotFound], which apps wait for.
func (a *Attempts) ByIdentity(
	ctx context.Context, agg auth.ClientAggregate, strategy auth.Strategy, i auth.ExternalIdentity, activity auth.Activity,
) (View, error) {
	if err := agg.MayStart(a.Settings(), a.Now()); err != nil {
		return View{}, err
	}
	return a.startExternal(ctx, agg, strategy, i, activity, func(attempt auth.SignIn, change auth.Change) error {
		if strategy == auth.StrategyGoogleOneTap && attempt.FirstFactor.Status == auth.VerificationTransferable {
			return auth.Refuse(auth.CodeExternalAccountNotFound)
		}
		return nil
	})
}

// byTransfer is a whole sign-in by what a sign-up on the same client proved
// about somebody who has an account already.
func (a *Attempts) byTransfer(ctx context.Context, agg auth.ClientAggregate, activity auth.Activity) (View, error) {
	s := agg.SignUp
	if s == nil || !s.External.TransferableAt(a.Now()) || s.Status(a.Now()) == auth.SignUpAbandoned {
		return View{}, auth.RefuseParam(auth.CodeParamInvalid, "transfer")
	}
	i, ok := auth.DecodeIdentity(s.ExternalAccount)
	if !ok {
		return View{}, auth.RefuseParam(auth.CodeParamInvalid, "transfer")
	}
	return a.startExternal(ctx, agg, i.Provider, i, activity, func(_ auth.SignIn, change auth.Change) error {
		change.Clients[0].SignUp = "" // taken over
		return nil
	})
}

// startExternal begins an attempt whose first factor is proven already.
func (a *Attempts) startExternal(
	ctx context.Context, agg auth.ClientAggregate, strategy auth.Strategy, i auth.ExternalIdentity, activity auth.Activity,
	adjust func(auth.SignIn, auth.Change) error,
) (View, error) {
	var out auth.SignIn
	err := a.again(ctx, &agg, func() error {
		attempt, client, err := a.begin(agg, subject{})
		if err != nil {
			return err
		}
		attempt.FirstFactor = auth.Verification{Strategy: strategy, ExpireAt: a.Now().Add(auth.OAuthFlowLifetime)}
		attempt, change, err := a.external(ctx, agg, attempt, i, activity)
		if out = attempt; err != nil {
			return err
		}
		if len(change.Clients) == 0 {
			change.Clients = []auth.Client{client}
		}
		if err := adjust(attempt, change); err != nil {
			return err
		}
		return auth.TakenMeanwhile(a.Store.Commit(ctx, change))
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// Arrive completes the attempt of a trip that ended in the browser that began
// it. A reason why nobody new was proven is kept with the attempt, for the page that
// the browser goes to. Errors: [auth.CodeOAuthStateInvalid] when the attempt
// waits for another proof by now.
func (a *Attempts) Arrive(ctx context.Context, r auth.ExternalArrival, activity auth.Activity) (out auth.SignIn, err error) {
	err = auth.Retry(func() error {
		agg, err := a.Store.ClientByID(ctx, r.Flow.Client)
		if err != nil {
			return fmt.Errorf("read client of trip: %w", err)
		}
		attempt, err := a.current(agg, r.Flow.SignIn)
		if err != nil || attempt.FirstFactor.CodeHash != r.Flow.StateHash {
			return auth.Refuse(auth.CodeOAuthStateInvalid)
		}
		var change auth.Change
		problem := auth.Refuse(r.Problem)
		if r.Problem == "" {
			out, change, err = a.external(ctx, agg, attempt, r.Identity, activity)
			if err == nil {
				err = agg.MayProve(out.User, a.Now())
			}
			if problem = nil; err != nil && !errors.As(err, &problem) {
				return err
			}
		}
		if problem != nil {
			attempt.FirstFactor, attempt.UpdatedAt = attempt.FirstFactor.Fail(problem), a.Now()
			out, change = attempt, auth.Change{SignIns: []auth.SignIn{attempt}}
		}
		change.OAuthFlows = []auth.OAuthFlow{r.Flow}
		return auth.TakenMeanwhile(a.Store.Commit(ctx, change))
	})
	return out, err
}

// external is the change that follows a proven account elsewhere: its owner has
// proven the first factor, or, when there is none, a sign-up may take it over.
func (a *Attempts) external(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, i auth.ExternalIdentity, activity auth.Activity,
) (auth.SignIn, auth.Change, error) {
	now := a.Now()
	if i.EmailAddress != "" && !a.Settings().Restrictions.IgnoreOnSignIn {
		if err := a.Admission.Admit(ctx, i.EmailAddress); err != nil {
			return attempt, auth.Change{}, err
		}
	}
	user, err := a.owner(ctx, i)
	if errors.Is(err, auth.ErrNotFound) {
		attempt.FirstFactor = attempt.FirstFactor.Transfer(auth.CodeExternalAccountNotFound, now)
		attempt.ExternalAccount, attempt.UpdatedAt = i.Encode(), now
		return attempt, auth.Change{SignIns: []auth.SignIn{attempt}}, nil
	}
	if err != nil {
		return attempt, auth.Change{}, err
	}
	if _, err := a.unlocked(ctx, a.lockKey(user.ID, "")); err != nil {
		return attempt, auth.Change{}, err
	}
	if user, err = user.Connect(i, now, a.Entropy); err != nil {
		return attempt, auth.Change{}, err
	}
	attempt.FirstFactor, attempt.ExternalAccount = attempt.FirstFactor.Arrive(now), nil
	return a.proceed(agg, attempt, user, activity)
}

// owner is the user whose account elsewhere this is: who has connected it, or
// who has proven here the very address that the provider has verified. An
// address that only one of the two has verified says nothing.
func (a *Attempts) owner(ctx context.Context, i auth.ExternalIdentity) (auth.User, error) {
	user, err := a.Store.UserByExternal(ctx, i.Provider, i.Subject)
	if address := i.VerifiedEmail(); errors.Is(err, auth.ErrNotFound) && address != "" {
		user, err = a.Store.UserByEmail(ctx, address)
	}
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		return user, fmt.Errorf("look for the owner: %w", err)
	}
	return user, err
}
