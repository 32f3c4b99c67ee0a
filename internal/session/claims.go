package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/token"
)

// Claims are what tokens say of a person besides the published claims.
type Claims struct {
	Signer   TemplateSigner
	ImageURL func(auth.ImageID) string // where an image is served
}

// subject is what values of claims of a session are taken from.
func (c Claims) subject(agg auth.ClientAggregate, s auth.Session) auth.ClaimsSubject {
	acting, _ := agg.Active(s)
	return auth.ClaimsSubject{
		Session: s, User: agg.Users[s.User], Acting: acting, Member: agg.Belongings[s.User], ImageURL: c.ImageURL,
	}
}

// sign makes a token of a template for a session that is signed in. A pending
// session gets none: whoever reads it could not tell that something is left to
// do.
func (c Claims) sign(
	t auth.JWTTemplate, subject auth.ClaimsSubject, origin string, lifetime time.Duration,
) (token.Signed, error) {
	if subject.Session.Status != auth.SessionActive {
		return token.Signed{}, auth.Refuse(auth.CodeResourceNotFound)
	}
	claims, err := auth.RenderClaims(t.Claims, subject)
	if err != nil {
		return token.Signed{}, err
	}
	return c.Signer.Sign(token.TemplateRequest{
		Template: t, User: subject.Session.User, Claims: claims, AuthorizedParty: origin, Lifetime: lifetime,
	})
}

// byName is a template that somebody asks for.
func byName(
	ctx context.Context, store interface {
		JWTTemplateByName(ctx context.Context, name string) (auth.JWTTemplate, error)
	}, name, param string,
) (auth.JWTTemplate, error) {
	t, err := store.JWTTemplateByName(ctx, name)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return t, auth.RefuseParam(auth.CodeResourceNotFound, param)
	case err != nil:
		return t, fmt.Errorf("read token template: %w", err)
	}
	return t, nil
}

// MintTemplate returns a token of the caller's session that a template describes,
// and notes the use of the session.
func (s *Sessions) MintTemplate(
	ctx context.Context, caller Caller, id auth.SessionID, name string, to Audience, a auth.Activity,
) (token.Signed, error) {
	caller, found, err := s.use(ctx, caller, id, a)
	if err != nil {
		return token.Signed{}, err
	}
	t, err := byName(ctx, s.Store, name, "template_name")
	if err != nil {
		return token.Signed{}, err
	}
	return s.Claims.sign(t, s.Claims.subject(caller.Client, s.Acting(caller.Client, found)), to.Origin, 0)
}

// TemplateToken signs a token of a session that a template describes. Lifetime
// replaces that of the template when not zero.
func (a *Admin) TemplateToken(ctx context.Context, id auth.SessionID, name string, lifetime time.Duration) (token.Signed, error) {
	agg, s, err := a.speaking(ctx, id)
	if err != nil {
		return token.Signed{}, err
	}
	t, err := byName(ctx, a.Store, name, "template_name")
	if err != nil {
		return token.Signed{}, err
	}
	return a.Claims.sign(t, a.Claims.subject(agg, s), "", lifetime)
}

// speaking is a session that counts as signed in, with its client; for any other
// it returns [auth.ErrNotFound], because there is no such session to speak for.
func (a *Admin) speaking(ctx context.Context, id auth.SessionID) (auth.ClientAggregate, auth.Session, error) {
	s, err := a.Store.Session(ctx, id)
	if err != nil {
		return auth.ClientAggregate{}, s, err
	}
	now := a.Now()
	if !s.SignedIn(now) {
		return auth.ClientAggregate{}, s, auth.ErrNotFound
	}
	agg, err := a.Store.ClientByID(ctx, s.Client)
	if err != nil {
		return agg, s, fmt.Errorf("read client of session: %w", err)
	}
	if current, ok := agg.Session(id); ok && current.SignedIn(now) {
		return agg, agg.Acting(current, a.Settings().Organizations, now), nil
	}
	return agg, s, auth.ErrNotFound // ended in between
}
