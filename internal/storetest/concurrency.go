package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

// racers is how many callers race for one thing.
const racers = 16

// Concurrency tests that of any number of parallel attempts on one thing
// exactly one wins and the others are told so.
func Concurrency(t *testing.T, open Open) {
	each(t, open, map[string]func(*testing.T, Store){
		"one consumes the code of a sign-in":  testRaceSignIn,
		"one consumes the code of a sign-up":  testRaceSignUp,
		"one accepts a sign-in token":         testRaceSignInToken,
		"one redeems a browser flow":          testRaceBrowserFlow,
		"one consumes an email link":          testRaceEmailLink,
		"one consumes the code of a back end": testRaceContactVerification,
		"one signs up with an address":        testRaceAddress,
		"one claims a message":                testRaceMessages,
		"one makes the key of an instance":    testRaceInstanceValue,
		"counting failures loses none":        testRaceLockout,
		"readers never see half of a change":  testTornReads,
		"a failing change harms no neighbour": testNeighbours,
	})
}

// race starts all racers at once and checks that one won and the others were
// told what lost.
func race(t *testing.T, lost error, attempt func(n int) error) {
	t.Helper()
	var gate, done sync.WaitGroup
	var won atomic.Int32
	gate.Add(1)
	for n := range racers {
		done.Go(func() {
			gate.Wait()
			switch err := attempt(n); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, lost):
				t.Errorf("racer %d: %v, want %v", n, err, lost)
			}
		})
	}
	gate.Done()
	done.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of %d won, want 1", won.Load(), racers)
	}
}

func testRaceSignIn(t *testing.T, s Store) {
	c, u, in := newClient(1), newUser(1), newSignIn(1, "client_1")
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Users: []auth.User{u}, SignIns: []auth.SignIn{in}})
	c.Version, in.Version = 1, 1
	race(t, auth.ErrConflict, func(n int) error {
		mine, ses := in, newSession(n, c.ID, u.ID)
		mine.FirstFactor.Status, mine.CreatedSession = auth.VerificationVerified, ses.ID
		return s.Commit(t.Context(), auth.Change{SignIns: []auth.SignIn{mine}, Sessions: []auth.Session{ses}})
	})
	got, err := s.ClientByID(t.Context(), c.ID)
	if err != nil || len(got.Sessions) != 1 {
		t.Errorf("%d sessions, %v; want 1", len(got.Sessions), err)
	}
}

func testRaceSignUp(t *testing.T, s Store) {
	c, up := newClient(1), newSignUp(1, "client_1")
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, SignUps: []auth.SignUp{up}})
	up.Version = 1
	race(t, auth.ErrConflict, func(n int) error {
		mine, u := up, newUser(n)
		mine.CreatedUser = u.ID
		return s.Commit(t.Context(), auth.Change{Users: []auth.User{u}, SignUps: []auth.SignUp{mine}})
	})
	if n, err := s.CountUsers(t.Context(), auth.UserQuery{}); err != nil || n != 1 {
		t.Errorf("%d users, %v; want 1", n, err)
	}
}

func testRaceSignInToken(t *testing.T, s Store) {
	u, tok := newUser(1), newSignInToken(1, "user_1")
	mustCommit(t, s, auth.Change{Users: []auth.User{u}, SignInTokens: []auth.SignInToken{tok}})
	tok.Version, tok.Status = 1, auth.SignInTokenAccepted
	race(t, auth.ErrConflict, func(int) error {
		return s.Commit(t.Context(), auth.Change{SignInTokens: []auth.SignInToken{tok}})
	})
}

func testRaceAddress(t *testing.T, s Store) {
	race(t, auth.ErrExists, func(n int) error {
		u := newUser(n)
		u.Emails[0].Address = "wanted@example.com"
		return s.Commit(t.Context(), auth.Change{Users: []auth.User{u}})
	})
	if n, err := s.CountUsers(t.Context(), auth.UserQuery{}); err != nil || n != 1 {
		t.Errorf("%d users, %v; want 1", n, err)
	}
}

func testRaceMessages(t *testing.T, s Store) {
	ch := auth.Change{}
	for n := range 100 {
		ch.Messages = append(ch.Messages, newMessage(n))
	}
	mustCommit(t, s, ch)
	var mu sync.Mutex
	claims := map[auth.MessageID]int{}
	var wg sync.WaitGroup
	for range racers {
		wg.Go(func() {
			for {
				got, err := s.ClaimMessages(t.Context(), at(200), at(900), 3)
				if err != nil {
					t.Error(err)
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, m := range got {
					claims[m.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range claims {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(claims) != 100 {
		t.Errorf("%d of 100 were claimed", len(claims))
	}
}

func testRaceInstanceValue(t *testing.T, s Store) {
	race(t, auth.ErrConflict, func(n int) error {
		return s.SwapInstanceValue(t.Context(), "key", nil, []byte{byte(n)})
	})
}

func testRaceLockout(t *testing.T, s Store) {
	var wg sync.WaitGroup
	for range racers {
		wg.Go(func() {
			for done := false; !done; {
				l, err := s.Lockout(t.Context(), hashOf(1))
				if err != nil && !errors.Is(err, auth.ErrNotFound) {
					t.Error(err)
					return
				}
				l.Key = hashOf(1)
				l.Failures++
				err = s.Commit(t.Context(), auth.Change{Lockouts: []auth.Lockout{l}})
				if err != nil && !errors.Is(err, auth.ErrConflict) {
					t.Error(err)
					return
				}
				done = err == nil
			}
		})
	}
	wg.Wait()
	if l, err := s.Lockout(t.Context(), hashOf(1)); err != nil || l.Failures != racers {
		t.Errorf("%d failures counted, %v; want %d", l.Failures, err, racers)
	}
}

// testTornReads moves two sessions of a client together, and reads them.
func testTornReads(t *testing.T, s Store) {
	c, u := newClient(1), newUser(1)
	one, two := newSession(1, c.ID, u.ID), newSession(2, c.ID, u.ID)
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Users: []auth.User{u}, Sessions: []auth.Session{one, two}})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				got, err := s.ClientByID(ctx, c.ID)
				if err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				if a, b := got.Sessions[0].Version, got.Sessions[1].Version; a != b || got.Client.Version != a {
					t.Errorf("versions %d, %d and %d of records that change together", got.Client.Version, a, b)
					return
				}
			}
		})
	}
	for v := int64(1); v <= 300; v++ {
		c.Version, one.Version, two.Version = v, v, v
		mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Sessions: []auth.Session{one, two}})
	}
	stop()
	wg.Wait()
}

// testNeighbours mixes good changes with ones that fail, all at once.
func testNeighbours(t *testing.T, s Store) {
	mustCommit(t, s, auth.Change{Users: []auth.User{newUser(0)}})
	var wg sync.WaitGroup
	for n := 1; n <= 200; n++ {
		wg.Go(func() {
			u := newUser(n)
			u.Username, u.ExternalID = fmt.Sprintf("n%d", n), ""
			switch n % 4 {
			case 1:
				u.Emails[0].Address = "u0@example.com" // taken
				if err := s.Commit(t.Context(), auth.Change{Users: []auth.User{u}}); !errors.Is(err, auth.ErrExists) {
					t.Errorf("%d: %v, want ErrExists", n, err)
				}
			case 2:
				ch := auth.Change{Users: []auth.User{u}, Clients: []auth.Client{{ID: "client_none", Version: 5}}}
				if err := s.Commit(t.Context(), ch); !errors.Is(err, auth.ErrConflict) {
					t.Errorf("%d: %v, want ErrConflict", n, err)
				}
			default:
				if err := s.Commit(t.Context(), auth.Change{Users: []auth.User{u}}); err != nil {
					t.Errorf("%d: %v", n, err)
				}
			}
		})
	}
	wg.Wait()
	if n, err := s.CountUsers(t.Context(), auth.UserQuery{}); err != nil || n != 101 {
		t.Errorf("%d users, %v; want 101", n, err)
	}
}
