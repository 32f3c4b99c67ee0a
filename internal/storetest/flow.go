package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// newBrowserFlow is a flow with every member set.
func newBrowserFlow() auth.BrowserFlow {
	return auth.BrowserFlow{
		ID: "bfl_1", Client: "client_1", SignIn: "sia_1", SignUp: "sua_1", NewAccount: true, RedirectURL: "myapp://callback",
		State: "s ü", Challenge: "c", TicketHash: hashOf(1), Visitor: "client_2", NonceHash: hashOf(2), User: "user_1",
		External: json.RawMessage(`{"subject":"1"}`), Strategy: auth.StrategyPassword, FirstFactorAt: at(1), SecondFactorAt: at(2), Session: "sess_1",
		ApprovedAt: at(3), RedeemedAt: at(4), ExpireAt: at(5), CreatedAt: at(0), UpdatedAt: at(4),
	}
}

// newEmailLink is a link with every member set.
func newEmailLink() auth.EmailLink {
	return auth.EmailLink{
		ID: "eml_1", Client: "client_1", SignIn: "sia_1", SignUp: "sua_1", User: "user_1", Email: "idn_1", Hash: hashOf(1),
		RedirectURL: "https://app.example.com/ü", Challenge: "c", ApprovalHash: hashOf(2), Ticket: "sit_1",
		ApprovedAt: at(1), ConsumedAt: at(2), ExpireAt: at(3), CreatedAt: at(0), UpdatedAt: at(2),
	}
}

func testBrowserFlow(t *testing.T, s Store) {
	f := newBrowserFlow()
	mustCommit(t, s, auth.Change{BrowserFlows: []auth.BrowserFlow{f}})
	f.Version = 1
	changed := auth.BrowserFlow{
		ID: f.ID, Version: 1, Client: "client_x", SignIn: "sia_x", SignUp: "sua_x", RedirectURL: "other://x", State: "x",
		Challenge: "x", TicketHash: hashOf(9), Visitor: "client_3", NonceHash: hashOf(3), User: "user_2",
		Strategy: auth.StrategyEmailCode, Session: "sess_2", ExpireAt: at(6), CreatedAt: at(9), UpdatedAt: at(7),
	}
	want := changed
	want.Version, want.Client, want.SignIn, want.SignUp, want.NewAccount = 2, f.Client, f.SignIn, f.SignUp, f.NewAccount
	want.RedirectURL, want.State, want.Challenge, want.TicketHash, want.CreatedAt = f.RedirectURL, f.State, f.Challenge, f.TicketHash, f.CreatedAt
	readBack(t, f, func() (auth.BrowserFlow, error) { return s.BrowserFlow(t.Context(), f.ID) })
	mustCommit(t, s, auth.Change{BrowserFlows: []auth.BrowserFlow{changed}})
	readBack(t, want, func() (auth.BrowserFlow, error) { return s.BrowserFlow(t.Context(), f.ID) })
	sweepAway(t, s, want.ExpireAt, func() error { _, err := s.BrowserFlow(t.Context(), f.ID); return err })
}

func testEmailLink(t *testing.T, s Store) {
	l := newEmailLink()
	mustCommit(t, s, auth.Change{EmailLinks: []auth.EmailLink{l}})
	l.Version = 1
	changed := auth.EmailLink{
		ID: l.ID, Version: 1, Client: "client_x", SignIn: "sia_x", SignUp: "sua_x", Hash: hashOf(8), RedirectURL: "x", Challenge: "x",
		ApprovalHash: hashOf(9), Ticket: "sit_9", ExpireAt: at(6), CreatedAt: at(9), UpdatedAt: at(7), User: "user_x", Email: "idn_x",
	}
	want := changed
	want.User, want.Email = l.User, l.Email
	want.Version, want.Client, want.SignIn, want.SignUp, want.Hash = 2, l.Client, l.SignIn, l.SignUp, l.Hash
	want.RedirectURL, want.Challenge, want.CreatedAt = l.RedirectURL, l.Challenge, l.CreatedAt
	readBack(t, l, func() (auth.EmailLink, error) { return s.EmailLink(t.Context(), l.ID) })
	mustCommit(t, s, auth.Change{EmailLinks: []auth.EmailLink{changed}})
	readBack(t, want, func() (auth.EmailLink, error) { return s.EmailLink(t.Context(), l.ID) })
	sweepAway(t, s, want.ExpireAt, func() error { _, err := s.EmailLink(t.Context(), l.ID); return err })
}

func readBack[T any](t *testing.T, want T, read func() (T, error)) {
	t.Helper()
	got, err := read()
	if diff := cmp.Diff(want, got, exactly); err != nil || diff != "" {
		t.Errorf("%v, mismatch (-want +got)\n%s", err, diff)
	}
}

// sweepAway checks that a record outlives its end by a day and no longer.
func sweepAway(t *testing.T, s Store, end time.Time, read func() error) {
	t.Helper()
	for _, after := range []struct {
		age  time.Duration
		want error
	}{{23 * time.Hour, nil}, {25 * time.Hour, auth.ErrNotFound}} {
		if _, err := s.Sweep(t.Context(), end.Add(after.age)); err != nil {
			t.Fatal(err)
		}
		if err := read(); !errors.Is(err, after.want) {
			t.Errorf("%v after its end: %v, want %v", after.age, err, after.want)
		}
	}
}

func testRaceBrowserFlow(t *testing.T, s Store) {
	c, u, f := newClient(1), newUser(1), newBrowserFlow()
	f.RedeemedAt = time.Time{}
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Users: []auth.User{u}, BrowserFlows: []auth.BrowserFlow{f}})
	f.Version = 1
	race(t, auth.ErrConflict, func(n int) error {
		mine := f
		mine.RedeemedAt = at(4)
		return s.Commit(t.Context(), auth.Change{
			BrowserFlows: []auth.BrowserFlow{mine}, Sessions: []auth.Session{newSession(n, c.ID, u.ID)},
		})
	})
	if got, err := s.ClientByID(t.Context(), c.ID); err != nil || len(got.Sessions) != 1 {
		t.Errorf("%d sessions, %v; want 1", len(got.Sessions), err)
	}
}

func testRaceEmailLink(t *testing.T, s Store) {
	l := newEmailLink()
	l.ConsumedAt = time.Time{}
	mustCommit(t, s, auth.Change{EmailLinks: []auth.EmailLink{l}})
	l.Version = 1
	race(t, auth.ErrConflict, func(int) error {
		mine := l
		mine.ConsumedAt = at(2)
		return s.Commit(t.Context(), auth.Change{EmailLinks: []auth.EmailLink{mine}})
	})
}
