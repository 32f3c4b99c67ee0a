package signup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Admin are the operations on sign-up attempts for whoever holds the secret key.
// Errors are [*auth.Error] refusals, [auth.ErrNotFound] for an attempt that does
// not exist, [auth.ErrUnavailable] when the store cannot answer, or the context's.
type Admin struct {
	Store AdminStore
	Now   func() time.Time
}

// AdminStore is what [Admin] needs of the store. Absent records are
// [auth.ErrNotFound]; Commit is atomic and durable on return.
type AdminStore interface {
	SignUp(ctx context.Context, id auth.SignUpID) (auth.SignUp, error)
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	UserByExternalID(ctx context.Context, externalID string) (auth.User, error)
	Commit(ctx context.Context, change auth.Change) error
}

// Note is what a back end notes on an attempt. Nil members stay as they are, an
// empty ExternalID clears.
type Note struct {
	ExternalID   *string
	CustomAction *bool
}

// Get returns an attempt, whatever has become of it, and whether the user that
// it made has a password.
func (a *Admin) Get(ctx context.Context, id auth.SignUpID) (s auth.SignUp, hasPassword bool, err error) {
	if s, err = a.Store.SignUp(ctx, id); err != nil || s.CreatedUser == "" {
		return s, false, err
	}
	u, err := a.Store.User(ctx, s.CreatedUser)
	if errors.Is(err, auth.ErrNotFound) {
		return s, false, nil // deleted since
	}
	return s, !u.Password.Empty(), err
}

// Update notes something on an attempt that goes on. On one that is over it is
// refused with [auth.CodeAttemptInvalidState]: no user would come to have it.
func (a *Admin) Update(ctx context.Context, id auth.SignUpID, n Note) (out auth.SignUp, err error) {
	if err := a.free(ctx, n.ExternalID); err != nil {
		return out, err
	}
	err = auth.Retry(func() error {
		s, err := a.Store.SignUp(ctx, id)
		if err != nil {
			return err
		}
		now := a.Now()
		if s.Status(now) != auth.SignUpMissingRequirements {
			return auth.Refuse(auth.CodeAttemptInvalidState)
		}
		if n.ExternalID != nil {
			s.ExternalID = *n.ExternalID
		}
		if n.CustomAction != nil {
			s.CustomAction = *n.CustomAction
		}
		s.UpdatedAt, out = now, s
		return a.Store.Commit(ctx, auth.Change{SignUps: []auth.SignUp{s}})
	})
	return out, err
}

// free refuses a name that is too long or that a user has. One that is taken
// meanwhile fails the sign-up at its end.
func (a *Admin) free(ctx context.Context, externalID *string) error {
	const param = "external_id"
	if externalID == nil || *externalID == "" {
		return nil
	}
	if len(*externalID) > auth.MaxExternalID {
		return &auth.Error{Code: auth.CodeParamTooLong, Param: param, Meta: map[string]any{"max_length": auth.MaxExternalID}}
	}
	_, err := a.Store.UserByExternalID(ctx, *externalID)
	if err == nil {
		return auth.RefuseParam(auth.CodeIdentifierExists, param)
	}
	if !errors.Is(err, auth.ErrNotFound) {
		return fmt.Errorf("look for external id: %w", err)
	}
	return nil
}
