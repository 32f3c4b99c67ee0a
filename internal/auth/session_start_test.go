package auth_test

import (
	"bytes"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

func start(agg auth.ClientAggregate, user auth.User, set auth.Settings) (auth.Session, auth.Change, error) {
	return auth.SessionStart{
		Client: agg, User: user, Strategy: auth.StrategyPassword, Settings: set,
		Now: t0, Entropy: bytes.NewReader(make([]byte, 64)),
	}.Change()
}

func TestSessionStartReplaces(t *testing.T) {
	t.Parallel()
	mine, others := live("mine", t0), live("others", t0)
	mine.User, others.User = "user_1", "user_2"
	agg := auth.ClientAggregate{Client: auth.Client{ID: "client_1", Version: 3}, Sessions: []auth.Session{mine, others}}
	tests := []struct {
		name     string
		set      auth.Settings
		replaced []auth.SessionID
	}{
		{"another user's session stays", auth.Settings{}, []auth.SessionID{"mine"}},
		{"in single-session mode every session goes", auth.Settings{SingleSession: true}, []auth.SessionID{"mine", "others"}},
	}
	for _, tt := range tests {
		s, c, err := start(agg, auth.User{ID: "user_1", Version: 7}, tt.set)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Sessions) != 1+len(tt.replaced) {
			t.Fatalf("%s: %d sessions change, want %d", tt.name, len(c.Sessions), 1+len(tt.replaced))
		}
		for i, id := range tt.replaced {
			if got := c.Sessions[i+1]; got.ID != id || got.Status != auth.SessionReplaced {
				t.Errorf("%s: %s is %s", tt.name, got.ID, got.Status)
			}
		}
		if c.Clients[0].LastActiveSession != s.ID || c.Clients[0].Version != 3 || !c.Clients[0].SignedInOrOutAt.Equal(t0) {
			t.Errorf("%s: client %+v", tt.name, c.Clients[0])
		}
		// The user's version is the guard that lets a ban committed meanwhile win.
		if len(c.Users) != 1 || c.Users[0].Version != 7 || !c.Users[0].LastSignInAt.Equal(t0) {
			t.Errorf("%s: the user is not part of the change", tt.name)
		}
	}
}

func TestSessionStartRefusesBanned(t *testing.T) {
	t.Parallel()
	if _, _, err := start(auth.ClientAggregate{}, auth.User{Banned: true}, auth.Settings{}); codeOf(err) != auth.CodeUserBanned {
		t.Errorf("a banned user got a session: %v", err)
	}
}

func TestMayStart(t *testing.T) {
	t.Parallel()
	agg := auth.ClientAggregate{Sessions: []auth.Session{live("a", t0)}}
	if err := agg.MayStart(auth.Settings{}, t0); err != nil {
		t.Errorf("several sessions: %v", err)
	}
	if err := agg.MayStart(auth.Settings{SingleSession: true}, t0); codeOf(err) != auth.CodeSessionExists {
		t.Errorf("single session: %v", err)
	}
	if err := (auth.ClientAggregate{}).MayStart(auth.Settings{SingleSession: true}, t0); err != nil {
		t.Errorf("nobody signed in: %v", err)
	}
}

func TestEndAllEndsOnlyTheLive(t *testing.T) {
	t.Parallel()
	dead := live("dead", t0).End(auth.SessionRevoked, t0)
	agg := auth.ClientAggregate{Client: auth.Client{LastActiveSession: "a"}, Sessions: []auth.Session{live("a", t0), dead}}
	c := agg.EndAll(auth.SessionRemoved, t0)
	if len(c.Sessions) != 1 || c.Sessions[0].Status != auth.SessionRemoved || c.Clients[0].LastActiveSession != "" {
		t.Errorf("change %+v", c)
	}
}
