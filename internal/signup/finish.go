package signup

import (
	"encoding/json"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// finish is the change that stores the attempt, and, when nothing is missing
// any more, creates the user and signs them in. A unique index decides who of
// several gets an address.
func (a *Attempts) finish(agg auth.ClientAggregate, attempt auth.SignUp, activity auth.Activity) (auth.SignUp, auth.Change, error) {
	if len(attempt.Missing(a.Settings()))+len(attempt.Unverified()) > 0 || attempt.Shadow {
		return attempt, auth.Change{SignUps: []auth.SignUp{attempt}}, nil
	}
	user, err := a.newUser(attempt)
	if err != nil {
		return attempt, auth.Change{}, err
	}
	session, change, err := auth.SessionStart{
		Client: agg, User: user, Strategy: attempt.Email.Strategy, Activity: activity,
		Settings: a.Settings(), Now: a.Now(), Entropy: a.Entropy,
	}.Change()
	if err != nil {
		return attempt, auth.Change{}, err
	}
	attempt.CreatedUser, attempt.CreatedSession = user.ID, session.ID
	attempt.Password = auth.PasswordHash{} // kept with the user now
	change.SignUps = []auth.SignUp{attempt}
	return attempt, change, nil
}

func (a *Attempts) newUser(attempt auth.SignUp) (auth.User, error) {
	now := a.Now()
	id, err := auth.NewUserID(now, a.Entropy)
	if err != nil {
		return auth.User{}, fmt.Errorf("create user: %w", err)
	}
	emailID, err := auth.NewEmailID(now, a.Entropy)
	if err != nil {
		return auth.User{}, fmt.Errorf("create user: %w", err)
	}
	proof := attempt.Email
	proof.CodeHash = [32]byte{}
	empty := json.RawMessage(`{}`)
	user := auth.User{
		ID: id, Username: attempt.Username, FirstName: attempt.FirstName, LastName: attempt.LastName,
		Emails: []auth.EmailAddress{{
			ID: emailID, Address: attempt.EmailAddress, Verification: proof, CreatedAt: now, UpdatedAt: now,
		}},
		PrimaryEmail: emailID, Password: attempt.Password,
		PublicMeta: empty, PrivateMeta: empty, UnsafeMeta: attempt.UnsafeMeta,
		LegalAcceptedAt: attempt.LegalAcceptedAt, Locale: attempt.Locale, CreatedAt: now, UpdatedAt: now,
	}
	if !user.Password.Empty() {
		user.PasswordSetAt = now
	}
	if user.UnsafeMeta == nil {
		user.UnsafeMeta = empty
	}
	return user, nil
}
