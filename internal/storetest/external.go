package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// ExternalStore is what is tested about accounts elsewhere.
type ExternalStore interface {
	UserByExternal(ctx context.Context, provider auth.Strategy, subject string) (auth.User, error)
	OAuthFlow(context.Context, auth.OAuthFlowID) (auth.OAuthFlow, error)
}

// newOAuthFlow is a trip with every member set.
func newOAuthFlow() auth.OAuthFlow {
	return auth.OAuthFlow{
		ID: "oaf_1", Client: "client_1", Provider: "oauth_google", SignIn: "sia_1", SignUp: "sua_1", User: "user_1", Account: "eac_1",
		StateHash: hashOf(1), Sealed: []byte{0, 255, 1}, Native: true, Callback: "https://a.example/v1/oauth_callback",
		RedirectURL: "myapp://x", CompleteURL: "https://app.example.com/ü", ConsumedAt: at(1), ExpireAt: at(5), CreatedAt: at(0), UpdatedAt: at(1),
	}
}

// External puts a store through what is kept of accounts elsewhere.
func External(t *testing.T, open Open) {
	each(t, open, map[string]func(*testing.T, Store){
		"oauth flow":       testOAuthFlow,
		"race oauth flow":  testRaceOAuthFlow,
		"user by external": testUserByExternal,
		"race subject":     testRaceSubject,
	})
}

func testOAuthFlow(t *testing.T, s Store) {
	f := newOAuthFlow()
	mustCommit(t, s, auth.Change{OAuthFlows: []auth.OAuthFlow{f}})
	f.Version = 1
	changed := auth.OAuthFlow{
		ID: f.ID, Version: 1, Client: "client_x", Provider: "oauth_x", SignIn: "sia_x", RedirectURL: "x", StateHash: hashOf(9),
		Sealed: []byte{}, ExpireAt: at(6), CreatedAt: at(9), UpdatedAt: at(7),
	}
	want := f
	want.Version, want.Sealed, want.ConsumedAt, want.ExpireAt, want.UpdatedAt = 2, nil, time.Time{}, at(6), at(7)
	readBack(t, f, func() (auth.OAuthFlow, error) { return s.OAuthFlow(t.Context(), f.ID) })
	mustCommit(t, s, auth.Change{OAuthFlows: []auth.OAuthFlow{changed}})
	readBack(t, want, func() (auth.OAuthFlow, error) { return s.OAuthFlow(t.Context(), f.ID) })
	sweepAway(t, s, want.ExpireAt, func() error { _, err := s.OAuthFlow(t.Context(), f.ID); return err })
}

// testRaceOAuthFlow: a trip ends once.
func testRaceOAuthFlow(t *testing.T, s Store) {
	c, u, f := newClient(1), newUser(1), newOAuthFlow()
	f.ConsumedAt = time.Time{}
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Users: []auth.User{u}, OAuthFlows: []auth.OAuthFlow{f}})
	f.Version = 1
	race(t, auth.ErrConflict, func(n int) error {
		return s.Commit(t.Context(), auth.Change{
			OAuthFlows: []auth.OAuthFlow{f.End(at(2))}, Sessions: []auth.Session{newSession(n, c.ID, u.ID)},
		})
	})
	if got, err := s.ClientByID(t.Context(), c.ID); err != nil || len(got.Sessions) != 1 {
		t.Errorf("%d sessions, %v; want 1", len(got.Sessions), err)
	}
}

// testUserByExternal: only a proven account identifies, and it goes with its
// user or when it is removed.
func testUserByExternal(t *testing.T, s Store) {
	u := newUser(1)
	mustCommit(t, s, auth.Change{Users: []auth.User{u}})
	u.Version = 1
	found := func(provider auth.Strategy, subject string, want error) {
		t.Helper()
		got, err := s.UserByExternal(t.Context(), provider, subject)
		if !errors.Is(err, want) || (want == nil && got.ID != u.ID) {
			t.Errorf("%s %s: %s, %v; want %v", provider, subject, got.ID, err, want)
		}
	}
	found("oauth_google", "sub-1", nil)
	found("oauth_github", "sub-1", auth.ErrNotFound)
	found("oauth_google", "sub-2", auth.ErrNotFound)
	found("oauth_github", "", auth.ErrNotFound)
	readBack(t, u, func() (auth.User, error) { return s.User(t.Context(), u.ID) })
	u = u.WithoutExternalAccount("eac_1_1")
	mustCommit(t, s, auth.Change{Users: []auth.User{u}})
	found("oauth_google", "sub-1", auth.ErrNotFound)
}

// testRaceSubject: of many users one gets an account elsewhere.
func testRaceSubject(t *testing.T, s Store) {
	race(t, auth.ErrExists, func(n int) error {
		u := newUser(n + 2)
		u.ExternalAccounts[0].Subject = "the same"
		u.Username, u.ExternalID = "", ""
		return s.Commit(t.Context(), auth.Change{Users: []auth.User{u}})
	})
}
