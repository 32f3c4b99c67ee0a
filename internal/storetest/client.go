package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

func testClientAggregate(t *testing.T, s Store) {
	c, u, v := newClient(1), newUser(1), newUser(2)
	one, two := newSession(1, c.ID, u.ID), newSession(2, c.ID, v.ID)
	in, up := newSignIn(1, c.ID), newSignUp(1, c.ID)
	c.SignIn, c.SignUp = in.ID, up.ID
	tok := newClientToken(1, c.ID)
	mustCommit(t, s, auth.Change{
		Clients: []auth.Client{c}, Tokens: []auth.ClientToken{tok}, Users: []auth.User{u, v},
		Sessions: []auth.Session{two, one}, SignIns: []auth.SignIn{in}, SignUps: []auth.SignUp{up},
	})
	c.Version, u.Version, v.Version, one.Version, two.Version, in.Version, up.Version = 1, 1, 1, 1, 1, 1, 1
	want := auth.ClientAggregate{
		Client: c, Sessions: []auth.Session{one, two}, Users: map[auth.UserID]auth.User{u.ID: u, v.ID: v},
		SignIn: &in, SignUp: &up,
	}
	got, generation, err := s.ClientByToken(t.Context(), tok.Hash)
	if err != nil || generation != tok.Generation {
		t.Fatalf("generation %d, %v", generation, err)
	}
	if diff := cmp.Diff(want, got, exactly); diff != "" {
		t.Errorf("by token (-want +got)\n%s", diff)
	}
	if got, err = s.ClientByID(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, exactly); diff != "" {
		t.Errorf("by id (-want +got)\n%s", diff)
	}
}

func testLiveSessions(t *testing.T, s Store) {
	c, other, u := newClient(1), newClient(2), newUser(1)
	ch := auth.Change{Clients: []auth.Client{c, other}, Users: []auth.User{u}}
	statuses := []auth.SessionStatus{
		auth.SessionActive, auth.SessionEnded, auth.SessionRemoved, auth.SessionRevoked, auth.SessionPending,
		auth.SessionExpired, auth.SessionAbandoned, auth.SessionReplaced,
	}
	for i, status := range statuses {
		x := newSession(i, c.ID, u.ID)
		x.Status = status
		ch.Sessions = append(ch.Sessions, x)
	}
	ch.Sessions = append(ch.Sessions, newSession(99, other.ID, u.ID))
	mustCommit(t, s, ch)
	got, err := s.ClientByID(t.Context(), c.ID)
	if err != nil || len(got.Sessions) != 2 || got.Sessions[0].ID != "sess_0" || got.Sessions[1].ID != "sess_4" {
		t.Fatalf("live sessions: %+v, %v", got.Sessions, err)
	}
	for i, status := range statuses { // what is over stays known
		x, err := s.Session(t.Context(), ch.Sessions[i].ID)
		if err != nil || x.Status != status {
			t.Errorf("session %d: %s, %v; want %s", i, x.Status, err, status)
		}
	}
	end := got.Sessions[0]
	end.Status = auth.SessionEnded
	mustCommit(t, s, auth.Change{Sessions: []auth.Session{end}})
	if got, err = s.ClientByID(t.Context(), c.ID); err != nil || len(got.Sessions) != 1 {
		t.Errorf("after the end of one: %+v, %v", got.Sessions, err)
	}
}

func testTokens(t *testing.T, s Store) {
	c := newClient(1)
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}})
	for n := range 5 {
		mustCommit(t, s, auth.Change{Tokens: []auth.ClientToken{newClientToken(n, c.ID)}})
	}
	for n := range 5 {
		got, generation, err := s.ClientByToken(t.Context(), hashOf(n))
		if err != nil || got.Client.ID != c.ID || generation != int64(n)+1 {
			t.Errorf("token %d: client %q, generation %d, %v", n, got.Client.ID, generation, err)
		}
	}
	var exists *auth.ExistsError
	err := s.Commit(t.Context(), auth.Change{Tokens: []auth.ClientToken{newClientToken(0, c.ID)}})
	if !errors.As(err, &exists) || exists.What != "id" {
		t.Errorf("the same token again: %v", err)
	}
}

func testDeletedClient(t *testing.T, s Store) {
	c, tok := newClient(1), newClientToken(1, "client_1")
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Tokens: []auth.ClientToken{tok}})
	c.Version, c.Deleted = 1, true
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}})
	got, _, err := s.ClientByToken(t.Context(), tok.Hash)
	if err != nil || !got.Client.Deleted {
		t.Errorf("%+v, %v", got.Client, err)
	}
}
