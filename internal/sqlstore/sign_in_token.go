package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

const signInTokenColumns = `id, version, user_id, hash, status, expire_at, created_at, updated_at`

var (
	signInTokenByID   = fixed(`SELECT ` + signInTokenColumns + ` FROM sign_in_tokens WHERE id = $1`)
	signInTokenByHash = fixed(`SELECT ` + signInTokenColumns + ` FROM sign_in_tokens WHERE hash = $1`)
	insertSignInToken = fixed(`INSERT INTO sign_in_tokens (` + signInTokenColumns + `)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8)`)
	updateSignInToken = fixed(`UPDATE sign_in_tokens SET version = version + 1, status = $5, expire_at = $6,
		updated_at = $8 WHERE id = $1 AND version = $2`)
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
				ID:        auth.SignInTokID(r.text()),
				Version:   r.int(),
				User:      auth.UserID(r.text()),
				Hash:      r.hash(),
				Status:    auth.SignInTokenStatus(r.text()),
				ExpireAt:  r.instant(),
				CreatedAt: r.instant(),
				UpdatedAt: r.instant(),
			}
		}, arg))
	})
	return out, err
}

// putSignInToken never changes what a token is for.
func (c *conn) putSignInToken(t *auth.SignInToken) error {
	return c.put(t.Version, insertSignInToken, updateSignInToken,
		string(t.ID), t.Version, string(t.User), t.Hash[:], string(t.Status),
		ms(t.ExpireAt), ms(t.CreatedAt), ms(t.UpdatedAt))
}
