package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// exactly compares records with their unexported parts.
var exactly = cmp.AllowUnexported(auth.PasswordHash{})

// Behaviour tests that what goes in comes out, and how absence is told.
func Behaviour(t *testing.T, open Open) {
	each(t, open, map[string]func(*testing.T, Store){
		"absent is not found, everywhere":                       testAbsent,
		"a client comes back with all that belongs":             testClientAggregate,
		"only live sessions come with a client":                 testLiveSessions,
		"every token of a client resolves to it":                testTokens,
		"a deleted client says so":                              testDeletedClient,
		"a lineage comes with its client and no other":          testLineages,
		"the lineages of a client are bounded":                  testLineagesBounded,
		"a lineage is forgotten in the end":                     testLineagesSwept,
		"an update changes every member":                        testUpdates,
		"a user is found by each identifier":                    testUserLookups,
		"emails are replaced as a set":                          testEmailSet,
		"a deleted user takes what is theirs along":             testDeletedUser,
		"a sign-in token is found by id and by ticket":          testSignInToken,
		"a lockout is counted under its key":                    testLockout,
		"a browser flow comes back, and what it is for stays":   testBrowserFlow,
		"an email link comes back, and what it is for stays":    testEmailLink,
		"a back end's proof comes back, and goes with its user": testContactVerification,
		"a message is claimed, due again, deleted":              testMessages,
		"an image comes back until it is deleted":               testImages,
		"a token template is found by its name":                 testJWTTemplates,
		"an invitation is found, listed and used once":          testInvitations,
		"nothing is left of a deleted invitation":               testDeletedInvitation,
		"an address is on the waitlist once":                    testWaitlist,
		"a rule is found by what it matches":                    testIdentifierRules,
		"a session has one reverification":                      testReverification,
		"an instance value is swapped only from its old one":    testInstanceValue,
		"a sweep takes only what nobody can ask about":          testSweep,
		"a megabyte of metadata survives":                       testLargeMetadata,
		"an empty record survives":                              testEmptyRecords,
		"returned slices are not shared":                        testNotShared,
		"a cancelled context stops work":                        testCancelled,
		"a commit is read at once":                              testReadYourWrites,
		"a closed store is unavailable":                         testClosed,
	})
}

func testAbsent(t *testing.T, s Store) {
	ctx := t.Context()
	for name, read := range map[string]func() error{
		"ClientByToken":       func() error { _, _, err := s.ClientByToken(ctx, hashOf(1)); return err },
		"ClientByID":          func() error { _, err := s.ClientByID(ctx, "client_x"); return err },
		"BoundClient":         func() error { _, _, err := s.BoundClient(ctx, auth.BoundToken{Client: "client_x"}); return err },
		"User":                func() error { _, err := s.User(ctx, "user_x"); return err },
		"UserByEmail":         func() error { _, err := s.UserByEmail(ctx, "x@example.com"); return err },
		"UserByEmailID":       func() error { _, err := s.UserByEmailID(ctx, "idn_x"); return err },
		"UserByUsername":      func() error { _, err := s.UserByUsername(ctx, "x"); return err },
		"UserByUsername ''":   func() error { _, err := s.UserByUsername(ctx, ""); return err },
		"UserByExternalID":    func() error { _, err := s.UserByExternalID(ctx, "x"); return err },
		"SignUp":              func() error { _, err := s.SignUp(ctx, "sua_x"); return err },
		"Session":             func() error { _, err := s.Session(ctx, "sess_x"); return err },
		"BrowserFlow":         func() error { _, err := s.BrowserFlow(ctx, "bfl_x"); return err },
		"EmailLink":           func() error { _, err := s.EmailLink(ctx, "eml_x"); return err },
		"ContactVerification": func() error { _, err := s.ContactVerification(ctx, "ver_x"); return err },
		"SignInToken":         func() error { _, err := s.SignInToken(ctx, "sit_x"); return err },
		"SignInTokenByHash":   func() error { _, err := s.SignInTokenByHash(ctx, hashOf(1)); return err },
		"Lockout":             func() error { _, err := s.Lockout(ctx, hashOf(1)); return err },
		"InstanceValue":       func() error { _, err := s.InstanceValue(ctx, "x"); return err },
	} {
		if err := read(); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s of nothing: %v, want ErrNotFound", name, err)
		}
	}
	if users, err := s.Users(ctx, auth.UserQuery{Limit: 10}); err != nil || len(users) != 0 {
		t.Errorf("Users of nothing: %d, %v", len(users), err)
	}
	if err := s.Ping(ctx); err != nil {
		t.Errorf("Ping of an empty store: %v", err)
	}
}

func testUpdates(t *testing.T, s Store) {
	ctx := t.Context()
	c, u := newClient(1), newUser(1)
	ses := newSession(1, c.ID, u.ID)
	in, up := newSignIn(1, c.ID), newSignUp(1, c.ID)
	c.SignIn, c.SignUp = in.ID, up.ID
	mustCommit(t, s, auth.Change{
		Clients: []auth.Client{c}, Users: []auth.User{u}, Sessions: []auth.Session{ses},
		SignIns: []auth.SignIn{in}, SignUps: []auth.SignUp{up},
		Tokens: []auth.ClientToken{newClientToken(1, c.ID)},
	})

	// The second version of everything: other values everywhere that may change.
	c2, u2, ses2, in2, up2 := newClient(20), newUser(20), newSession(20, c.ID, u.ID), newSignIn(20, c.ID), newSignUp(20, c.ID)
	c2.ID, u2.ID, ses2.ID, in2.ID, up2.ID = c.ID, u.ID, ses.ID, in.ID, up.ID
	c2.Version, u2.Version, ses2.Version, in2.Version, up2.Version = 1, 1, 1, 1, 1
	c2.CreatedAt, u2.CreatedAt, ses2.CreatedAt, in2.CreatedAt, up2.CreatedAt = c.CreatedAt, u.CreatedAt, ses.CreatedAt, in.CreatedAt, up.CreatedAt
	c2.SignIn, c2.SignUp, c2.LastStrategy = in.ID, up.ID, auth.StrategyTicket
	ses2.Status, ses2.Activity = auth.SessionPending, auth.Activity{IPAddress: "192.0.2.1"}
	u2.Banned, u2.Password, u2.PublicMeta = false, auth.PasswordHash{}, json.RawMessage(`{"a":1}`)
	in2.NewPassword, in2.CreatedSession, in2.User, in2.Identifier = false, "sess_7", "", "who"
	in2.FirstFactor, in2.SecondFactor = in2.SecondFactor, in2.FirstFactor
	up2.Shadow, up2.CustomAction, up2.UnsafeMeta, up2.Username, up2.Email.Status = false, false, nil, "", auth.VerificationFailed
	mustCommit(t, s, auth.Change{
		Clients: []auth.Client{c2}, Users: []auth.User{u2}, Sessions: []auth.Session{ses2},
		SignIns: []auth.SignIn{in2}, SignUps: []auth.SignUp{up2},
	})

	got, err := s.ClientByID(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	c2.Version, u2.Version, ses2.Version, in2.Version, up2.Version = 2, 2, 2, 2, 2
	want := auth.ClientAggregate{
		Client: c2, Sessions: []auth.Session{ses2}, Users: map[auth.UserID]auth.User{u.ID: u2}, SignIn: &in2, SignUp: &up2,
	}
	if diff := cmp.Diff(want, got, exactly); diff != "" {
		t.Errorf("after an update (-want +got)\n%s", diff)
	}
}

func testLargeMetadata(t *testing.T, s Store) {
	u := newUser(1)
	u.PrivateMeta = json.RawMessage(`{"big":"` + strings.Repeat("ä", 1<<19) + `"}`)
	mustCommit(t, s, auth.Change{Users: []auth.User{u}})
	got, err := s.User(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.PrivateMeta) != string(u.PrivateMeta) {
		t.Errorf("%d bytes came back as %d others", len(u.PrivateMeta), len(got.PrivateMeta))
	}
}

func testEmptyRecords(t *testing.T, s Store) {
	c, u := auth.Client{ID: "client_e"}, auth.User{ID: "user_e"}
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Users: []auth.User{u, {ID: "user_f"}}})
	got, err := s.ClientByID(t.Context(), c.ID)
	c.Version = 1
	if err != nil || got.Client != c || got.Sessions != nil || got.SignIn != nil || got.SignUp != nil {
		t.Errorf("empty client came back as %+v, %v", got, err)
	}
	u.Version = 1
	u.PublicMeta, u.PrivateMeta, u.UnsafeMeta = json.RawMessage(`{}`), json.RawMessage(`{}`), json.RawMessage(`{}`)
	gotUser, err := s.User(t.Context(), u.ID)
	if diff := cmp.Diff(u, gotUser, exactly); err != nil || diff != "" {
		t.Errorf("empty user: %v (-want +got)\n%s", err, diff)
	}
}

func testNotShared(t *testing.T, s Store) {
	u := newUser(1)
	mustCommit(t, s, auth.Change{Users: []auth.User{u}})
	if err := s.SwapInstanceValue(t.Context(), "k", nil, []byte("value")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := s.User(t.Context(), u.ID)
		if err != nil || string(got.PublicMeta) != string(u.PublicMeta) || got.Emails[0].Address != u.Emails[0].Address {
			t.Fatalf("%+v, %v", got, err)
		}
		value, err := s.InstanceValue(t.Context(), "k")
		if err != nil || string(value) != "value" {
			t.Fatalf("%q, %v", value, err)
		}
		clear(got.PublicMeta)
		got.Emails[0].Address = "changed"
		clear(value)
	}
}

func testCancelled(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Commit(ctx, auth.Change{Users: []auth.User{newUser(1)}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v", err)
	}
	if _, err := s.User(ctx, "user_1"); !errors.Is(err, context.Canceled) {
		t.Errorf("User: %v", err)
	}
	if _, err := s.User(t.Context(), "user_1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a context error from Commit must mean that nothing was written: %v", err)
	}
}

func testReadYourWrites(t *testing.T, s Store) {
	c := newClient(1)
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}})
	for version := int64(1); version <= 200; version++ {
		c.Version, c.UpdatedAt = version, at(int(version))
		mustCommit(t, s, auth.Change{Clients: []auth.Client{c}})
		got, err := s.ClientByID(t.Context(), c.ID)
		if err != nil || got.Client.Version != version+1 || !got.Client.UpdatedAt.Equal(c.UpdatedAt) {
			t.Fatalf("after version %d was committed: %+v, %v", version+1, got.Client, err)
		}
	}
}

func testClosed(t *testing.T, s Store) {
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), auth.Change{}); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("Commit: %v", err)
	}
	if _, err := s.User(t.Context(), "user_1"); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("User: %v", err)
	}
}
