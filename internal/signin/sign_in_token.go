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
	// Settings say whether there are organizations.
	Settings func() auth.Settings
}

// SignInTokenStore is what [SignInTokens] needs of the store. Absent is
// [auth.ErrNotFound]; Commit is atomic and durable on return.
type SignInTokenStore interface {
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	Belonging(ctx context.Context, org auth.OrganizationID, user auth.UserID) (auth.Belonging, error)
	SignInToken(ctx context.Context, id auth.SignInTokID) (auth.SignInToken, error)
	Commit(ctx context.Context, change auth.Change) error
}

// TicketMinter makes tickets that prove themselves genuine. Only the hash is stored.
type TicketMinter interface {
	New(entropy io.Reader, id auth.SignInTokID) (text string, hash [32]byte, err error)
}

// NewSignInToken asks for a ticket with which a user signs in.
type NewSignInToken struct {
	User         auth.UserID
	Organization auth.OrganizationID // the session acts in it; or empty
	Lifetime     time.Duration
}

// Create returns a sign-in token of a user and its ticket, which is shown this
// once. The lifetime is bounded by [MaxSignInTokenLifetime], and the user must
// be a member of the organization.
func (s *SignInTokens) Create(ctx context.Context, r NewSignInToken) (t auth.SignInToken, ticket string, err error) {
	if r.Lifetime <= 0 || r.Lifetime > MaxSignInTokenLifetime {
		return auth.SignInToken{}, "", auth.RefuseParam(auth.CodeParamInvalid, "expires_in_seconds")
	}
	now := s.Now()
	id, err := auth.NewSignInTokenID(now, s.Entropy)
	if err != nil {
		return auth.SignInToken{}, "", err
	}
	if r.Organization != "" {
		if err := s.belongs(ctx, r); err != nil {
			return auth.SignInToken{}, "", err
		}
	}
	return s.create(ctx, auth.SignInToken{ID: id, User: r.User, Organization: r.Organization, ExpireAt: now.Add(r.Lifetime)}, now)
}

// belongs refuses an organization that the user is no member of like one that
// does not exist.
func (s *SignInTokens) belongs(ctx context.Context, r NewSignInToken) error {
	if !s.Settings().Organizations.Enabled {
		return auth.Refuse(auth.CodeOrganizationsDisabled)
	}
	_, err := s.Store.Belonging(ctx, r.Organization, r.User)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.RefuseParam(auth.CodeResourceNotFound, "org_id")
	}
	return err
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
