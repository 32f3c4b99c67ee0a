package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// newLineage is lineage n of a client with every member set.
func newLineage(n int, client auth.ClientID) auth.Lineage {
	h := hashOf(n)
	return auth.Lineage{
		ID: auth.LineageID(h[:16]), Client: client, Key: hashOf(n + 1000), Generation: int64(n) + 1,
		EndedAt: at(n + 4), PresentedAt: at(n + 3), CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func mustLineage(t testing.TB, s Store, of auth.Lineage) auth.Lineage {
	t.Helper()
	_, got, err := s.BoundClient(t.Context(), of.Token(1))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func testLineages(t *testing.T, s Store) {
	c, other, u := newClient(1), newClient(2), newUser(1)
	session, l := newSession(1, c.ID, u.ID), newLineage(1, c.ID)
	mustCommit(t, s, auth.Change{
		Clients: []auth.Client{c, other}, Users: []auth.User{u}, Sessions: []auth.Session{session}, Lineages: []auth.Lineage{l},
	})
	agg, got, err := s.BoundClient(t.Context(), l.Token(1))
	l.Version = 1
	if diff := cmp.Diff(l, got); err != nil || diff != "" || agg.Client.ID != c.ID || len(agg.Sessions) != 1 {
		t.Errorf("client %q with %d sessions, %v (-want +got)\n%s", agg.Client.ID, len(agg.Sessions), err, diff)
	}
	never := auth.BoundToken{Client: c.ID, Lineage: auth.LineageID{9}}
	if agg, got, err := s.BoundClient(t.Context(), never); err != nil || agg.Client.ID != c.ID || got != (auth.Lineage{}) {
		t.Errorf("a lineage that was never presented: %+v, %v", got, err)
	}
	foreign := auth.BoundToken{Client: other.ID, Lineage: l.ID}
	if _, got, err := s.BoundClient(t.Context(), foreign); err != nil || got != (auth.Lineage{}) {
		t.Errorf("the lineage of another client: %+v, %v", got, err)
	}
	next := l
	next.Generation, next.EndedAt, next.PresentedAt, next.UpdatedAt = 9, at(30), at(31), at(32)
	mustCommit(t, s, auth.Change{Lineages: []auth.Lineage{next}})
	next.Version = 2
	if diff := cmp.Diff(next, mustLineage(t, s, l)); diff != "" {
		t.Errorf("changed (-want +got)\n%s", diff)
	}
	for name, stale := range map[string]auth.Lineage{"a version before": l, "inserted again": newLineage(1, c.ID)} {
		if err := s.Commit(t.Context(), auth.Change{Lineages: []auth.Lineage{stale}}); !errors.Is(err, auth.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nobody := newLineage(5, "client_x")
	if err := s.Commit(t.Context(), auth.Change{Lineages: []auth.Lineage{nobody}}); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("of a client that is not there: %v", err)
	}
}

// Whoever holds a credential of a client can begin any number of lineages.
func testLineagesBounded(t *testing.T, s Store) {
	c, other := newClient(1), newClient(2)
	neighbour := newLineage(9999, other.ID)
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c, other}, Lineages: []auth.Lineage{neighbour}})
	const more = 10
	for n := range auth.MaxLineages + more {
		mustCommit(t, s, auth.Change{Lineages: []auth.Lineage{newLineage(n, c.ID)}})
	}
	for n := range auth.MaxLineages + more {
		if kept := mustLineage(t, s, newLineage(n, c.ID)).Version != 0; kept != (n >= more) {
			t.Errorf("lineage %d is kept: %v", n, kept)
		}
	}
	if mustLineage(t, s, neighbour).Version == 0 {
		t.Error("the lineage of another client made room")
	}
}

func testLineagesSwept(t *testing.T, s Store) {
	c := newClient(1)
	old, young := newLineage(1, c.ID), newLineage(2, c.ID)
	young.UpdatedAt = old.UpdatedAt.Add(time.Hour)
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Lineages: []auth.Lineage{old, young}})
	if _, err := s.Sweep(t.Context(), old.UpdatedAt.Add(auth.LineageForget+time.Minute)); err != nil {
		t.Fatal(err)
	}
	if mustLineage(t, s, old).Version != 0 || mustLineage(t, s, young).Version == 0 {
		t.Error("the sweep took the wrong one")
	}
}
