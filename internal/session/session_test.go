package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
)

var t0 = time.UnixMilli(1_790_000_000_000).UTC()

// readOnly is a store that can be read and not written, as on a full disk.
type readOnly struct{ *sqlstore.Store }

func (readOnly) Commit(context.Context, auth.Change) error { return auth.ErrUnavailable }

// issuer tells which session it signed for.
type issuer struct{}

func (issuer) Session(r token.SessionRequest) (token.Signed, error) {
	return token.Signed{JWT: string(r.Session.ID)}, nil
}

type world struct {
	*session.Clients
	store *sqlstore.Store
	now   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "perennial.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	master, err := secret.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: db, now: t0}
	w.Clients = &session.Clients{
		Store: db, Tokens: token.NewClientTokens(master), Now: func() time.Time { return w.now }, Entropy: rand.Reader,
	}
	return w
}

func (w *world) sessions(store session.Store) *session.Sessions {
	return &session.Sessions{Store: store, Issuer: issuer{}, Now: func() time.Time { return w.now }, Settings: auth.DefaultSettings}
}

// signedIn returns a caller with a session of user_1.
func (w *world) signedIn(t *testing.T) (session.Caller, auth.SessionID) {
	t.Helper()
	nobody, err := w.Resolve(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	caller, err := w.Ensure(t.Context(), nobody, session.Device{})
	if err != nil {
		t.Fatal(err)
	}
	meta := []byte("{}")
	started, change, err := auth.SessionStart{
		Client: caller.Client, Now: w.now, Entropy: rand.Reader,
		User: auth.User{ID: "user_1", PublicMeta: meta, PrivateMeta: meta, UnsafeMeta: meta, CreatedAt: w.now, UpdatedAt: w.now},
	}.Change()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if caller, err = w.Resolve(t.Context(), caller.Issued); err != nil || caller.Standing != session.Known {
		t.Fatalf("standing %d, %v", caller.Standing, err)
	}
	return caller, started.ID
}

// Sixteen requests of one device whose client the store lost: the person is
// about to prove who they are, and there is one client afterwards, under the
// identifier and credential that the device has.
func TestAdmissionOfALostClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := auth.ClientID("client_lost")
	text, hash, err := w.Tokens.New(rand.Reader, id)
	if err != nil {
		t.Fatal(err)
	}
	lost, err := w.Resolve(t.Context(), text)
	if err != nil || lost.Standing != session.Lost {
		t.Fatalf("standing %d, %v", lost.Standing, err)
	}
	if _, err := w.Ensure(t.Context(), lost, session.Device{}); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("a fresh client for a device that has one: %v", err)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			got, err := w.Admit(t.Context(), lost, session.Device{})
			if err != nil || got.Standing != session.Known || got.Client.Client.ID != id || got.Issued != "" {
				t.Errorf("admitted as %q with standing %d, issued %q: %v", got.Client.Client.ID, got.Standing, got.Issued, err)
			}
		})
	}
	wg.Wait()
	if agg, _, err := w.store.ClientByToken(t.Context(), hash); err != nil || agg.Client.ID != id {
		t.Errorf("%+v, %v", agg.Client, err)
	}
}

// The client is there and only this credential of it is not: a backup from
// before a rotation.
func TestAdmissionOfALostCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller, sid := w.signedIn(t)
	text, _, err := w.Tokens.New(rand.Reader, caller.Client.Client.ID)
	if err != nil {
		t.Fatal(err)
	}
	lost, err := w.Resolve(t.Context(), text)
	if err != nil || lost.Standing != session.Lost {
		t.Fatalf("standing %d, %v", lost.Standing, err)
	}
	got, err := w.Admit(t.Context(), lost, session.Device{})
	if err != nil || got.Client.Client.ID != caller.Client.Client.ID {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := w.sessions(w.store).Find(got, sid); err != nil {
		t.Errorf("the session is not there: %v", err)
	}
}

// A store that cannot be written keeps nobody from a token, and from nothing
// else is anything concluded.
func TestReadOnlyStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller, sid := w.signedIn(t)
	w.now = w.now.Add(2 * auth.TouchInterval)
	s := w.sessions(readOnly{w.store})
	signed, err := s.Mint(t.Context(), caller, sid, nil, session.Audience{}, auth.Activity{})
	if err != nil || signed.JWT != string(sid) {
		t.Errorf("mint: %v", err)
	}
	if _, err := s.Touch(t.Context(), caller, sid, nil, auth.Activity{}); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("touch: %v", err)
	}
	if _, err := s.End(t.Context(), caller, sid, auth.SessionRemoved); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("end: %v", err)
	}
	if err := s.EndAll(t.Context(), caller); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("end all: %v", err)
	}
}

// The session was ended between the reading and the noting of its use: no token.
func TestMintOfASessionEndedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, sid := w.signedIn(t)
	s := w.sessions(w.store)
	if _, err := s.End(t.Context(), before, sid, auth.SessionRemoved); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(2 * auth.TouchInterval)
	_, err := s.Mint(t.Context(), before, sid, nil, session.Audience{}, auth.Activity{})
	if !errors.Is(err, auth.Refuse(auth.CodeAuthenticationInvalid)) {
		t.Errorf("%v", err)
	}
	// Ending it again from what was read before keeps the first ending.
	again, err := s.End(t.Context(), before, sid, auth.SessionEnded)
	if err != nil || again.Status != auth.SessionRemoved {
		t.Errorf("%s, %v", again.Status, err)
	}
}
