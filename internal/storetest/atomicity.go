package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// Atomicity tests that a change that fails anywhere leaves nothing anywhere.
func Atomicity(t *testing.T, open Open) {
	each(t, open, map[string]func(*testing.T, Store){
		"one stale record undoes the whole change":       testStaleUndoes,
		"what is taken is named and undoes it all":       testTaken,
		"an absent record cannot be updated":             testUpdateAbsent,
		"what belongs to something absent is a conflict": testOrphans,
	})
}

// seed is one of everything, and returns the change that would rewrite it all.
func seed(t *testing.T, s Store) auth.Change {
	c, u := newClient(1), newUser(1)
	ch := auth.Change{
		Clients: []auth.Client{c}, Users: []auth.User{u}, Sessions: []auth.Session{newSession(1, c.ID, u.ID)},
		SignIns: []auth.SignIn{newSignIn(1, c.ID)}, SignUps: []auth.SignUp{newSignUp(1, c.ID)},
		SignInTokens: []auth.SignInToken{newSignInToken(1, u.ID)}, Lockouts: []auth.Lockout{{Key: hashOf(1), Failures: 1}},
	}
	mustCommit(t, s, ch)
	ch.Clients[0].Version, ch.Users[0].Version, ch.Sessions[0].Version = 1, 1, 1
	ch.SignIns[0].Version, ch.SignUps[0].Version, ch.SignInTokens[0].Version, ch.Lockouts[0].Version = 1, 1, 1, 1
	return ch
}

// picture is everything that the records of seed and their neighbours show.
func picture(t *testing.T, s Store) map[string]any {
	t.Helper()
	ctx := t.Context()
	out := map[string]any{}
	put := func(name string, value any, err error) {
		if err != nil && !errors.Is(err, auth.ErrNotFound) {
			t.Fatal(err)
		}
		out[name] = []any{value, err == nil}
	}
	for _, id := range []auth.ClientID{"client_1", "client_2"} {
		a, err := s.ClientByID(ctx, id)
		put(string(id), a, err)
	}
	for _, id := range []auth.UserID{"user_1", "user_2"} {
		u, err := s.User(ctx, id)
		put(string(id), u, err)
	}
	for _, id := range []auth.SignInTokID{"sit_1", "sit_2"} {
		x, err := s.SignInToken(ctx, id)
		put(string(id), x, err)
	}
	for n := range 3 {
		l, err := s.Lockout(ctx, hashOf(n))
		put("lockout"+string(rune('0'+n)), l, err)
		c, _, err := s.ClientByToken(ctx, hashOf(n))
		put("token"+string(rune('0'+n)), c.Client.ID, err)
	}
	m, err := s.RecentMessages(ctx, 9)
	put("messages", m, err)
	return out
}

func testStaleUndoes(t *testing.T, s Store) {
	fresh := seed(t, s)
	before := picture(t, s)
	for name, spoil := range map[string]func(*auth.Change){
		"client":        func(ch *auth.Change) { ch.Clients[0].Version = 7 },
		"user":          func(ch *auth.Change) { ch.Users[0].Version = 7 },
		"session":       func(ch *auth.Change) { ch.Sessions[0].Version = 7 },
		"sign-in":       func(ch *auth.Change) { ch.SignIns[0].Version = 7 },
		"sign-up":       func(ch *auth.Change) { ch.SignUps[0].Version = 7 },
		"sign-in token": func(ch *auth.Change) { ch.SignInTokens[0].Version = 7 },
		"lockout":       func(ch *auth.Change) { ch.Lockouts[0].Version = 7 },
		"deleted user":  func(ch *auth.Change) { ch.DeletedUsers = []auth.User{{ID: "user_none", Version: 1}} },
	} {
		t.Run(name, func(t *testing.T) {
			ch := rewriting(fresh)
			spoil(&ch)
			if err := s.Commit(t.Context(), ch); !errors.Is(err, auth.ErrConflict) {
				t.Fatalf("got %v, want ErrConflict", err)
			}
			if diff := cmp.Diff(before, picture(t, s), exactly); diff != "" {
				t.Errorf("something was written (-before +after)\n%s", diff)
			}
		})
	}
	mustCommit(t, s, rewriting(fresh)) // the unspoilt change is a good one
}

// rewriting is a change that writes every kind of record, old and new. It
// copies, so that it can be spoilt.
func rewriting(fresh auth.Change) auth.Change {
	c := newClient(2)
	u := newUser(2)
	in, up, ses := fresh.SignIns[0], fresh.SignUps[0], fresh.Sessions[0]
	in.Identifier, up.FirstName, ses.Status = "changed", "changed", auth.SessionEnded
	client, user, tok, lock := fresh.Clients[0], fresh.Users[0], fresh.SignInTokens[0], fresh.Lockouts[0]
	client.SignIn, user.FirstName, user.Emails, tok.Status, lock.Failures = "sia_1", "changed", nil, auth.SignInTokenRevoked, 9
	user.PrimaryEmail = ""
	return auth.Change{
		Clients: []auth.Client{client, c}, Tokens: []auth.ClientToken{newClientToken(2, c.ID)},
		Users: []auth.User{user, u}, Sessions: []auth.Session{ses, newSession(2, c.ID, u.ID)},
		SignIns: []auth.SignIn{in, newSignIn(2, c.ID)}, SignUps: []auth.SignUp{up, newSignUp(2, c.ID)},
		SignInTokens: []auth.SignInToken{tok, newSignInToken(2, u.ID)},
		Lockouts:     []auth.Lockout{lock, {Key: hashOf(2), Failures: 1}}, Messages: []auth.Message{newMessage(1)},
	}
}

func testTaken(t *testing.T, s Store) {
	seed(t, s)
	before := picture(t, s)
	for name, test := range map[string]struct {
		change auth.Change
		what   string
	}{
		"verified address": {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.Emails[0].Address = "u1@example.com" })}}, "email_address"},
		"username":         {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.Username = "name1" })}}, "username"},
		"external id":      {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.ExternalID = "ext-1" })}}, "external_id"},
		"verified number":  {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.Phones[0].Number = "+493012300001" })}}, "phone_number"},
		"credential":       {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.Passkeys[0].Key.CredentialID = []byte("credential 1") })}}, "passkey"},
		"external account": {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.ExternalAccounts[0].Subject = "sub-1" })}}, "external_account"},
		"address id":       {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.Emails[1].ID = "idn_1_1" })}}, "id"},
		"user":             {auth.Change{Users: []auth.User{userWith(func(u *auth.User) { u.ID = "user_1" })}}, "id"},
		"client":           {auth.Change{Clients: []auth.Client{newClient(1)}}, "id"},
		"session":          {auth.Change{Sessions: []auth.Session{newSession(1, "client_1", "user_1")}}, "id"},
		"sign-in":          {auth.Change{SignIns: []auth.SignIn{newSignIn(1, "client_1")}}, "id"},
		"sign-up":          {auth.Change{SignUps: []auth.SignUp{newSignUp(1, "client_1")}}, "id"},
		"sign-in token":    {auth.Change{SignInTokens: []auth.SignInToken{newSignInToken(1, "user_1")}}, "id"},
	} {
		t.Run(name, func(t *testing.T) {
			test.change.Clients = append([]auth.Client{newClient(2)}, test.change.Clients...)
			test.change.Messages = []auth.Message{newMessage(1)}
			err := s.Commit(t.Context(), test.change)
			var exists *auth.ExistsError
			if !errors.As(err, &exists) || exists.What != test.what {
				t.Fatalf("got %v, want what is taken to be %q", err, test.what)
			}
			if diff := cmp.Diff(before, picture(t, s), exactly); diff != "" {
				t.Errorf("something was written (-before +after)\n%s", diff)
			}
		})
	}
	// The same address twice is fine as long as only one is proven.
	mustCommit(t, s, auth.Change{Users: []auth.User{userWith(func(u *auth.User) {
		u.Emails[0].Address, u.Emails[0].Verification.Status = "u1@example.com", auth.VerificationUnverified
	})}})
}

// userWith is a new user 2 that was changed.
func userWith(change func(*auth.User)) auth.User {
	u := newUser(2)
	change(&u)
	return u
}

func testUpdateAbsent(t *testing.T, s Store) {
	c := newClient(1)
	c.Version = 3
	if err := s.Commit(t.Context(), auth.Change{Clients: []auth.Client{c}}); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if _, err := s.ClientByID(t.Context(), c.ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// testOrphans adds to a client and a user that went away, as far as the writer
// can know, since it read them.
func testOrphans(t *testing.T, s Store) {
	mustCommit(t, s, auth.Change{Clients: []auth.Client{newClient(1)}, Users: []auth.User{newUser(1)}})
	for name, ch := range map[string]auth.Change{
		"session":       {Sessions: []auth.Session{newSession(1, "client_none", "user_1")}},
		"token":         {Tokens: []auth.ClientToken{newClientToken(1, "client_none")}},
		"sign-in":       {SignIns: []auth.SignIn{newSignIn(1, "client_none")}},
		"sign-up":       {SignUps: []auth.SignUp{newSignUp(1, "client_none")}},
		"sign-in token": {SignInTokens: []auth.SignInToken{newSignInToken(1, "user_none")}},
	} {
		if err := s.Commit(t.Context(), ch); !errors.Is(err, auth.ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", name, err)
		}
	}
}
