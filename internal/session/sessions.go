package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/token"
)

// Store is what [Sessions] needs of the store; see [ClientStore] for absence
// and concurrency.
type Store interface {
	ClientByID(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error)
	Session(ctx context.Context, id auth.SessionID) (auth.Session, error)
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	Belonging(ctx context.Context, org auth.OrganizationID, user auth.UserID) (auth.Belonging, error)
	// Sessions returns one page and the number of all that match.
	Sessions(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error)
	JWTTemplateByName(ctx context.Context, name string) (auth.JWTTemplate, error)
	Commit(ctx context.Context, change auth.Change) error
}

// Sessions are the operations of a client on its own sessions. A session id is
// only ever looked up within the caller's client or user: somebody else's and
// no session at all are the same answer.
type Sessions struct {
	Store    Store
	Issuer   Issuer
	Claims   Claims
	Now      func() time.Time
	Settings func() auth.Settings
}

// Audience is who a session token is for.
type Audience struct {
	Origin  string // of the web page that asked; empty for native apps
	Version token.ClaimsVersion
}

// Find returns the signed-in session of the caller with this id; the empty id
// is the caller's current session. It refuses with
// [auth.CodeAuthenticationInvalid] once a successful read has shown that there
// is none.
func (s *Sessions) Find(caller Caller, id auth.SessionID) (auth.Session, error) {
	if caller.Standing == Lost {
		return auth.Session{}, fmt.Errorf("find session: client of a genuine credential is not there: %w", auth.ErrUnavailable)
	}
	now := s.Now()
	if id == "" {
		id = caller.Client.LastActive(now)
	}
	found, ok := caller.Client.Session(id)
	if caller.Standing != Known || !ok || !found.SignedIn(now) {
		return auth.Session{}, auth.Refuse(auth.CodeAuthenticationInvalid)
	}
	return found, nil
}

// Get returns a session of the caller in whatever status. It refuses with
// [auth.CodeResourceNotFound].
func (s *Sessions) Get(ctx context.Context, caller Caller, id auth.SessionID) (auth.Session, error) {
	if caller.Standing == Lost {
		return auth.Session{}, fmt.Errorf("get session: client of a genuine credential is not there: %w", auth.ErrUnavailable)
	}
	if found, ok := caller.Client.Session(id); ok {
		found.Status = found.StatusAt(s.Now())
		return found, nil
	}
	found, err := s.Store.Session(ctx, id)
	switch {
	case errors.Is(err, auth.ErrNotFound), err == nil && (found.Client != caller.Client.Client.ID || found.Client == ""):
		return auth.Session{}, auth.Refuse(auth.CodeResourceNotFound)
	case err != nil:
		return auth.Session{}, fmt.Errorf("get session: %w", err)
	}
	found.Status = found.StatusAt(s.Now())
	return found, nil
}

// Owner is the user of a session that its client no longer shows, for whoever
// asks about it. False when there is none any more, or none that can be read:
// what is told of the session itself does not depend on it.
func (s *Sessions) Owner(ctx context.Context, of auth.Session) (auth.User, bool) {
	user, err := s.Store.User(ctx, of.User)
	return user, err == nil
}

// Token returns a token of a session that was found signed in on agg, for the
// organization it acts in.
func (s *Sessions) Token(agg auth.ClientAggregate, found auth.Session, to Audience) (token.Signed, error) {
	b, _ := agg.Active(found)
	return s.tokenIn(agg, found, b, to)
}

// Acting is the session as it is shown and told in tokens, see
// [auth.ClientAggregate.Acting].
func (s *Sessions) Acting(agg auth.ClientAggregate, found auth.Session) auth.Session {
	return agg.Acting(found, s.Settings().Organizations, s.Now())
}

// tokenIn signs for an organization, or for none when b is zero.
func (s *Sessions) tokenIn(agg auth.ClientAggregate, found auth.Session, b auth.Belonging, to Audience) (token.Signed, error) {
	found = s.Acting(agg, found)
	subject := s.Claims.subject(agg, found)
	subject.Acting = b
	return s.Issuer.Session(token.SessionRequest{
		Session: found, AuthorizedParty: to.Origin, Version: to.Version,
		NotBefore: agg.Client.SignedInOrOutAt, Organization: actingIn(b), Custom: s.Settings().SessionClaims.Render(subject),
	})
}

// actingIn is what a token says about the organization a session acts in, nil
// for none.
func actingIn(b auth.Belonging) *token.Organization {
	if b.Organization.ID == "" {
		return nil
	}
	return &token.Organization{
		ID: string(b.Organization.ID), Slug: b.Organization.Slug, Role: b.Role.Key, Permissions: b.Role.Permissions,
	}
}

// Mint returns a token of the caller's session and notes its use. The token is
// for the organization asked for, which is by id or slug one that the user
// belongs to; the empty one is the personal account, and nil the organization
// that the session acts in. A store that can be read but not written does not
// keep anybody from a token: the use is noted another time.
func (s *Sessions) Mint(
	ctx context.Context, caller Caller, id auth.SessionID, org *string, to Audience, a auth.Activity,
) (token.Signed, error) {
	caller, found, err := s.use(ctx, caller, id, a)
	if err != nil {
		return token.Signed{}, err
	}
	if org == nil {
		return s.Token(caller.Client, found, to)
	}
	acting, err := s.chosen(ctx, caller.Client, found, *org, "organization_id")
	if err != nil {
		return token.Signed{}, err
	}
	return s.tokenIn(caller.Client, found, acting, to)
}

// use finds a session of the caller and notes its use.
func (s *Sessions) use(ctx context.Context, caller Caller, id auth.SessionID, a auth.Activity) (Caller, auth.Session, error) {
	found, err := s.Find(caller, id)
	if err != nil {
		return caller, found, err
	}
	used, changed := found.Touch(a, s.Now())
	if !changed {
		return caller, found, nil
	}
	err = s.Store.Commit(ctx, auth.Change{Sessions: []auth.Session{used}})
	switch {
	case errors.Is(err, auth.ErrConflict):
		// Used or ended at the same moment: look again before signing.
		if caller.Client, err = s.Store.ClientByID(ctx, caller.Client.Client.ID); err != nil {
			return caller, found, fmt.Errorf("mint: %w", err)
		}
		found, err = s.Find(caller, id)
		return caller, found, err
	case err != nil && !errors.Is(err, auth.ErrUnavailable):
		return caller, found, fmt.Errorf("mint: %w", err)
	}
	return caller, found, nil
}

// chosen is the membership in the organization that a person names by id or
// slug, the zero one for the empty name. An organization that they do not belong
// to does not exist; but an app goes on to name the one that the session acted
// in until its user was removed, and gets none, by which it learns of it.
func (s *Sessions) chosen(
	ctx context.Context, agg auth.ClientAggregate, found auth.Session, name, param string,
) (b auth.Belonging, err error) {
	if name == "" {
		return b, nil
	}
	for _, b := range agg.Belongings[found.User] {
		if string(b.Organization.ID) == name || b.Organization.Slug == name {
			return b, nil
		}
	}
	// The aggregate shows only so many.
	b, err = s.Store.Belonging(ctx, auth.OrganizationID(name), found.User)
	switch {
	case errors.Is(err, auth.ErrNotFound) && name == string(found.Organization):
		return auth.Belonging{}, nil
	case errors.Is(err, auth.ErrNotFound):
		return b, auth.RefuseParam(auth.CodeResourceNotFound, param)
	}
	return b, err
}

// Touch makes a session of the caller its current one and notes its use. With
// org it acts in another organization from now on: one of the user's, by id or
// slug, or the personal account when empty. Where an organization has to be
// chosen, the empty one changes nothing.
func (s *Sessions) Touch(
	ctx context.Context, caller Caller, id auth.SessionID, org *string, a auth.Activity,
) (out auth.Session, err error) {
	err = s.change(ctx, caller, func(c Caller, now time.Time) (auth.Change, error) {
		found, err := s.Find(c, id)
		if err != nil {
			return auth.Change{}, err
		}
		var change auth.Change
		used, changed := found.Touch(a, now)
		if org != nil {
			acting, err := s.chosen(ctx, c.Client, found, *org, "active_organization_id")
			if err != nil {
				return auth.Change{}, err
			}
			next := used.ActIn(acting.Organization.ID, s.Settings().Organizations, now)
			used, changed = next, changed || next != used
		}
		if out = used; changed {
			change.Sessions = []auth.Session{used}
		}
		if client := c.Client.Client; client.LastActiveSession != id {
			client.LastActiveSession, client.UpdatedAt = id, now
			change.Clients = []auth.Client{client}
		}
		return change, nil
	})
	return out, err
}

// End ends a session of the caller with the given terminal status. One that is
// over already keeps its first ending, and that is a success.
func (s *Sessions) End(ctx context.Context, caller Caller, id auth.SessionID, status auth.SessionStatus) (out auth.Session, err error) {
	if caller.Standing == Nobody {
		return auth.Session{}, auth.Refuse(auth.CodeAuthenticationInvalid)
	}
	err = s.change(ctx, caller, func(c Caller, now time.Time) (auth.Change, error) {
		found, err := s.Get(ctx, c, id)
		if err != nil {
			return auth.Change{}, err
		}
		if out = found; !found.SignedIn(now) {
			return auth.Change{}, nil
		}
		change := c.Client.EndSession(found, status, now)
		out = change.Sessions[0]
		return change, nil
	})
	return out, err
}

// EndAll signs everybody out of the caller's client. Nobody being signed in is
// a success.
func (s *Sessions) EndAll(ctx context.Context, caller Caller) error {
	return s.change(ctx, caller, func(c Caller, now time.Time) (auth.Change, error) {
		if c.Standing != Known || len(c.Client.SignedInSessions(now)) == 0 {
			return auth.Change{}, nil
		}
		return c.Client.EndAll(auth.SessionRemoved, now), nil
	})
}

// Destroy signs everybody out and ends the client itself: its credentials are
// then worth nothing.
func (s *Sessions) Destroy(ctx context.Context, caller Caller) error {
	return s.change(ctx, caller, func(c Caller, now time.Time) (auth.Change, error) {
		if c.Standing != Known || c.Client.Client.Deleted {
			return auth.Change{}, nil
		}
		change := c.Client.EndAll(auth.SessionRemoved, now)
		change.Clients[0].Deleted = true
		change.Clients[0].SignIn, change.Clients[0].SignUp = "", ""
		return change, nil
	})
}

// change decides on the caller's client and commits, again from what is stored
// when somebody was faster.
func (s *Sessions) change(ctx context.Context, caller Caller, decide func(Caller, time.Time) (auth.Change, error)) error {
	if caller.Standing == Lost {
		return fmt.Errorf("client of a genuine credential is not there: %w", auth.ErrUnavailable)
	}
	fresh := true
	return auth.Retry(func() error {
		if !fresh {
			agg, err := s.Store.ClientByID(ctx, caller.Client.Client.ID)
			if err != nil {
				return fmt.Errorf("load client: %w", err)
			}
			caller.Client = agg
		}
		fresh = false
		change, err := decide(caller, s.Now())
		if err != nil || change.Empty() {
			return err
		}
		return s.Store.Commit(ctx, change)
	})
}
