package user

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Self are the operations of signed-in people on their own account. Errors are
// [*auth.Error] refusals, [auth.ErrUnavailable] when the store or the hasher
// cannot answer, or the context's.
type Self struct {
	Store     SelfStore
	Passwords Passwords
	Mail      Composer
	Links     auth.LinkTokens
	// Authenticators make and check the secrets of authenticator apps.
	Authenticators Authenticators
	// Passkeys registers passkeys.
	Passkeys   Passkeys
	DeviceKeys DeviceKeys
	Now        func() time.Time
	Settings   func() auth.Settings
	Pepper     []byte  // keys the lockout records; sign-in uses the same
	Codes      Limiter // of codes sent, per address or number
	Entropy    io.Reader
}

// SelfStore is what [Self] needs of the store. Absent records are
// [auth.ErrNotFound]; Commit is atomic and durable on return.
type SelfStore interface {
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	UserByEmail(ctx context.Context, address string) (auth.User, error) // verified addresses only
	UserByPhone(ctx context.Context, number string) (auth.User, error)  // verified numbers only
	UserByExternal(ctx context.Context, provider auth.Strategy, subject string) (auth.User, error)
	// Sessions returns one page and the number of all that match.
	Sessions(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error)
	Lockout(ctx context.Context, key [32]byte) (auth.Lockout, error)
	Commit(ctx context.Context, c auth.Change) error
}

// Composer seals a notice for the outbox. It does no I/O.
type Composer interface {
	Compose(ctx context.Context, n auth.Notice, now time.Time) (auth.Message, error)
}

// UpdateSelf is a change of one's own account. Nil and empty members stay.
type UpdateSelf struct {
	Profile
	PrimaryEmail auth.EmailID
	PrimaryPhone auth.PhoneID
	UnsafeMeta   json.RawMessage // replaces
}

// Update changes the profile of a user.
func (s *Self) Update(ctx context.Context, id auth.UserID, r UpdateSelf) (auth.User, error) {
	r.ExternalID = nil // belongs to the integrator
	return s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		could := canSignIn(u)
		if r.Username != nil && *r.Username != "" && !s.Settings().Username.On() {
			return u, auth.Change{}, auth.RefuseParam(auth.CodeParamUnknown, "username")
		}
		if err := r.apply(&u); err != nil {
			return u, auth.Change{}, err
		}
		if could && !canSignIn(u) {
			return u, auth.Change{}, auth.Refuse(auth.CodeLastIdentification) // nothing to sign in with would be left
		}
		if r.PrimaryEmail != "" {
			e, ok := u.Email(r.PrimaryEmail)
			if !ok || !e.Verified() {
				return u, auth.Change{}, auth.RefuseParam(auth.CodeResourceNotFound, "primary_email_address_id")
			}
			u.PrimaryEmail = r.PrimaryEmail
		}
		if r.PrimaryPhone != "" {
			p, ok := u.Phone(r.PrimaryPhone)
			if !ok || !p.Verified() {
				return u, auth.Change{}, auth.RefuseParam(auth.CodeResourceNotFound, "primary_phone_number_id")
			}
			u.PrimaryPhone = r.PrimaryPhone
		}
		if r.UnsafeMeta != nil {
			meta, err := auth.ParseMetadata(r.UnsafeMeta, "unsafe_metadata")
			if err != nil {
				return u, auth.Change{}, err
			}
			u.UnsafeMeta = meta
		}
		return u, auth.Change{}, nil
	})
}

// Find returns the account of somebody who is signed in, see [Self.user].
func (s *Self) Find(ctx context.Context, id auth.UserID) (auth.User, error) { return s.user(ctx, id) }

// MergeMetadata merges patch into the metadata that the user may write.
func (s *Self) MergeMetadata(ctx context.Context, id auth.UserID, patch json.RawMessage) (auth.User, error) {
	return s.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		meta, err := auth.MergeMetadata(u.UnsafeMeta, patch, "unsafe_metadata")
		u.UnsafeMeta = meta
		return u, auth.Change{}, err
	})
}

// Delete deletes a user and ends every session of theirs in the same commit. It
// refuses with [auth.CodeAuthorizationInvalid] who may not.
func (s *Self) Delete(ctx context.Context, id auth.UserID) error {
	return auth.Retry(func() error {
		u, err := s.user(ctx, id)
		if err != nil {
			return err
		}
		if !s.Settings().MayDeleteSelf(u) {
			return auth.Refuse(auth.CodeAuthorizationInvalid)
		}
		sessions, err := endings(ctx, s.Store, id, "", s.Now())
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{DeletedUsers: []auth.User{u}, Sessions: sessions, DeletedImages: imagesOf(u)})
	})
}

// change loads the user, decides and commits, again when somebody was faster.
func (s *Self) change(ctx context.Context, id auth.UserID, d decide) (out auth.User, err error) {
	err = auth.Retry(func() error {
		u, err := s.user(ctx, id)
		if err != nil {
			return err
		}
		now := s.Now()
		changed, change, err := d(u, now)
		if err != nil {
			return err
		}
		changed.UpdatedAt = now
		change.Users, out = append(change.Users, changed), changed
		return s.Store.Commit(ctx, change)
	})
	return out, err
}

// user loads the account of somebody whose session was just found. Its absence
// means that both ended meanwhile.
func (s *Self) user(ctx context.Context, id auth.UserID) (auth.User, error) {
	u, err := s.Store.User(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return u, auth.Refuse(auth.CodeAuthenticationInvalid)
	}
	if err != nil {
		return u, fmt.Errorf("load user: %w", err)
	}
	return u, nil
}
