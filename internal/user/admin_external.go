package user

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// DeleteExternal removes an account elsewhere of a user. The last way to sign in
// stays.
func (a *Admin) DeleteExternal(ctx context.Context, id auth.UserID, which auth.ExternalAccountID) error {
	_, err := a.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		next, _, err := withoutExternal(u, which)
		return next, auth.Change{}, err
	})
	return err
}

// KeepTokens stores the tokens that a provider handed out for an account of a
// user in the place of those that had ended. An account that is gone meanwhile
// keeps nothing.
func (a *Admin) KeepTokens(ctx context.Context, id auth.UserID, renewed auth.ExternalAccount) error {
	_, err := a.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		account, ok := u.ExternalAccount(renewed.ID)
		if !ok {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		account.Tokens, account.UpdatedAt = renewed.Tokens, now
		return u.SetExternalAccount(account), auth.Change{}, nil
	})
	return err
}
