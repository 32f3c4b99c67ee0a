package user

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Admin are the operations on accounts for whoever holds the secret key. They
// answer with the [Account] as it is after the operation. Errors are
// [*auth.Error] refusals, [auth.ErrNotFound] for an account that does not
// exist, [auth.ErrUnavailable] when the store cannot answer, or the context's.
type Admin struct {
	Store     AdminStore
	Passwords Passwords
	// ParseDigest turns a digest made elsewhere into one that Passwords can
	// verify. Errors have the codes [auth.CodePasswordHasherUnknown] and
	// [auth.CodePasswordDigestInvalid].
	ParseDigest func(hasher, digest string) (auth.PasswordHash, error)
	// Authenticators take over and check the secrets of authenticator apps.
	Authenticators ImportedAuthenticators
	Mail           Composer
	Codes          Limiter // of codes sent, per address or number
	Now            func() time.Time
	Entropy        io.Reader
	// Pepper keys the lockout records; sign-in uses the same.
	Pepper   []byte
	Settings func() auth.Settings
}

// AdminStore is what [Admin] needs of the store: the contract is in [auth.Change].
// Every read is linearizable after a commit returned and safe for concurrent use.
type AdminStore interface {
	AccountReader
	// Sessions returns one page and the number of all that match.
	Sessions(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error)
	UserByEmail(ctx context.Context, address string) (auth.User, error) // verified addresses only
	UserByPhone(ctx context.Context, number string) (auth.User, error)  // verified numbers only
	ContactVerification(ctx context.Context, id auth.ContactVerificationID) (auth.ContactVerification, error)
	// Lockout returns [auth.ErrNotFound] when no failure was ever counted on key.
	Lockout(ctx context.Context, key [32]byte) (auth.Lockout, error)
	// Commit is atomic and durable on return.
	Commit(ctx context.Context, c auth.Change) error
}

// AccountReader reads users. Absent is [auth.ErrNotFound]; the values returned
// are the caller's.
type AccountReader interface {
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	UserByEmailID(ctx context.Context, id auth.EmailID) (auth.User, error)
	UserByPhoneID(ctx context.Context, id auth.PhoneID) (auth.User, error)
	Users(ctx context.Context, q auth.UserQuery) ([]auth.User, error)
	CountUsers(ctx context.Context, q auth.UserQuery) (int, error)
}

// Passwords hashes and verifies outside any transaction. Implementations bound
// how many hashes run at once and fail with [auth.ErrUnavailable] when full.
type Passwords interface {
	Hash(ctx context.Context, plain string) (auth.PasswordHash, error)
	// Verify does the work of one hash whatever is stored.
	Verify(ctx context.Context, stored auth.PasswordHash, plain string) (bool, error)
	// CheckNew refuses a password that is too short, too long, too common or too weak.
	CheckNew(set auth.PasswordSettings, plain, param string) error
}

// Account is a user and how close the account is to being locked.
type Account struct {
	auth.User
	Lockout auth.Lockout
}

// Get returns one account.
func (a *Admin) Get(ctx context.Context, id auth.UserID) (Account, error) {
	u, err := a.Store.User(ctx, id)
	if err != nil {
		return Account{}, err
	}
	return a.account(ctx, u)
}

// List returns the accounts that q selects.
func (a *Admin) List(ctx context.Context, q auth.UserQuery) ([]Account, error) {
	users, err := a.Store.Users(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]Account, 0, len(users))
	for _, u := range users {
		acc, err := a.account(ctx, u)
		if err != nil {
			return nil, err
		}
		out = append(out, acc)
	}
	return out, nil
}

// Count returns how many accounts q selects, ignoring its page.
func (a *Admin) Count(ctx context.Context, q auth.UserQuery) (int, error) {
	return a.Store.CountUsers(ctx, q)
}

func (a *Admin) account(ctx context.Context, u auth.User) (Account, error) {
	l, err := a.lockout(ctx, u.ID)
	return Account{User: u, Lockout: l}, err
}

func (a *Admin) lockout(ctx context.Context, id auth.UserID) (auth.Lockout, error) {
	key := auth.UserLockoutKey(a.Pepper, id)
	l, err := a.Store.Lockout(ctx, key)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Lockout{Key: key}, nil
	}
	return l, err
}

// decide says what becomes of a user: the user to be written and whatever else
// belongs in the same commit.
type decide func(u auth.User, now time.Time) (auth.User, auth.Change, error)

// change loads the user, decides, and commits, again when another change came
// in between. The caller's slow work is done before.
func (a *Admin) change(ctx context.Context, id auth.UserID, d decide) (Account, error) {
	err := auth.Retry(func() error {
		u, err := a.Store.User(ctx, id)
		if err != nil {
			return err
		}
		next, c, err := d(u, a.Now())
		if err != nil {
			return err
		}
		next.UpdatedAt = a.Now()
		c.Users = append(c.Users, next)
		return a.Store.Commit(ctx, c)
	})
	if err != nil {
		return Account{}, refuseTaken(err)
	}
	return a.Get(ctx, id)
}

// refuseTaken turns a taken identifier into the published refusal.
func refuseTaken(err error) error {
	var taken *auth.ExistsError
	if errors.As(err, &taken) && taken.What != "id" {
		return auth.RefuseParam(auth.CodeIdentifierExists, taken.What)
	}
	return err
}
