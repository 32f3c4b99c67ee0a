package signin

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Bounds of a sign-in token's life.
const (
	SignInTokenLifetime    = 30 * 24 * time.Hour // when nothing else is asked for
	MaxSignInTokenLifetime = 10 * 365 * 24 * time.Hour
)

// SignInTokens hands out and revokes sign-in tokens: tickets with which a back
// end lets one user sign in once.
type SignInTokens struct {
	Store   SignInTokenStore
	Tickets TicketMinter
	Now     func() time.Time
	Entropy io.Reader
}

// SignInTokenStore is what [SignInTokens] needs of the store. Absent is
// [auth.ErrNotFound]; Commit is atomic and durable on return.
type SignInTokenStore interface {
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	SignInToken(ctx context.Context, id auth.SignInTokID) (auth.SignInToken, error)
	Commit(ctx context.Context, change auth.Change) error
}

// TicketMinter makes tickets that prove themselves genuine. Only the hash is stored.
type TicketMinter interface {
	New(entropy io.Reader, id auth.SignInTokID) (text string, hash [32]byte, err error)
}

// Create returns a sign-in token of a user and its ticket, which is shown this
// once. The lifetime is bounded by [MaxSignInTokenLifetime].
func (s *SignInTokens) Create(
	ctx context.Context, user auth.UserID, lifetime time.Duration,
) (t auth.SignInToken, ticket string, err error) {
	if lifetime <= 0 || lifetime > MaxSignInTokenLifetime {
		return auth.SignInToken{}, "", auth.RefuseParam(auth.CodeParamInvalid, "expires_in_seconds")
	}
	now := s.Now()
	id, err := auth.NewSignInTokenID(now, s.Entropy)
	if err != nil {
		return auth.SignInToken{}, "", err
	}
	return s.create(ctx, auth.SignInToken{ID: id, User: user, ExpireAt: now.Add(lifetime)}, now)
}

// create stores a token with a ticket.
func (s *SignInTokens) create(ctx context.Context, t auth.SignInToken, now time.Time) (_ auth.SignInToken, ticket string, err error) {
	switch _, err := s.Store.User(ctx, t.User); {
	case errors.Is(err, auth.ErrNotFound):
		return auth.SignInToken{}, "", auth.RefuseParam(auth.CodeResourceNotFound, "user_id")
	case err != nil:
		return auth.SignInToken{}, "", err
	}
	t.Status, t.CreatedAt, t.UpdatedAt = auth.SignInTokenPending, now, now
	if ticket, t.Hash, err = s.Tickets.New(s.Entropy, t.ID); err != nil {
		return auth.SignInToken{}, "", err
	}
	return t, ticket, s.Store.Commit(ctx, auth.Change{SignInTokens: []auth.SignInToken{t}})
}

// Revoke makes a ticket worthless. Revoking again changes nothing; one that
// was used is refused with [auth.CodeSignInTokenNotPending].
func (s *SignInTokens) Revoke(ctx context.Context, id auth.SignInTokID) (auth.SignInToken, error) {
	return s.revoke(ctx, id, auth.CodeSignInTokenNotPending)
}

func (s *SignInTokens) revoke(ctx context.Context, id auth.SignInTokID, used auth.Code) (t auth.SignInToken, err error) {
	err = auth.Retry(func() error {
		if t, err = s.Store.SignInToken(ctx, id); err != nil || t.Status == auth.SignInTokenRevoked {
			return err
		}
		if t.Status == auth.SignInTokenAccepted {
			return auth.Refuse(used)
		}
		t.Status, t.UpdatedAt = auth.SignInTokenRevoked, s.Now()
		// A conflict means that it was used or revoked in between.
		return s.Store.Commit(ctx, auth.Change{SignInTokens: []auth.SignInToken{t}})
	})
	return t, err
}
