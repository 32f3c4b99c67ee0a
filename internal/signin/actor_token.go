package signin

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Bounds of an actor token's life and of the session it begins.
const (
	ActorTokenLifetime      = time.Hour
	MaxActorTokenLifetime   = 30 * 24 * time.Hour
	ActorSessionLifetime    = 30 * time.Minute
	MaxActorSessionLifetime = 30 * 24 * time.Hour
)

// ActorToken asks for a ticket with which somebody acts as a user.
type ActorToken struct {
	User            auth.UserID
	Actor           auth.Actor
	Lifetime        time.Duration // of the ticket
	SessionLifetime time.Duration // of the session, at most
}

// CreateActing returns an actor token and its ticket, which is shown this once.
// The session that it begins names the actor everywhere, and counts as no proof
// of the user.
func (s *SignInTokens) CreateActing(ctx context.Context, r ActorToken) (t auth.SignInToken, ticket string, err error) {
	switch {
	case r.Lifetime <= 0 || r.Lifetime > MaxActorTokenLifetime:
		return t, "", auth.RefuseParam(auth.CodeParamInvalid, "expires_in_seconds")
	case r.SessionLifetime <= 0 || r.SessionLifetime > MaxActorSessionLifetime:
		return t, "", auth.RefuseParam(auth.CodeParamInvalid, "session_max_duration_in_seconds")
	case r.Actor == "":
		return t, "", auth.RefuseParam(auth.CodeParamMissing, "actor")
	}
	now := s.Now()
	id, err := auth.NewActorTokenID(now, s.Entropy)
	if err != nil {
		return t, "", err
	}
	return s.create(ctx, auth.SignInToken{
		ID: id, User: r.User, Actor: r.Actor, SessionLifetime: r.SessionLifetime, ExpireAt: now.Add(r.Lifetime),
	}, now)
}

// RevokeActing is [SignInTokens.Revoke] for an actor token; one that was used is
// refused with [auth.CodeActorTokenNotPending].
func (s *SignInTokens) RevokeActing(ctx context.Context, id auth.SignInTokID) (auth.SignInToken, error) {
	return s.revoke(ctx, id, auth.CodeActorTokenNotPending)
}
