package signup

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Attempts are the steps of signing up on a client. It is safe for concurrent
// use. Errors are [*auth.Error] refusals, [auth.ErrUnavailable] when the store
// or the hasher cannot answer, or the context's.
type Attempts struct {
	Store     Store
	Passwords Passwords
	Links     auth.LinkTokens
	Mail      Composer
	Tickets   TicketReader
	// Invitations say what a ticket stands for, and Admission who may be here.
	Invitations Invitations
	Admission   Admission
	Codes       Limiter // of codes sent, per address or number
	Now         func() time.Time
	Entropy     io.Reader
	Settings    func() auth.Settings
	Pepper      []byte // key of code hashes and lockout keys
}

// Store is what [Attempts] needs of the store. Absent records are
// [auth.ErrNotFound], after a successful read only. Commit is atomic and
// durable on return. Safe for concurrent use; results are the caller's.
type Store interface {
	ClientByID(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error)
	UserByEmail(ctx context.Context, address string) (auth.User, error) // verified addresses only
	UserByPhone(ctx context.Context, number string) (auth.User, error)  // verified numbers only
	UserByUsername(ctx context.Context, username string) (auth.User, error)
	UserByExternal(ctx context.Context, provider auth.Strategy, subject string) (auth.User, error)
	Lockout(ctx context.Context, key [32]byte) (auth.Lockout, error)
	Commit(ctx context.Context, change auth.Change) error
}

// Admission refuses addresses and numbers that the instance does not want, with
// [auth.CodeNotAllowedAccess].
type Admission interface {
	Admit(ctx context.Context, identifier string) error
}

// Passwords hashes and judges new passwords. A full queue is [auth.ErrUnavailable].
type Passwords interface {
	Hash(ctx context.Context, plain string) (auth.PasswordHash, error)
	CheckNew(set auth.PasswordSettings, plain, param string) error
}

// Composer seals a notice for the outbox. It does no I/O.
type Composer interface {
	Compose(ctx context.Context, n auth.Notice, now time.Time) (auth.Message, error)
}

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// View is an attempt with where it stands.
type View struct {
	Attempt    auth.SignUp
	Status     auth.SignUpStatus
	Missing    []string
	Unverified []string
}

// Describe returns the attempt with where it stands.
func (a *Attempts) Describe(attempt auth.SignUp) View {
	return View{
		Attempt: attempt, Status: attempt.Status(a.Now()),
		Missing: attempt.Missing(a.Settings()), Unverified: attempt.Unverified(),
	}
}

// Get returns the client's current attempt if it has this id and is not
// abandoned, else [auth.CodeResourceNotFound].
func (a *Attempts) Get(agg auth.ClientAggregate, id auth.SignUpID) (View, error) {
	attempt, err := a.current(agg, id)
	if err != nil {
		return View{}, err
	}
	return a.Describe(attempt), nil
}

func (a *Attempts) current(agg auth.ClientAggregate, id auth.SignUpID) (auth.SignUp, error) {
	if agg.SignUp == nil || agg.SignUp.ID != id || agg.SignUp.Status(a.Now()) == auth.SignUpAbandoned {
		return auth.SignUp{}, auth.Refuse(auth.CodeResourceNotFound)
	}
	return *agg.SignUp, nil
}

// again runs decide on agg, on the client as stored from the second time on.
func (a *Attempts) again(ctx context.Context, agg *auth.ClientAggregate, decide func() error) error {
	first := true
	return auth.Retry(func() error {
		if !first {
			stored, err := a.Store.ClientByID(ctx, agg.Client.ID)
			if err != nil {
				return fmt.Errorf("load client: %w", err)
			}
			*agg = stored
		}
		first = false
		return decide()
	})
}
