package auth

import (
	"fmt"
	"io"
	"time"
)

// SessionStart is what begins a session: a proven first factor of a user on a
// client.
type SessionStart struct {
	Organization OrganizationID // the session acts in it from the start; or empty
	Client       ClientAggregate
	User         User
	Strategy     Strategy
	// SecondFactor says that one was proven, too.
	SecondFactor bool
	// Actor acts in the place of the user, in a session of this lifetime.
	Actor    Actor
	Lifetime time.Duration
	Activity Activity
	Settings Settings
	Now      time.Time
	Entropy  io.Reader
}

// Change returns the new session and the change that makes it durable: the
// session, the client with it as its current one, the user with the sign-in
// noted, and any session it replaces. Storing the user is what makes a ban,
// deletion or password change committed meanwhile win: it moves the user's
// version and this change conflicts.
//
// It refuses banned users with [CodeUserBanned].
func (s SessionStart) Change() (Session, Change, error) {
	if s.User.Banned {
		return Session{}, Change{}, Refuse(CodeUserBanned)
	}
	id, err := NewSessionID(s.Now, s.Entropy)
	if err != nil {
		return Session{}, Change{}, fmt.Errorf("start session: %w", err)
	}
	session := Session{
		ID: id, Client: s.Client.Client.ID, User: s.User.ID, Status: SessionActive,
		FirstFactorAt: s.Now, Activity: s.Activity, LastActiveAt: s.Now,
		ExpireAt: s.Now.Add(SessionLifetime), AbandonAt: s.Now.Add(SessionInactivity),
		CreatedAt: s.Now, UpdatedAt: s.Now,
	}
	if s.SecondFactor {
		session.SecondFactorAt = s.Now
	}
	session.Organization = s.Organization
	session.Tasks = s.Settings.tasksOf(s.User)
	if s.Actor != "" {
		session = s.acting(session)
	}
	session.Tasks = session.Tasks.Set(TaskChooseOrganization, s.Settings.Organizations.Choose(s.Organization))
	if session.Tasks != "" {
		session.Status = SessionPending
	}
	change := Change{Sessions: []Session{session}}
	for _, old := range s.Client.SignedInSessions(s.Now) {
		// One session per user on a client; in single-session mode one at all.
		if s.Settings.SingleSession || old.User == s.User.ID {
			change.Sessions = append(change.Sessions, old.End(SessionReplaced, s.Now))
		}
	}
	client := s.Client.Client
	client.LastActiveSession, client.LastStrategy = id, s.Strategy
	client.SignedInOrOutAt, client.UpdatedAt = s.Now, s.Now
	change.Clients = []Client{client}
	user := s.User
	if s.Actor == "" {
		user.LastSignInAt, user.LastActiveAt = s.Now, s.Now
	}
	change.Users = []User{user}
	return session, change, nil
}

// acting is the session as somebody else has it: short, without any proof of
// the user, and without the tasks that are the user's own.
func (s SessionStart) acting(session Session) Session {
	session.Actor, session.Tasks = s.Actor, ""
	session.FirstFactorAt, session.SecondFactorAt = time.Time{}, time.Time{}
	session.ExpireAt = s.Now.Add(s.Lifetime)
	return session
}

// MayStart says whether a sign-in or sign-up may begin on the client: in
// single-session mode not while somebody is signed in. The error is
// [CodeSessionExists] with the session to use instead.
func (a ClientAggregate) MayStart(set Settings, now time.Time) error {
	if !set.SingleSession {
		return nil
	}
	if id := a.LastActive(now); id != "" {
		return &Error{Code: CodeSessionExists, Meta: map[string]any{"session_id": string(id)}}
	}
	return nil
}

// MayProve refuses a user who is signed in on the client as themself: the error
// is [CodeIdentifierAlreadySignedIn] with the session to use instead.
func (a ClientAggregate) MayProve(user UserID, now time.Time) error {
	for _, s := range a.SignedInSessions(now) {
		if s.User == user && s.Actor == "" {
			return &Error{Code: CodeIdentifierAlreadySignedIn, Meta: map[string]any{"session_id": string(s.ID)}}
		}
	}
	return nil
}

// EndSession returns the change that ends one session of the client.
func (a ClientAggregate) EndSession(s Session, status SessionStatus, now time.Time) Change {
	client := a.Client
	client.SignedInOrOutAt, client.UpdatedAt = now, now
	if client.LastActiveSession == s.ID {
		client.LastActiveSession = ""
	}
	return Change{Clients: []Client{client}, Sessions: []Session{s.End(status, now)}}
}

// EndAll returns the change that ends every session of the client.
func (a ClientAggregate) EndAll(status SessionStatus, now time.Time) Change {
	client := a.Client
	client.LastActiveSession = ""
	client.SignedInOrOutAt, client.UpdatedAt = now, now
	change := Change{Clients: []Client{client}}
	for _, s := range a.SignedInSessions(now) {
		change.Sessions = append(change.Sessions, s.End(status, now))
	}
	return change
}

// Merge returns both changes as one.
func (c Change) Merge(d Change) Change {
	c.Clients = append(c.Clients, d.Clients...)
	c.Tokens = append(c.Tokens, d.Tokens...)
	c.Sessions = append(c.Sessions, d.Sessions...)
	c.Users = append(c.Users, d.Users...)
	c.DeletedUsers = append(c.DeletedUsers, d.DeletedUsers...)
	c.SignIns = append(c.SignIns, d.SignIns...)
	c.SignUps = append(c.SignUps, d.SignUps...)
	c.Reverifications = append(c.Reverifications, d.Reverifications...)
	c.SignInTokens = append(c.SignInTokens, d.SignInTokens...)
	c.Lockouts = append(c.Lockouts, d.Lockouts...)
	c.Messages = append(c.Messages, d.Messages...)
	c.BrowserFlows = append(c.BrowserFlows, d.BrowserFlows...)
	c.EmailLinks = append(c.EmailLinks, d.EmailLinks...)
	c.OAuthFlows = append(c.OAuthFlows, d.OAuthFlows...)
	c.Images = append(c.Images, d.Images...)
	c.DeletedImages = append(c.DeletedImages, d.DeletedImages...)
	c.Organizations = c.Organizations.Merge(d.Organizations)
	c.Admission = c.Admission.Merge(d.Admission)
	return c
}
