package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func testSweep(t *testing.T, s Store) {
	ctx := t.Context()
	c, u := newClient(1), newUser(1)
	over := newSession(1, c.ID, u.ID)
	over.Status = auth.SessionEnded
	old, young := newSignIn(1, c.ID), newSignUp(1, c.ID)
	young.AbandonAt = start.Add(72 * time.Hour)
	c.SignIn, c.SignUp = old.ID, young.ID
	locked := auth.Lockout{Key: hashOf(2), Failures: 10, UpdatedAt: start.Add(71 * time.Hour)}
	ch := auth.Change{
		Clients: []auth.Client{c}, Users: []auth.User{u}, Sessions: []auth.Session{over},
		SignIns: []auth.SignIn{old}, SignUps: []auth.SignUp{young},
		Lockouts: []auth.Lockout{{Key: hashOf(1), UpdatedAt: start}, locked},
	}
	for n := 100; n < 700; n++ {
		ch.SignIns = append(ch.SignIns, newSignIn(n, c.ID))
	}
	mustCommit(t, s, ch)

	calls := 1
	for more := true; more; calls++ {
		var err error
		if more, err = s.Sweep(ctx, start.Add(72*time.Hour)); err != nil || calls > 5 {
			t.Fatalf("call %d: %v", calls, err)
		}
	}
	if calls == 2 {
		t.Error("one call deleted more than it may hold up others for")
	}
	got, err := s.ClientByID(ctx, c.ID)
	if err != nil || got.SignIn != nil || got.SignUp == nil {
		t.Errorf("sign-in %v should be gone and sign-up %v be there, %v", got.SignIn, got.SignUp, err)
	}
	if _, err := s.Session(ctx, over.ID); err != nil {
		t.Errorf("a session that is over: %v", err)
	}
	if _, err := s.Lockout(ctx, hashOf(1)); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("forgotten failures: %v", err)
	}
	if _, err := s.Lockout(ctx, locked.Key); err != nil {
		t.Errorf("a lock that lasts: %v", err)
	}
}
