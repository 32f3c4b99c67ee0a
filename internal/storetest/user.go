package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

func testUserLookups(t *testing.T, s Store) {
	u := newUser(1)
	mustCommit(t, s, auth.Change{Users: []auth.User{newUser(2), u, newUser(3)}})
	u.Version = 1
	for name, read := range map[string]func(context.Context) (auth.User, error){
		"id":               func(ctx context.Context) (auth.User, error) { return s.User(ctx, u.ID) },
		"verified number":  func(ctx context.Context) (auth.User, error) { return s.UserByPhone(ctx, "+493012300001") },
		"number id":        func(ctx context.Context) (auth.User, error) { return s.UserByPhoneID(ctx, "idn_1_3") },
		"verified address": func(ctx context.Context) (auth.User, error) { return s.UserByEmail(ctx, "u1@example.com") },
		"address id":       func(ctx context.Context) (auth.User, error) { return s.UserByEmailID(ctx, "idn_1_2") },
		"username":         func(ctx context.Context) (auth.User, error) { return s.UserByUsername(ctx, "name1") },
		"external id":      func(ctx context.Context) (auth.User, error) { return s.UserByExternalID(ctx, "ext-1") },
	} {
		got, err := read(t.Context())
		if err != nil {
			t.Errorf("by %s: %v", name, err)
		} else if diff := cmp.Diff(u, got, exactly); diff != "" {
			t.Errorf("by %s (-want +got)\n%s", name, diff)
		}
	}
	if _, err := s.UserByEmail(t.Context(), "other1@example.com"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("by an address that was not proven: %v", err)
	}
}

func testEmailSet(t *testing.T, s Store) {
	u := newUser(1)
	mustCommit(t, s, auth.Change{Users: []auth.User{u}})
	third := auth.EmailAddress{ID: "idn_1_3", Address: "third@example.com", CreatedAt: at(9), UpdatedAt: at(9)}
	first, second := u.Emails[0], u.Emails[1]
	changed := second
	changed.Verification = auth.Verification{Strategy: auth.StrategyAdmin, Status: auth.VerificationVerified, VerifiedAt: at(30)}
	for i, set := range [][]auth.EmailAddress{
		{first, second, third}, // one added
		{third, first, second}, // another order
		{third, changed},       // one changed, one removed
		{changed},
		nil,
		{first}, // the freed address comes back
	} {
		u.Version, u.Emails = int64(i)+1, set
		mustCommit(t, s, auth.Change{Users: []auth.User{u}})
		got, err := s.User(t.Context(), u.ID)
		if diff := cmp.Diff(set, got.Emails); err != nil || diff != "" {
			t.Errorf("set %d: %v (-want +got)\n%s", i, err, diff)
		}
	}
}

func testDeletedUser(t *testing.T, s Store) {
	c, u := newClient(1), newUser(1)
	ses, tok := newSession(1, c.ID, u.ID), newSignInToken(1, u.ID)
	mustCommit(t, s, auth.Change{
		Clients: []auth.Client{c}, Users: []auth.User{u}, Sessions: []auth.Session{ses}, SignInTokens: []auth.SignInToken{tok},
	})
	ses.Version, ses.Status = 1, auth.SessionRevoked
	if err := s.Commit(t.Context(), auth.Change{DeletedUsers: []auth.User{{ID: u.ID, Version: 9}}}); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("deleting a version that is not stored: %v", err)
	}
	mustCommit(t, s, auth.Change{DeletedUsers: []auth.User{{ID: u.ID, Version: 1}}, Sessions: []auth.Session{ses}})
	if _, err := s.User(t.Context(), u.ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("User: %v", err)
	}
	if _, err := s.UserByEmail(t.Context(), "u1@example.com"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("UserByEmail: %v", err)
	}
	if _, err := s.SignInToken(t.Context(), tok.ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("SignInToken: %v", err)
	}
	if got, err := s.Session(t.Context(), ses.ID); err != nil || got.Status != auth.SessionRevoked || got.User != u.ID {
		t.Errorf("a session outlives its user as proof that it is over: %+v, %v", got, err)
	}
	again := newUser(1) // everything unique is free again
	again.ID = "user_again"
	again.Emails[0].ID, again.Emails[1].ID = "idn_a", "idn_b"
	again.PrimaryEmail = "idn_a"
	mustCommit(t, s, auth.Change{Users: []auth.User{again}})
}

func testSignInToken(t *testing.T, s Store) {
	tok := newSignInToken(1, "user_1")
	mustCommit(t, s, auth.Change{Users: []auth.User{newUser(1)}, SignInTokens: []auth.SignInToken{tok}})
	tok.Version = 1
	if got, err := s.SignInToken(t.Context(), tok.ID); err != nil || got != tok {
		t.Errorf("by id: %+v, %v", got, err)
	}
	tok.Status, tok.UpdatedAt = auth.SignInTokenAccepted, at(50)
	mustCommit(t, s, auth.Change{SignInTokens: []auth.SignInToken{tok}})
	tok.Version = 2
	if got, err := s.SignInTokenByHash(t.Context(), tok.Hash); err != nil || got != tok {
		t.Errorf("by ticket: %+v, %v", got, err)
	}
}

func testLockout(t *testing.T, s Store) {
	l := auth.Lockout{Key: hashOf(1), Failures: 3, UpdatedAt: at(1)}
	mustCommit(t, s, auth.Change{Lockouts: []auth.Lockout{l}})
	if err := s.Commit(t.Context(), auth.Change{Lockouts: []auth.Lockout{l}}); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("counting from nothing where somebody counted already: %v, want ErrConflict", err)
	}
	l.Version, l.Failures, l.LockedUntil = 1, 10, at(900)
	mustCommit(t, s, auth.Change{Lockouts: []auth.Lockout{l}})
	l.Version = 2
	if got, err := s.Lockout(t.Context(), l.Key); err != nil || got != l {
		t.Errorf("%+v, %v", got, err)
	}
}
