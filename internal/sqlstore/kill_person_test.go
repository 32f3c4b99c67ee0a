package sqlstore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

// person is somebody who signs up, signs out and signs in again, in three
// changes that each touch several tables.
type person struct{ round, worker, n int }

const stepsPerPerson = 3

func noDeadline() context.Context { return context.Background() }

var killEpoch = time.UnixMilli(1_790_000_000_000).UTC()

func (p person) name() string { return fmt.Sprintf("%d_%d_%d", p.round, p.worker, p.n) }

// states are all records of the person after each step; index 0 is before.
func (p person) states() [stepsPerPerson + 1]auth.Change {
	name := p.name()
	c := auth.Client{ID: auth.ClientID("client_" + name), CreatedAt: killEpoch}
	tok := auth.ClientToken{Hash: sha256.Sum256([]byte(name)), Client: c.ID, Generation: 1, CreatedAt: killEpoch}
	u := auth.User{
		ID: auth.UserID("user_" + name), PublicMeta: []byte(`{}`), PrivateMeta: []byte(`{}`), UnsafeMeta: []byte(`{}`),
		Emails: []auth.EmailAddress{{
			ID: auth.EmailID("idn_" + name), Address: name + "@example.com",
			Verification: auth.Verification{Strategy: auth.StrategyEmailCode, Status: auth.VerificationVerified},
		}},
		PrimaryEmail: auth.EmailID("idn_" + name),
	}
	first := auth.Session{ID: auth.SessionID("sess_" + name + "_1"), Client: c.ID, User: u.ID, Status: auth.SessionActive}
	up := auth.SignUp{ID: auth.SignUpID("sua_" + name), Client: c.ID, CreatedUser: u.ID, CreatedSession: first.ID}
	c.LastActiveSession, c.SignUp = first.ID, up.ID
	signedUp := auth.Change{
		Clients: []auth.Client{c}, Tokens: []auth.ClientToken{tok}, Users: []auth.User{u},
		Sessions: []auth.Session{first}, SignUps: []auth.SignUp{up},
	}

	out, ended := c, first
	out.LastActiveSession, out.SignUp, ended.Status = "", "", auth.SessionEnded
	signedOut := auth.Change{Clients: []auth.Client{out}, Sessions: []auth.Session{ended}}

	second := first
	second.ID = auth.SessionID("sess_" + name + "_2")
	in := auth.SignIn{ID: auth.SignInID("sia_" + name), Client: c.ID, User: u.ID, CreatedSession: second.ID}
	back, seen := out, u
	back.LastActiveSession, back.SignIn, seen.LastSignInAt = second.ID, in.ID, killEpoch
	signedIn := auth.Change{
		Clients: []auth.Client{back}, Users: []auth.User{seen}, Sessions: []auth.Session{second}, SignIns: []auth.SignIn{in},
	}
	return [...]auth.Change{{}, signedUp, signedOut, signedIn}
}

// changes are the steps as they are committed.
func (p person) changes() [stepsPerPerson]auth.Change {
	s := p.states()
	s[2].Clients[0].Version, s[2].Sessions[0].Version = 1, 1
	s[3].Clients[0].Version, s[3].Users[0].Version = 2, 1
	return [...]auth.Change{s[1], s[2], s[3]}
}

// stored says how many steps are in the store, or that one of them is there
// only in part.
func (p person) stored(ctx context.Context, s *sqlstore.Store) (int, error) {
	got, err := p.read(ctx, s)
	if err != nil {
		return 0, err
	}
	diffs := ""
	for step := range stepsPerPerson + 1 {
		diff := cmp.Diff(p.expected(step), got, cmp.AllowUnexported(auth.PasswordHash{}))
		if diff == "" {
			return step, nil
		}
		diffs += fmt.Sprintf("unlike step %d (-want +got)\n%s", step, diff)
	}
	return 0, fmt.Errorf("half-done: %s", diffs)
}

// shown is what the reads of a store show of a person.
type shown struct {
	Client    *auth.ClientAggregate
	User      *auth.User
	Sessions  [2]*auth.Session
	Addressed bool
}

func (p person) read(ctx context.Context, s *sqlstore.Store) (out shown, _ error) {
	name := p.name()
	agg, _, err := s.ClientByToken(ctx, sha256.Sum256([]byte(name)))
	if err == nil {
		out.Client = &agg
	} else if !errors.Is(err, auth.ErrNotFound) {
		return out, err
	}
	if agg, err := s.ClientByID(ctx, auth.ClientID("client_"+name)); (err == nil) != (out.Client != nil) {
		return out, fmt.Errorf("client %v without its token: %w", agg.Client.ID, err)
	}
	u, err := s.User(ctx, auth.UserID("user_"+name))
	if err == nil {
		out.User = &u
	} else if !errors.Is(err, auth.ErrNotFound) {
		return out, err
	}
	_, err = s.UserByEmail(ctx, name+"@example.com")
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		return out, err
	}
	out.Addressed = err == nil
	for i := range out.Sessions {
		x, err := s.Session(ctx, auth.SessionID(fmt.Sprintf("sess_%s_%d", name, i+1)))
		if err == nil {
			out.Sessions[i] = &x
		} else if !errors.Is(err, auth.ErrNotFound) {
			return out, err
		}
	}
	return out, nil
}

// expected is what the reads show after a step.
func (p person) expected(step int) shown {
	if step == 0 {
		return shown{}
	}
	st := p.states()
	c, u, first := st[step].Clients[0], st[1].Users[0], st[1].Sessions[0]
	c.Version, u.Version, first.Version = int64(step), 1, 1
	if step == 3 {
		u = st[3].Users[0]
		u.Version = 2
	}
	agg := auth.ClientAggregate{Client: c, Users: map[auth.UserID]auth.User{}}
	out := shown{Client: &agg, User: &u, Addressed: true}
	if step >= 2 {
		first = st[2].Sessions[0]
		first.Version = 2
	} else {
		agg.Sessions, agg.Users[u.ID] = []auth.Session{first}, u
		up := st[1].SignUps[0]
		up.Version = 1
		agg.SignUp = &up
	}
	out.Sessions[0] = &first
	if step == 3 {
		second, in := st[3].Sessions[0], st[3].SignIns[0]
		second.Version, in.Version = 1, 1
		agg.Sessions, agg.Users[u.ID], agg.SignIn = []auth.Session{second}, u, &in
		out.Sessions[1] = &second
	}
	return out
}
