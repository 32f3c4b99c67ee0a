package user

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// maxExternal bounds the accounts elsewhere of one account.
const maxExternal = 20

// BeginExternal adds an account elsewhere, unproven, with the trip that is to
// prove it. A former one of the same provider that was never proven goes.
func (s *Self) BeginExternal(ctx context.Context, id auth.UserID, start auth.OAuthStart) (auth.ExternalAccount, error) {
	var added auth.ExternalAccount
	_, err := s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		u.ExternalAccounts = slices.DeleteFunc(slices.Clone(u.ExternalAccounts), func(e auth.ExternalAccount) bool {
			return !e.Verified() && e.Provider == start.Flow.Provider
		})
		if len(u.ExternalAccounts) >= maxExternal {
			return u, auth.Change{}, auth.RefuseParam(auth.CodeParamTooLong, "strategy")
		}
		var err error
		added, err = auth.NewExternalAccount(start.Flow.Provider, start.Verification(), now, s.Entropy)
		flow := start.Flow
		flow.User, flow.Account = id, added.ID
		return u.SetExternalAccount(added), auth.Change{OAuthFlows: []auth.OAuthFlow{flow}}, err
	})
	return added, err
}

// ReauthorizeExternal begins a trip that asks the provider of a proven account
// again, for more scopes or after its tokens have ended. What is returned shows
// the trip; the stored account stays proven whatever becomes of it.
func (s *Self) ReauthorizeExternal(
	ctx context.Context, id auth.UserID, which auth.ExternalAccountID, start auth.OAuthStart,
) (auth.ExternalAccount, error) {
	var shown auth.ExternalAccount
	_, err := s.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		account, ok := u.ExternalAccount(which)
		if !ok || account.Provider != start.Flow.Provider {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		flow := start.Flow
		flow.User, flow.Account = id, account.ID
		account.Verification.CodeHash = flow.StateHash // only the newest trip counts
		u, shown = u.SetExternalAccount(account), account
		shown.Verification = start.Verification()
		return u, auth.Change{OAuthFlows: []auth.OAuthFlow{flow}}, nil
	})
	return shown, err
}

// ArriveExternal connects the account that a trip has proven. A reason why it
// was not is kept with the account, for the page that the browser goes to.
// Errors: [auth.CodeOAuthStateInvalid] when the account waits for another trip
// by now, or is gone.
func (s *Self) ArriveExternal(ctx context.Context, r auth.ExternalArrival) (out auth.ExternalAccount, err error) {
	_, err = s.changeExternal(ctx, r.Flow.User, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		change := auth.Change{OAuthFlows: []auth.OAuthFlow{r.Flow}}
		account, ok := u.ExternalAccount(r.Flow.Account)
		if !ok || account.Verification.CodeHash != r.Flow.StateHash {
			return u, change, auth.Refuse(auth.CodeOAuthStateInvalid)
		}
		problem, err := s.mayConnect(ctx, u, account, r)
		if err != nil {
			return u, change, err
		}
		if problem != "" {
			out = failExternal(account, problem, now)
			return u.SetExternalAccount(out), change, nil
		}
		if known, again := u.Knows(r.Identity); again && known.ID != account.ID {
			u, account = u.WithoutExternalAccount(account.ID), known
		}
		out = account.Prove(r.Identity, now)
		u, err = s.proveAddress(ctx, u.SetExternalAccount(out), r.Identity, now)
		return u, change, err
	})
	return out, err
}

// failExternal keeps why a trip brought nothing. An account that was proven
// before stays so.
func failExternal(account auth.ExternalAccount, problem auth.Code, now time.Time) auth.ExternalAccount {
	if account.Verified() {
		account.Verification.ErrorCode, account.Verification.CodeHash = problem, [32]byte{}
	} else {
		account.Verification = account.Verification.Fail(auth.Refuse(problem))
	}
	account.UpdatedAt = now
	return account
}

// mayConnect says why the account must not be connected, if so: it is another
// user's, or another than the one that was asked again.
func (s *Self) mayConnect(ctx context.Context, u auth.User, account auth.ExternalAccount, r auth.ExternalArrival) (auth.Code, error) {
	if r.Problem != "" {
		return r.Problem, nil
	}
	if account.Verified() && account.Subject != r.Identity.Subject {
		return auth.CodeOAuthOtherAccount, nil
	}
	owner, err := s.Store.UserByExternal(ctx, r.Identity.Provider, r.Identity.Subject)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look for the owner: %w", err)
	case owner.ID != u.ID:
		return auth.CodeExternalAccountExists, nil
	}
	return "", nil
}

// ConnectExternal connects the account that an ID token proves.
func (s *Self) ConnectExternal(ctx context.Context, id auth.UserID, i auth.ExternalIdentity) (out auth.ExternalAccount, err error) {
	_, err = s.changeExternal(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		problem, err := s.mayConnect(ctx, u, auth.ExternalAccount{}, auth.ExternalArrival{Identity: i})
		if err == nil && problem != "" {
			err = auth.Refuse(problem)
		}
		if err != nil {
			return u, auth.Change{}, err
		}
		if _, known := u.Knows(i); !known && len(u.ExternalAccounts) >= maxExternal {
			return u, auth.Change{}, auth.RefuseParam(auth.CodeParamTooLong, "strategy")
		}
		if u, err = u.Connect(i, now, s.Entropy); err != nil {
			return u, auth.Change{}, err
		}
		out, _ = u.Knows(i)
		u, err = s.proveAddress(ctx, u, i, now)
		return u, auth.Change{}, err
	})
	return out, err
}

// changeExternal is [Self.change] that decides again when somebody else got the
// account or its address in the same instant.
func (s *Self) changeExternal(ctx context.Context, id auth.UserID, d decide) (auth.User, error) {
	u, err := s.change(ctx, id, d)
	if errors.Is(err, auth.ErrExists) {
		u, err = s.change(ctx, id, d)
	}
	return u, refuseTaken(err)
}

// proveAddress notes that a provider has verified an address of the person, who
// is signed in here: the account has it from now on, unless somebody else has
// proven it.
func (s *Self) proveAddress(ctx context.Context, u auth.User, i auth.ExternalIdentity, now time.Time) (auth.User, error) {
	address := i.VerifiedEmail()
	if address == "" || !s.Settings().Email.On() {
		return u, nil
	}
	_, err := s.Store.UserByEmail(ctx, address)
	if err == nil {
		return u, nil // proven already, by this person or another
	}
	if !errors.Is(err, auth.ErrNotFound) {
		return u, fmt.Errorf("look for the address: %w", err)
	}
	proof := auth.Verification{
		Strategy: auth.FromExternal(i.Provider), Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: now,
		ExpireAt: now.Add(auth.OAuthFlowLifetime),
	}
	u.Emails = slices.Clone(u.Emails)
	for n := range u.Emails {
		if u.Emails[n].Address == address {
			u.Emails[n].Verification, u.Emails[n].UpdatedAt = proof, now
			err := promote(&u, u.Emails[n], false)
			return u, err
		}
	}
	if len(u.Emails) >= maxContacts {
		return u, nil
	}
	id, err := auth.NewEmailID(now, s.Entropy)
	if err != nil {
		return u, err
	}
	added := auth.EmailAddress{ID: id, Address: address, Verification: proof, CreatedAt: now, UpdatedAt: now}
	u.Emails = append(u.Emails, added)
	err = promote(&u, added, false)
	return u, err
}

// DeleteExternal removes an account elsewhere and returns it. The last way to
// sign in stays.
func (s *Self) DeleteExternal(ctx context.Context, id auth.UserID, which auth.ExternalAccountID) (gone auth.ExternalAccount, err error) {
	_, err = s.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		next, account, err := withoutExternal(u, which)
		gone = account
		return next, auth.Change{}, err
	})
	return gone, err
}

// withoutExternal is the user without an account elsewhere, if there is another
// way left to sign in.
func withoutExternal(u auth.User, which auth.ExternalAccountID) (auth.User, auth.ExternalAccount, error) {
	account, ok := u.ExternalAccount(which)
	if !ok {
		return u, account, auth.Refuse(auth.CodeResourceNotFound)
	}
	could, next := canSignIn(u), u.WithoutExternalAccount(which)
	if could && !canSignIn(next) {
		return u, account, auth.Refuse(auth.CodeLastIdentification)
	}
	return next, account, nil
}

// ForgetTokens makes an account elsewhere forget what this instance may do with
// it, and returns it as it was.
func (s *Self) ForgetTokens(ctx context.Context, id auth.UserID, which auth.ExternalAccountID) (u auth.User, was auth.ExternalAccount, err error) {
	u, err = s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		account, ok := u.ExternalAccount(which)
		if was = account; !ok {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		account.Tokens, account.Scopes, account.UpdatedAt = "", "", now
		return u.SetExternalAccount(account), auth.Change{}, nil
	})
	return u, was, err
}
