package signup

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// Arrive takes what a trip brought into the attempt that it was for, and
// completes the attempt when nothing else is missing. A reason why nobody was
// proven is kept with the attempt, for the page that the browser goes to.
// Errors: [auth.CodeOAuthStateInvalid] when the attempt waits for another proof
// by now.
func (a *Attempts) Arrive(ctx context.Context, r auth.ExternalArrival, activity auth.Activity) (out auth.SignUp, err error) {
	err = auth.Retry(func() error {
		agg, err := a.Store.ClientByID(ctx, r.Flow.Client)
		if err != nil {
			return fmt.Errorf("read client of trip: %w", err)
		}
		before, err := a.current(agg, r.Flow.SignUp)
		if err != nil || before.External.CodeHash != r.Flow.StateHash {
			return auth.Refuse(auth.CodeOAuthStateInvalid)
		}
		var change auth.Change
		problem := auth.Refuse(r.Problem)
		if r.Problem == "" {
			out = before
			change, err = a.take(ctx, agg, &out, r.Identity, activity)
			if err == nil && out.External.Status == auth.VerificationTransferable {
				err = a.mayProve(ctx, agg, r.Identity)
			}
			if problem = nil; err != nil && !errors.As(err, &problem) {
				return err
			}
		}
		if problem != nil {
			out = before
			out.External, out.UpdatedAt = out.External.Fail(problem), a.Now()
			change = auth.Change{SignUps: []auth.SignUp{out}}
		}
		change.OAuthFlows = []auth.OAuthFlow{r.Flow}
		return auth.TakenMeanwhile(a.Store.Commit(ctx, change))
	})
	return out, err
}

// take is [Attempts.external] with the change that follows.
func (a *Attempts) take(
	ctx context.Context, agg auth.ClientAggregate, attempt *auth.SignUp, i auth.ExternalIdentity, activity auth.Activity,
) (auth.Change, error) {
	if err := a.external(ctx, attempt, i); err != nil {
		return auth.Change{}, err
	}
	if attempt.External.Status == auth.VerificationTransferable {
		return auth.Change{SignUps: []auth.SignUp{*attempt}}, nil
	}
	finished, change, err := a.finish(ctx, agg, *attempt, attempt.External.Strategy, activity)
	*attempt = finished
	return change, err
}

// external sets what a proven account elsewhere says. One that belongs to a
// user, or whose verified address does, is for a sign-in to take over.
func (a *Attempts) external(ctx context.Context, attempt *auth.SignUp, i auth.ExternalIdentity) error {
	now := a.Now()
	owner, err := a.owner(ctx, i)
	if err != nil {
		return err
	}
	attempt.ExternalAccount, attempt.UpdatedAt = i.Encode(), now
	if owner != "" {
		attempt.External = attempt.External.Transfer(auth.CodeExternalAccountExists, now)
		return nil
	}
	if err := a.externalEmail(ctx, attempt, i); err != nil {
		return err
	}
	attempt.External = attempt.External.Arrive(now)
	set := a.Settings()
	if attempt.FirstName == "" && set.FirstName.On() {
		attempt.FirstName = i.FirstName
	}
	if attempt.LastName == "" && set.LastName.On() {
		attempt.LastName = i.LastName
	}
	return nil
}

// mayProve refuses the account of somebody who is signed in on the client.
func (a *Attempts) mayProve(ctx context.Context, agg auth.ClientAggregate, i auth.ExternalIdentity) error {
	owner, err := a.owner(ctx, i)
	if err != nil {
		return err
	}
	return agg.MayProve(owner, a.Now())
}

// owner is the user to whom the account elsewhere, or the address that its
// provider has verified, belongs; empty for nobody.
func (a *Attempts) owner(ctx context.Context, i auth.ExternalIdentity) (auth.UserID, error) {
	user, err := a.Store.UserByExternal(ctx, i.Provider, i.Subject)
	if address := i.VerifiedEmail(); errors.Is(err, auth.ErrNotFound) && address != "" {
		user, err = a.Store.UserByEmail(ctx, address)
	}
	if errors.Is(err, auth.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the owner: %w", err)
	}
	return user.ID, nil
}

// externalEmail sets the address of an account elsewhere where the person has
// given none: proven if the provider has verified it, else still to be proven
// here. One that somebody else has proven is not set: it is not this person's as
// far as anybody knows.
func (a *Attempts) externalEmail(ctx context.Context, attempt *auth.SignUp, i auth.ExternalIdentity) error {
	given := i.EmailAddress
	if given == "" || !a.Settings().Email.On() || (attempt.EmailAddress != "" && attempt.EmailAddress != given) {
		return nil
	}
	if err := a.Admission.Admit(ctx, given); err != nil {
		return err
	}
	if i.VerifiedEmail() == given {
		if attempt.Email.Status != auth.VerificationVerified {
			now := a.Now()
			attempt.EmailAddress, attempt.Shadow = given, false
			attempt.Email = auth.Verification{
				Strategy: auth.FromExternal(i.Provider), Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: now,
				ExpireAt: now.Add(auth.OAuthFlowLifetime),
			}
		}
		return nil
	}
	if attempt.EmailAddress != "" {
		return nil
	}
	_, err := a.Store.UserByEmail(ctx, given)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		attempt.EmailAddress, attempt.Email = given, auth.Verification{}
		return nil
	case err != nil:
		return fmt.Errorf("look for the address: %w", err)
	}
	return nil
}

// begunTrip is the attempt waiting for a trip.
func begunTrip(attempt auth.SignUp, start *auth.OAuthStart) (auth.SignUp, []auth.OAuthFlow) {
	if start == nil {
		return attempt, nil
	}
	flow := start.Flow
	flow.SignUp = attempt.ID
	attempt.External, attempt.ExternalAccount = start.Verification(), nil
	return attempt, []auth.OAuthFlow{flow}
}
