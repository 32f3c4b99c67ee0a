package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/token"
)

// Admin are the operations on sessions and clients for whoever holds the
// secret key. Errors are [*auth.Error] refusals, [auth.ErrNotFound],
// [auth.ErrUnavailable] when the store cannot answer, or the context's.
type Admin struct {
	Store    AdminStore
	Clients  *Clients
	Issuer   Issuer
	Verifier Verifier
	Claims   Claims
	Now      func() time.Time
	Entropy  io.Reader
	Settings func() auth.Settings
}

// AdminStore is what [Admin] needs of the store; see [ClientStore] for absence
// and concurrency.
type AdminStore interface {
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	Session(ctx context.Context, id auth.SessionID) (auth.Session, error)
	Belonging(ctx context.Context, org auth.OrganizationID, user auth.UserID) (auth.Belonging, error)
	JWTTemplateByName(ctx context.Context, name string) (auth.JWTTemplate, error)
	// Sessions returns one page and the number of all that match.
	Sessions(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error)
	ClientByID(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error)
	Commit(ctx context.Context, change auth.Change) error
}

// Issuer signs session tokens.
type Issuer interface {
	Session(r token.SessionRequest) (token.Signed, error)
}

// Verifier checks session tokens.
type Verifier interface {
	Session(text string) (token.SessionClaims, error)
}

// List returns one page of sessions, newest first, each with the status it has
// now, and the number of all that match.
func (a *Admin) List(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error) {
	q.Now = a.Now()
	page, total, err = a.Store.Sessions(ctx, q)
	for i := range page {
		page[i].Status = page[i].StatusAt(q.Now)
	}
	return page, total, err
}

// Get returns one session with the status it has now.
func (a *Admin) Get(ctx context.Context, id auth.SessionID) (auth.Session, error) {
	s, err := a.Store.Session(ctx, id)
	if err != nil {
		return auth.Session{}, err
	}
	s.Status = s.StatusAt(a.Now())
	return s, nil
}

// Verify returns a session that counts as signed in, for a valid session token
// of it; for every other token, and for a session that is over, it returns
// [auth.ErrNotFound].
func (a *Admin) Verify(ctx context.Context, id auth.SessionID, text string) (auth.Session, error) {
	claims, err := a.Verifier.Session(text)
	if err != nil || claims.SessionID != string(id) {
		return auth.Session{}, auth.ErrNotFound
	}
	_, s, err := a.speaking(ctx, id)
	return s, err
}

// Revoke ends a session. One that is over keeps its first ending.
func (a *Admin) Revoke(ctx context.Context, id auth.SessionID) (out auth.Session, err error) {
	err = auth.Retry(func() error {
		s, err := a.Store.Session(ctx, id)
		if err != nil {
			return err
		}
		now := a.Now()
		if out = s.End(auth.SessionRevoked, now); !s.SignedIn(now) {
			return nil
		}
		agg, err := a.Store.ClientByID(ctx, s.Client)
		if err != nil {
			return err
		}
		// The client is written too: browsers learn of a sign-out from its time.
		return a.Store.Commit(ctx, agg.EndSession(s, auth.SessionRevoked, now))
	})
	return out, err
}

// Create starts a session of a user on a client of its own, for tests of the
// integrator's: no device holds a credential of that client. It acts in an
// organization of the user's from the start, unless org is empty. Production
// instances refuse with [auth.CodeInvalidForEnvironment].
func (a *Admin) Create(ctx context.Context, user auth.UserID, org auth.OrganizationID) (out auth.Session, err error) {
	if a.Settings().Production {
		return auth.Session{}, auth.Refuse(auth.CodeInvalidForEnvironment)
	}
	err = auth.Retry(func() error {
		u, err := a.Store.User(ctx, user)
		if errors.Is(err, auth.ErrNotFound) {
			return auth.RefuseParam(auth.CodeResourceNotFound, "user_id")
		}
		if err != nil {
			return err
		}
		if err := a.belongs(ctx, user, org); err != nil {
			return err
		}
		var change auth.Change
		if out, change, err = a.start(u, org); err != nil {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	return out, err
}

// belongs refuses an organization that the user is no member of like one that
// does not exist.
func (a *Admin) belongs(ctx context.Context, user auth.UserID, org auth.OrganizationID) error {
	if org == "" {
		return nil
	}
	_, err := a.Store.Belonging(ctx, org, user)
	if errors.Is(err, auth.ErrNotFound) || !a.Settings().Organizations.Enabled {
		return auth.RefuseParam(auth.CodeResourceNotFound, "active_organization_id")
	}
	return err
}

func (a *Admin) start(u auth.User, org auth.OrganizationID) (auth.Session, auth.Change, error) {
	now := a.Now()
	id, err := auth.NewClientID(now, a.Entropy)
	if err != nil {
		return auth.Session{}, auth.Change{}, err
	}
	client := auth.Client{ID: id, CreatedAt: now, UpdatedAt: now}
	return auth.SessionStart{
		Organization: org, Client: auth.ClientAggregate{Client: client}, User: u, Settings: a.Settings(),
		Now: now, Entropy: a.Entropy,
	}.Change()
}

// Token signs a token of a session that counts as signed in; for any other it
// returns [auth.ErrNotFound].
func (a *Admin) Token(
	ctx context.Context, id auth.SessionID, v token.ClaimsVersion, lifetime time.Duration,
) (token.Signed, error) {
	agg, s, err := a.speaking(ctx, id)
	if err != nil {
		return token.Signed{}, err
	}
	b, _ := agg.Active(s)
	return a.Issuer.Session(token.SessionRequest{
		Session: s, Version: v, Lifetime: lifetime, Organization: actingIn(b),
		Custom: a.Settings().SessionClaims.Render(a.Claims.subject(agg, s)),
	})
}

// Client returns a client that was not deleted, with its signed-in sessions.
func (a *Admin) Client(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error) {
	agg, err := a.Store.ClientByID(ctx, id)
	if err == nil && agg.Client.Deleted {
		return auth.ClientAggregate{}, auth.ErrNotFound
	}
	return a.live(agg), err
}

// VerifyClient returns the client that a client token belongs to, or
// [auth.ErrNotFound]. A genuine token that the store does not know is
// [auth.ErrUnavailable]: nothing may be concluded from it.
func (a *Admin) VerifyClient(ctx context.Context, raw string) (auth.ClientAggregate, error) {
	caller, err := a.Clients.Resolve(ctx, raw)
	if err != nil {
		return auth.ClientAggregate{}, err
	}
	switch caller.Standing {
	case Known:
		return a.live(caller.Client), nil
	case Lost:
		return auth.ClientAggregate{}, fmt.Errorf("genuine credential of an unknown client: %w", auth.ErrUnavailable)
	default:
		return auth.ClientAggregate{}, auth.ErrNotFound
	}
}

func (a *Admin) live(agg auth.ClientAggregate) auth.ClientAggregate {
	now := a.Now()
	agg.Client.LastActiveSession = agg.LastActive(now)
	agg.Sessions = agg.SignedInSessions(now)
	return agg
}
