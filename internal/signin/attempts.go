package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Attempts are the steps of signing in on a client. It is safe for concurrent
// use. Errors are [*auth.Error] refusals, [auth.ErrUnavailable] when the store
// or the hasher cannot answer, or the context's.
type Attempts struct {
	Store     Store
	Passwords Passwords
	Tickets   TicketReader
	Links     auth.LinkTokens
	Mail      Composer
	// Invitations say what a ticket stands for, and Admission who may be here.
	Invitations Invitations
	Admission   Admission
	// Authenticators check the codes of authenticator apps.
	Authenticators Authenticators
	Passkeys       Passkeys
	DeviceKeys     DeviceKeys
	Codes          Limiter // of codes sent, per account or identifier
	Now            func() time.Time
	Entropy        io.Reader
	Settings       func() auth.Settings
	Pepper         []byte // key of code hashes and lockout keys
}

// Store is what [Attempts] needs of the store. Absent records are
// [auth.ErrNotFound], after a successful read only. Commit is atomic and
// durable on return. Safe for concurrent use; results are the caller's.
type Store interface {
	Users
	ClientByID(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error)
	Belonging(ctx context.Context, org auth.OrganizationID, user auth.UserID) (auth.Belonging, error)
	SignInTokenByHash(ctx context.Context, hash [32]byte) (auth.SignInToken, error)
	Lockout(ctx context.Context, key [32]byte) (auth.Lockout, error)
	Reverification(ctx context.Context, session auth.SessionID) (auth.Reverification, error)
	Sessions(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error)
	Commit(ctx context.Context, change auth.Change) error
}

// Users finds users; by email only through a verified address.
type Users interface {
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	UserByEmail(ctx context.Context, address string) (auth.User, error)
	UserByUsername(ctx context.Context, username string) (auth.User, error)
	UserByTrustedDevice(ctx context.Context, id auth.TrustedDeviceID) (auth.User, error)
	UserByPhone(ctx context.Context, number string) (auth.User, error) // verified numbers only
	UserByExternal(ctx context.Context, provider auth.Strategy, subject string) (auth.User, error)
}

// Authenticators say whether a code is one of a sealed secret at now, and of
// which time step.
type Authenticators interface {
	Match(user auth.UserID, sealed []byte, code string, now time.Time) (step int64, ok bool, err error)
}

// Passwords hashes and judges passwords. Verify does the same work for the
// empty hash as for any other and is false for it. A full queue is
// [auth.ErrUnavailable].
type Passwords interface {
	Hash(ctx context.Context, plain string) (auth.PasswordHash, error)
	Verify(ctx context.Context, hash auth.PasswordHash, plain string) (bool, error)
	CheckNew(set auth.PasswordSettings, plain, param string) error
	Outdated(hash auth.PasswordHash) bool
}

// TicketReader recognises tickets without asking any store.
type TicketReader interface {
	Owner(text string) (owner string, hash [32]byte, err error)
}

// Invitations say what the ticket of an invitation stands for. Invitee refuses
// with [auth.CodeTicketInvalid], [auth.CodeTicketExpired] or
// [auth.CodeTicketConsumed]; Accept returns what is to be committed with the
// proof.
type Invitations interface {
	Invitee(ctx context.Context, hash [32]byte) (auth.Invitee, error)
	Accept(ctx context.Context, id auth.InvitationID, user auth.User) (auth.Change, error)
}

// Admission refuses addresses and numbers that the instance does not want, with
// [auth.CodeNotAllowedAccess].
type Admission interface {
	Admit(ctx context.Context, identifier string) error
}

// Composer seals a notice for the outbox. It does no I/O.
type Composer interface {
	Compose(ctx context.Context, n auth.Notice, now time.Time) (auth.Message, error)
}

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// View is an attempt with what it offers.
type View struct {
	Attempt auth.SignIn
	Status  auth.SignInStatus
	Factors []Factor // first factors; nil while there is no identifier
	// SecondFactors are those that may follow, nil unless one is due.
	SecondFactors []Factor
	User          *auth.User // whom the attempt may show; nil when it may not
	Owner         auth.User  // whose attempt it is, shown or not; of nobody when unknown
}

// Get returns the client's current attempt if it has this id and is not
// abandoned, else [auth.CodeResourceNotFound].
func (a *Attempts) Get(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID) (View, error) {
	attempt, err := a.current(agg, id)
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, attempt)
}

func (a *Attempts) current(agg auth.ClientAggregate, id auth.SignInID) (auth.SignIn, error) {
	if agg.SignIn == nil || agg.SignIn.ID != id || agg.SignIn.Status(a.Now()) == auth.SignInAbandoned {
		return auth.SignIn{}, auth.Refuse(auth.CodeResourceNotFound)
	}
	return *agg.SignIn, nil
}

// begin returns a fresh attempt on the client, and the client pointing at it.
func (a *Attempts) begin(agg auth.ClientAggregate, subject subject) (auth.SignIn, auth.Client, error) {
	now := a.Now()
	id, err := auth.NewSignInID(now, a.Entropy)
	if err != nil {
		return auth.SignIn{}, auth.Client{}, fmt.Errorf("begin sign-in: %w", err)
	}
	client := agg.Client
	client.SignIn, client.UpdatedAt = id, now
	return auth.SignIn{
		ID: id, Client: client.ID, Identifier: subject.identifier, User: subject.user.ID,
		AbandonAt: now.Add(auth.AttemptLifetime), CreatedAt: now, UpdatedAt: now,
	}, client, nil
}

// proceed is the change that follows a proven first factor: a second factor is
// due, or the attempt ends with a session of user.
func (a *Attempts) proceed(
	agg auth.ClientAggregate, attempt auth.SignIn, user auth.User, activity auth.Activity,
) (auth.SignIn, auth.Change, error) {
	if len(a.secondFactors(user)) == 0 || a.standsForBoth(attempt.FirstFactor) {
		return a.complete(agg, attempt, user, activity)
	}
	if user.Banned {
		return attempt, auth.Change{}, auth.Refuse(auth.CodeUserBanned)
	}
	attempt.SecondDue, attempt.NewPassword, attempt.UpdatedAt = true, false, a.Now()
	attempt.User, attempt.SecondFactor = user.ID, auth.Verification{}
	client := agg.Client
	client.SignIn, client.UpdatedAt = attempt.ID, attempt.UpdatedAt
	// Storing the user makes a ban or a changed password committed meanwhile win.
	return attempt, auth.Change{
		Clients: []auth.Client{client}, SignIns: []auth.SignIn{attempt}, Users: []auth.User{user},
	}, nil
}

// complete is the change that ends an attempt with a session of user.
func (a *Attempts) complete(
	agg auth.ClientAggregate, attempt auth.SignIn, user auth.User, activity auth.Activity,
) (auth.SignIn, auth.Change, error) {
	user = noteSecondFactor(user, attempt)
	return a.start(attempt, auth.SessionStart{
		Client: agg, User: user, Strategy: attempt.FirstFactor.Strategy, Activity: activity,
		SecondFactor: attempt.SecondFactor.Status == auth.VerificationVerified ||
			(a.standsForBoth(attempt.FirstFactor) && len(a.secondFactors(user)) > 0),
	})
}

// start is the change that ends an attempt with a session.
func (a *Attempts) start(attempt auth.SignIn, begin auth.SessionStart) (auth.SignIn, auth.Change, error) {
	now := a.Now()
	begin.Settings, begin.Now, begin.Entropy = a.Settings(), now, a.Entropy
	session, change, err := begin.Change()
	if err != nil {
		return attempt, change, err
	}
	attempt.CreatedSession, attempt.User, attempt.UpdatedAt = session.ID, begin.User.ID, now
	attempt.NewPassword, attempt.SecondDue = false, false
	change.Clients[0].SignIn = attempt.ID
	change.SignIns = []auth.SignIn{attempt}
	return attempt, change, nil
}

// replayed says whether a completed attempt may be answered again: the same
// proof, moments later, by the client whose session is still there. Devices
// repeat a request whose answer was lost.
func (a *Attempts) replayed(agg auth.ClientAggregate, attempt auth.SignIn, s auth.Strategy) bool {
	now := a.Now()
	session, ok := agg.Session(attempt.CreatedSession)
	return ok && session.SignedIn(now) && attempt.FirstFactor.Strategy == s &&
		now.Sub(attempt.UpdatedAt) <= auth.CodeReplayWindow
}

// user loads the user of an attempt; one deleted meanwhile is no resource.
func (a *Attempts) user(ctx context.Context, id auth.UserID) (auth.User, error) {
	user, err := a.Store.User(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return user, auth.Refuse(auth.CodeResourceNotFound)
	}
	if err != nil {
		return user, fmt.Errorf("load user of attempt: %w", err)
	}
	return user, nil
}
