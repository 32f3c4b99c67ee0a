package sqlstore

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

var signInTokenColumns = columnList(func() string {
	return `id, version, user_id, hash, status, first_factor, actor, session_lifetime, organization_id, expire_at, created_at, updated_at`
})

var (
	signInTokenByID = built(func() string {
		return `SELECT ` + signInTokenColumns.of("t") + ` FROM sign_in_tokens t WHERE t.id = $1`
	})
	signInTokenByHash = built(func() string {
		return `SELECT ` + signInTokenColumns.of("t") + ` FROM sign_in_tokens t WHERE t.hash = $1`
	})
	insertSignInToken = built(func() string { return signInTokenColumns.insert("sign_in_tokens") })
	updateSignInToken = built(func() string {
		return signInTokenColumns.update("sign_in_tokens", "user_id", "hash", "first_factor", "actor", "session_lifetime", "organization_id", "created_at")
	})
)

// SignInToken returns the token with this id.
func (s *Store) SignInToken(ctx context.Context, id auth.SignInTokID) (auth.SignInToken, error) {
	return s.oneSignInToken(ctx, "sign-in token", signInTokenByID, string(id))
}

// SignInTokenByHash returns the token whose ticket has this hash.
func (s *Store) SignInTokenByHash(ctx context.Context, hash [32]byte) (auth.SignInToken, error) {
	return s.oneSignInToken(ctx, "sign-in token by hash", signInTokenByHash, hash[:])
}

func (s *Store) oneSignInToken(ctx context.Context, op string, q *query, arg any) (out auth.SignInToken, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		return found(c.one(q, func(r *row) {
			out = auth.SignInToken{
				ID:              auth.SignInTokID(r.text()),
				Version:         r.int(),
				User:            auth.UserID(r.text()),
				Hash:            r.hash(),
				Status:          auth.SignInTokenStatus(r.text()),
				FirstFactor:     r.bool(),
				Actor:           auth.Actor(r.text()),
				SessionLifetime: time.Duration(r.int()) * time.Second,
				Organization:    auth.OrganizationID(r.text()),
				ExpireAt:        r.instant(),
				CreatedAt:       r.instant(),
				UpdatedAt:       r.instant(),
			}
		}, arg))
	})
	return out, err
}

// putSignInToken never changes what a token is for.
func (c *conn) putSignInToken(t *auth.SignInToken) error {
	return c.put(t.Version, insertSignInToken, updateSignInToken,
		string(t.ID), t.Version, string(t.User), t.Hash[:], string(t.Status), t.FirstFactor,
		string(t.Actor), int64(t.SessionLifetime/time.Second), string(t.Organization), ms(t.ExpireAt), ms(t.CreatedAt), ms(t.UpdatedAt))
}
