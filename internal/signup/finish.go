package signup

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// finish is the change that stores the attempt, and, when nothing is missing
// any more, creates the user and signs them in. A unique index decides who of
// several gets an address.
func (a *Attempts) finish(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignUp, by auth.Strategy, activity auth.Activity,
) (auth.SignUp, auth.Change, error) {
	// Whoever is on the way to a provider, or known there as somebody else's, is
	// not a new user yet.
	elsewhere := attempt.External.Status == auth.VerificationTransferable ||
		(by.External() && attempt.External.Status == auth.VerificationUnverified)
	if len(attempt.Missing(a.Settings()))+len(attempt.Unverified()) > 0 || attempt.Shadow || elsewhere {
		return attempt, auth.Change{SignUps: []auth.SignUp{attempt}}, nil
	}
	user, err := a.newUser(attempt)
	if err != nil {
		return attempt, auth.Change{}, err
	}
	accepted, err := a.accept(ctx, attempt, &user)
	if err != nil {
		return attempt, auth.Change{}, err
	}
	session, change, err := auth.SessionStart{
		Organization: accepted.Organizations.Joined(), Client: agg, User: user, Strategy: lastStrategy(attempt, by), Activity: activity,
		Settings: a.Settings(), Now: a.Now(), Entropy: a.Entropy,
	}.Change()
	if err != nil {
		return attempt, auth.Change{}, err
	}
	attempt.CreatedUser, attempt.CreatedSession = user.ID, session.ID
	attempt.Password = auth.PasswordHash{} // kept with the user now
	change.SignUps = []auth.SignUp{attempt}
	return attempt, change.Merge(accepted), nil
}

// lastStrategy is what the person proved themselves with: the step that
// completed the attempt, if that proved anything.
func lastStrategy(attempt auth.SignUp, by auth.Strategy) auth.Strategy {
	for _, v := range []auth.Verification{attempt.Email, attempt.Phone, attempt.External} {
		if v.Strategy == by && by != "" {
			return by
		}
	}
	for _, v := range []auth.Verification{attempt.External, attempt.Email, attempt.Phone} {
		if v.Status == auth.VerificationVerified {
			return v.Strategy
		}
	}
	return auth.StrategyPassword
}

func (a *Attempts) newUser(attempt auth.SignUp) (auth.User, error) {
	now := a.Now()
	id, err := auth.NewUserID(now, a.Entropy)
	if err != nil {
		return auth.User{}, fmt.Errorf("create user: %w", err)
	}
	empty := json.RawMessage(`{}`)
	user := auth.User{
		ID: id, Username: attempt.Username, FirstName: attempt.FirstName, LastName: attempt.LastName, Password: attempt.Password,
		ExternalID: attempt.ExternalID,
		PublicMeta: empty, PrivateMeta: empty, UnsafeMeta: attempt.UnsafeMeta,
		LegalAcceptedAt: attempt.LegalAcceptedAt, Locale: attempt.Locale, CreatedAt: now, UpdatedAt: now,
	}
	if attempt.EmailAddress != "" {
		if user.PrimaryEmail, err = auth.NewEmailID(now, a.Entropy); err != nil {
			return auth.User{}, fmt.Errorf("create user: %w", err)
		}
		user.Emails = []auth.EmailAddress{{
			ID: user.PrimaryEmail, Address: attempt.EmailAddress, Verification: proven(attempt.Email), CreatedAt: now, UpdatedAt: now,
		}}
	}
	if attempt.PhoneNumber != "" {
		if user.PrimaryPhone, err = auth.NewPhoneID(now, a.Entropy); err != nil {
			return auth.User{}, fmt.Errorf("create user: %w", err)
		}
		user.Phones = []auth.PhoneNumber{{
			ID: user.PrimaryPhone, Number: attempt.PhoneNumber, Verification: proven(attempt.Phone), CreatedAt: now, UpdatedAt: now,
		}}
	}
	if !user.Password.Empty() {
		user.PasswordSetAt = now
	}
	if i, ok := auth.DecodeIdentity(attempt.ExternalAccount); ok && attempt.External.Status == auth.VerificationVerified {
		if user, err = user.Connect(i, now, a.Entropy); err != nil {
			return auth.User{}, fmt.Errorf("create user: %w", err)
		}
	}
	if user.UnsafeMeta == nil {
		user.UnsafeMeta = empty
	}
	return user, nil
}

// proven is the proof as it is kept with the user: the code is used up.
func proven(v auth.Verification) auth.Verification {
	v.CodeHash = [32]byte{}
	return v
}
