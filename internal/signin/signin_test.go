package signin_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/password"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

const plain = "correct horse battery staple"

// between runs something once, right before the first commit: what another
// request may do between the reading and the writing of this one.
type between struct {
	*sqlstore.Store
	once sync.Once
	do   func()
}

func (b *between) Commit(ctx context.Context, c auth.Change) error {
	if b.do != nil {
		b.once.Do(b.do)
	}
	return b.Store.Commit(ctx, c)
}

type mailbox struct{ sent []auth.Notice }

func (m *mailbox) Compose(_ context.Context, n auth.Notice, now time.Time) (auth.Message, error) {
	m.sent = append(m.sent, n)
	id, err := auth.NewMessageID(now, rand.Reader)
	return auth.Message{ID: id, Sealed: []byte("sealed"), CreatedAt: now}, err
}

type unlimited struct{}

func (unlimited) Take(string) (time.Duration, bool) { return 0, true }

// world is a store with one user and one client.
type world struct {
	*signin.Attempts
	store  *between
	mail   *mailbox
	user   auth.UserID
	client auth.ClientID
	hasher *password.Hasher
}

// everybody may sign in.
type everybody struct{}

func (everybody) Admit(context.Context, string) error { return nil }

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "perennial.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	hasher, err := password.NewHasher(password.Cheapest())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: &between{Store: db}, mail: &mailbox{}, user: "user_1", client: "client_1", hasher: hasher}
	now := time.UnixMilli(1_790_000_000_000).UTC()
	w.Attempts = &signin.Attempts{
		Store: w.store, Passwords: hasher, Mail: w.mail, Codes: unlimited{}, Now: func() time.Time { return now },
		Entropy: rand.Reader, Pepper: []byte("pepper"), Settings: auth.DefaultSettings, Admission: everybody{},
	}
	hash, err := hasher.Hash(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	empty := []byte("{}")
	w.commit(t, auth.Change{
		Clients: []auth.Client{{ID: w.client, CreatedAt: now, UpdatedAt: now}},
		Users: []auth.User{{
			ID: w.user, Password: hash, PublicMeta: empty, PrivateMeta: empty, UnsafeMeta: empty, CreatedAt: now, UpdatedAt: now,
			PrimaryEmail: "idn_1", Emails: []auth.EmailAddress{{ID: "idn_1", Address: "a@example.com", CreatedAt: now, UpdatedAt: now,
				Verification: auth.Verification{Strategy: auth.StrategyAdmin, Status: auth.VerificationVerified}}},
		}},
	})
	return w
}

func (w *world) commit(t *testing.T, c auth.Change) {
	t.Helper()
	if err := w.store.Store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func (w *world) agg(t *testing.T) auth.ClientAggregate {
	t.Helper()
	agg, err := w.store.ClientByID(t.Context(), w.client)
	if err != nil {
		t.Fatal(err)
	}
	return agg
}

// edit changes the stored user behind the back of the use case.
func (w *world) edit(t *testing.T, f func(*auth.User)) {
	t.Helper()
	u, err := w.store.User(t.Context(), w.user)
	if err != nil {
		t.Fatal(err)
	}
	f(&u)
	w.commit(t, auth.Change{Users: []auth.User{u}})
}

func (w *world) noSession(t *testing.T) {
	t.Helper()
	if got := w.agg(t).Sessions; len(got) != 0 {
		t.Errorf("a session was created: %+v", got)
	}
}

// What is decided about an account while a proof of it is under way wins.
func TestWhatHappensMeanwhileWins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(t *testing.T, w *world)
		want auth.Code
	}{
		{"banned", func(t *testing.T, w *world) { w.edit(t, func(u *auth.User) { u.Banned = true }) }, auth.CodeUserBanned},
		{"password changed", func(t *testing.T, w *world) {
			hash, err := w.hasher.Hash(t.Context(), "another one")
			if err != nil {
				t.Fatal(err)
			}
			w.edit(t, func(u *auth.User) { u.Password = hash })
		}, auth.CodePasswordIncorrect},
		{"password removed", func(t *testing.T, w *world) {
			w.edit(t, func(u *auth.User) { u.Password = auth.PasswordHash{} })
		}, auth.CodePasswordIncorrect},
		{"deleted", func(t *testing.T, w *world) {
			u, err := w.store.User(t.Context(), w.user)
			if err != nil {
				t.Fatal(err)
			}
			w.commit(t, auth.Change{DeletedUsers: []auth.User{u}})
		}, auth.CodeResourceNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, step := range []string{"at once", "in two steps"} {
				w := newWorld(t)
				agg := w.agg(t)
				var err error
				if step == "at once" {
					w.store.do = func() { tt.do(t, w) }
					_, err = w.Create(t.Context(), agg, signin.Create{Identifier: "a@example.com", Password: plain})
				} else {
					begun, beginErr := w.Create(t.Context(), agg, signin.Create{Identifier: "a@example.com"})
					if beginErr != nil {
						t.Fatal(beginErr)
					}
					w.store.do = func() { tt.do(t, w) }
					_, err = w.AttemptFirstFactor(t.Context(), w.agg(t), begun.Attempt.ID,
						signin.Attempt{Strategy: auth.StrategyPassword, Password: plain})
				}
				if !errors.Is(err, auth.Refuse(tt.want)) {
					t.Errorf("%s: %v, want %s", step, err, tt.want)
				}
				w.noSession(t)
			}
		})
	}
}

// A change that does not touch the proof does not undo it.
func TestUnrelatedChangeMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.do = func() { w.edit(t, func(u *auth.User) { u.FirstName = "Ada" }) }
	v, err := w.Create(t.Context(), w.agg(t), signin.Create{Identifier: "a@example.com", Password: plain})
	if err != nil || v.Status != auth.SignInComplete {
		t.Fatalf("%s, %v", v.Status, err)
	}
	u, err := w.store.User(t.Context(), w.user)
	if err != nil || u.FirstName != "Ada" || u.LastSignInAt.IsZero() {
		t.Errorf("one of the changes was lost: %+v, %v", u, err)
	}
	if n := w.hasher.Stats().Verifies; n != 1 {
		t.Errorf("the retry cost %d hashes", n)
	}
}

// A lock set by guesses that ran in parallel holds for the right one too.
func TestLockedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := auth.UserLockoutKey(w.Pepper, w.user)
	w.commit(t, auth.Change{Lockouts: []auth.Lockout{{Key: key, Failures: 1, UpdatedAt: w.Now()}}})
	w.store.do = func() {
		l, err := w.store.Lockout(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		w.commit(t, auth.Change{Lockouts: []auth.Lockout{l.Lock(w.Now())}})
	}
	_, err := w.Create(t.Context(), w.agg(t), signin.Create{Identifier: "a@example.com", Password: plain})
	if !errors.Is(err, auth.Refuse(auth.CodeUserLocked)) {
		t.Errorf("%v", err)
	}
	w.noSession(t)
}

// A success forgets the failures before it.
func TestSuccessForgives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		if _, err := w.Create(t.Context(), w.agg(t), signin.Create{Identifier: "a@example.com", Password: "wrong"}); err == nil {
			t.Fatal("a wrong password passed")
		}
	}
	if _, err := w.Create(t.Context(), w.agg(t), signin.Create{Identifier: "a@example.com", Password: plain}); err != nil {
		t.Fatal(err)
	}
	l, err := w.store.Lockout(t.Context(), auth.UserLockoutKey(w.Pepper, w.user))
	if err != nil || l.Failures != 0 {
		t.Errorf("%d failures left, %v", l.Failures, err)
	}
}

// A hash made at another cost, or elsewhere, is replaced at the next sign-in.
func TestOutdatedHashIsUpgraded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := password.Cheapest()
	c.Passes = 2
	older, err := password.NewHasher(c)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := older.Hash(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	w.edit(t, func(u *auth.User) { u.Password = hash })
	if _, err := w.Create(t.Context(), w.agg(t), signin.Create{Identifier: "a@example.com", Password: plain}); err != nil {
		t.Fatal(err)
	}
	u, err := w.store.User(t.Context(), w.user)
	if err != nil || u.Password == hash || w.hasher.Outdated(u.Password) {
		t.Errorf("the hash was not replaced: %v", err)
	}
	if ok, err := w.hasher.Verify(t.Context(), u.Password, plain); err != nil || !ok {
		t.Errorf("the new hash is of something else: %v, %v", ok, err)
	}
}

// A code proves an address only while the account has it.
func TestCodeForARemovedAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, err := w.Create(t.Context(), w.agg(t), signin.Create{Identifier: "a@example.com", Strategy: auth.StrategyEmailCode})
	if err != nil {
		t.Fatal(err)
	}
	w.edit(t, func(u *auth.User) {
		u.PrimaryEmail = "idn_2"
		u.Emails[0].ID, u.Emails[0].Address = "idn_2", "new@example.com"
	})
	_, err = w.AttemptFirstFactor(t.Context(), w.agg(t), begun.Attempt.ID,
		signin.Attempt{Strategy: auth.StrategyEmailCode, Code: w.mail.sent[0].Code})
	if !errors.Is(err, auth.Refuse(auth.CodeResourceNotFound)) {
		t.Errorf("%v", err)
	}
	w.noSession(t)
}

func TestWithoutEntropyNothingHappens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Entropy = iotest.ErrReader(errors.New("no entropy"))
	for _, r := range []signin.Create{
		{Identifier: "a@example.com"}, {Identifier: "a@example.com", Password: plain},
		{Identifier: "a@example.com", Strategy: auth.StrategyEmailCode},
	} {
		if _, err := w.Create(t.Context(), w.agg(t), r); err == nil {
			t.Errorf("%+v succeeded without entropy", r)
		}
	}
	if agg := w.agg(t); agg.Client.SignIn != "" || len(agg.Sessions) != 0 {
		t.Errorf("something was stored: %+v", agg.Client)
	}
}
