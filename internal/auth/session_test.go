package auth_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func live(id string, lastActive time.Time) auth.Session {
	return auth.Session{
		ID: auth.SessionID(id), Status: auth.SessionActive, FirstFactorAt: t0, LastActiveAt: lastActive,
		ExpireAt: t0.Add(auth.SessionLifetime), AbandonAt: t0.Add(auth.SessionInactivity),
	}
}

func TestSessionStatusAt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		s    auth.Session
		at   time.Time
		want auth.SessionStatus
	}{
		{"live", live("a", t0), t0, auth.SessionActive},
		{"unused for too long", live("a", t0), t0.Add(auth.SessionInactivity), auth.SessionAbandoned},
		{"at its hard end", live("a", t0), t0.Add(auth.SessionLifetime), auth.SessionExpired},
		{"revoked stays revoked after its end", live("a", t0).End(auth.SessionRevoked, t0), t0.Add(auth.SessionLifetime), auth.SessionRevoked},
	}
	for _, tt := range tests {
		if got := tt.s.StatusAt(tt.at); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEndIsIdempotent(t *testing.T) {
	t.Parallel()
	s := live("a", t0).End(auth.SessionRemoved, t0)
	again := s.End(auth.SessionEnded, t0.Add(time.Hour))
	if again != s {
		t.Errorf("second ending changed the session: %+v, want %+v", again, s)
	}
	late := live("a", t0).End(auth.SessionRemoved, t0.Add(auth.SessionLifetime))
	if late.Status != auth.SessionExpired {
		t.Errorf("ending an expired session says %q, want expired", late.Status)
	}
}

func TestTouchWritesSeldom(t *testing.T) {
	t.Parallel()
	s := live("a", t0)
	if _, changed := s.Touch(auth.Activity{}, t0.Add(auth.TouchInterval-1)); changed {
		t.Error("touch within the interval wants a write")
	}
	got, changed := s.Touch(auth.Activity{}, t0.Add(auth.TouchInterval))
	if !changed || !got.AbandonAt.Equal(t0.Add(auth.TouchInterval+auth.SessionInactivity)) {
		t.Errorf("changed %v, abandon at %v", changed, got.AbandonAt)
	}
	if _, changed := s.Touch(auth.Activity{IPAddress: "192.0.2.1"}, t0.Add(1)); !changed {
		t.Error("use from another place is not recorded")
	}
}

func TestFactorAge(t *testing.T) {
	t.Parallel()
	s := live("a", t0)
	if got := s.FactorAge(t0.Add(150 * time.Second)); got != [2]int{2, -1} {
		t.Errorf("got %v, want [2 -1]", got)
	}
	if got := s.FactorAge(t0.Add(-time.Hour)); got[0] != 0 {
		t.Errorf("a clock that went back makes the age %d, want 0", got[0])
	}
}

func TestLastActive(t *testing.T) {
	t.Parallel()
	old, recent := live("old", t0), live("recent", t0.Add(time.Minute))
	gone := live("gone", t0.Add(time.Hour)).End(auth.SessionRevoked, t0)
	tests := []struct {
		name     string
		recorded auth.SessionID
		sessions []auth.Session
		want     auth.SessionID
	}{
		{"the recorded one", "old", []auth.Session{old, recent}, "old"},
		{"recorded one is over: the most recent", "gone", []auth.Session{old, recent, gone}, "recent"},
		{"none recorded: the most recent", "", []auth.Session{old, recent}, "recent"},
		{"only dead sessions", "gone", []auth.Session{gone}, ""},
		{"no sessions", "", nil, ""},
	}
	for _, tt := range tests {
		a := auth.ClientAggregate{Client: auth.Client{LastActiveSession: tt.recorded}, Sessions: tt.sessions}
		if got := a.LastActive(t0); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLockoutEndsByItself(t *testing.T) {
	t.Parallel()
	var l auth.Lockout
	now := t0
	for i := range auth.LockoutFailures {
		if l.Locked(now) > 0 {
			t.Fatalf("locked after %d failures", i)
		}
		l = l.Fail(now)
	}
	if got := l.Locked(now); got != auth.LockoutDuration {
		t.Fatalf("locked for %v, want %v", got, auth.LockoutDuration)
	}
	now = now.Add(auth.LockoutDuration)
	if l.Locked(now) != 0 {
		t.Fatal("still locked after its duration")
	}
	// One more failure after the lock must not lock again at once: the owner
	// who mistypes would be out for another quarter of an hour.
	if l = l.Fail(now); l.Locked(now) != 0 || l.Failures != 1 {
		t.Errorf("after the lock: %d failures, locked %v", l.Failures, l.Locked(now))
	}
	if l = l.Fail(now.Add(auth.LockoutForget + 1)); l.Failures != 1 {
		t.Errorf("an old failure is remembered: %d", l.Failures)
	}
}
