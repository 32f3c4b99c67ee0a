// Package storetest owns what every store of package auth must do, as tests
// that any implementation can be put through.
//
// It offers [Run] for everything, and its parts one by one: [Behaviour] (what
// goes in comes out, what is absent is said to be absent), [Lists] (filters,
// orders, pages), [Atomicity] (all of a change or nothing), [Concurrency] (of
// any number of parallel attempts on one thing exactly one wins),
// [Organizations] (all of that for what belongs to organizations), [Webhooks]
// (what is to be delivered is kept until it is) and [Durability] (it is still there after reopening). They are apart because they
// fail for different reasons: a wrong column, a missing guard, a missing flush.
//
// It refuses to know how a store works: it sees the interface only.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Store is what is tested.
type Store interface {
	Commit(context.Context, auth.Change) error

	ClientByToken(context.Context, [32]byte) (auth.ClientAggregate, int64, error)
	ClientByID(context.Context, auth.ClientID) (auth.ClientAggregate, error)
	BoundClient(context.Context, auth.BoundToken) (auth.ClientAggregate, auth.Lineage, error)
	Clients(ctx context.Context, limit, offset int) ([]auth.ClientAggregate, int, error)
	User(context.Context, auth.UserID) (auth.User, error)
	UserByEmail(context.Context, string) (auth.User, error)
	UserByEmailID(context.Context, auth.EmailID) (auth.User, error)
	UserByPhone(context.Context, string) (auth.User, error)
	UserByPhoneID(context.Context, auth.PhoneID) (auth.User, error)
	UserByUsername(context.Context, string) (auth.User, error)
	UserByExternalID(context.Context, string) (auth.User, error)
	Users(context.Context, auth.UserQuery) ([]auth.User, error)
	CountUsers(context.Context, auth.UserQuery) (int, error)
	SignUp(context.Context, auth.SignUpID) (auth.SignUp, error)
	Session(context.Context, auth.SessionID) (auth.Session, error)
	Sessions(context.Context, auth.SessionQuery) ([]auth.Session, int, error)
	SignInToken(context.Context, auth.SignInTokID) (auth.SignInToken, error)
	SignInTokenByHash(context.Context, [32]byte) (auth.SignInToken, error)
	BrowserFlow(context.Context, auth.BrowserFlowID) (auth.BrowserFlow, error)
	EmailLink(context.Context, auth.EmailLinkID) (auth.EmailLink, error)
	ContactVerification(context.Context, auth.ContactVerificationID) (auth.ContactVerification, error)
	Lockout(context.Context, [32]byte) (auth.Lockout, error)
	ClaimMessages(ctx context.Context, now, until time.Time, limit int) ([]auth.Message, error)
	DeleteMessages(context.Context, []auth.MessageID) error
	RecentMessages(ctx context.Context, limit int) ([]auth.Message, error)
	InstanceValue(ctx context.Context, name string) ([]byte, error)
	SwapInstanceValue(ctx context.Context, name string, old, value []byte) error
	Sweep(ctx context.Context, now time.Time) (more bool, _ error)
	OrganizationStore
	WebhookStore
	ExternalStore

	AdmissionStore
	Reverification(context.Context, auth.SessionID) (auth.Reverification, error)
	Image(context.Context, auth.ImageID) (auth.Image, error)
	JWTTemplate(context.Context, auth.JWTTemplateID) (auth.JWTTemplate, error)
	JWTTemplateByName(context.Context, string) (auth.JWTTemplate, error)
	JWTTemplates(ctx context.Context, limit, offset int) ([]auth.JWTTemplate, int, error)

	Ping(context.Context) error
	Close() error
}

// AdmissionStore is what is tested about who may sign up.
type AdmissionStore interface {
	Invitation(context.Context, auth.InvitationID) (auth.Invitation, error)
	InvitationByHash(context.Context, [32]byte) (auth.Invitation, error)
	Invitations(context.Context, auth.InvitationQuery) ([]auth.Invitation, int, error)
	WaitlistEntry(context.Context, auth.WaitlistID) (auth.WaitlistEntry, error)
	WaitlistEntryByEmail(context.Context, string) (auth.WaitlistEntry, error)
	WaitlistEntries(context.Context, auth.WaitlistQuery) ([]auth.WaitlistEntry, int, error)
	IdentifierRule(context.Context, auth.IdentifierRuleID) (auth.IdentifierRule, error)
	IdentifierRules(ctx context.Context, list auth.RuleList, limit, offset int) ([]auth.IdentifierRule, int, error)
	MatchingLists(ctx context.Context, identifiers []string) ([]auth.RuleList, error)
}

// Open opens the store kept in this folder, creating it when there is none.
type Open func(t testing.TB, folder string) Store

// Run puts a store through everything.
func Run(t *testing.T, open Open) {
	t.Run("behaviour", func(t *testing.T) { Behaviour(t, open) })
	t.Run("lists", func(t *testing.T) { Lists(t, open) })
	t.Run("atomicity", func(t *testing.T) { Atomicity(t, open) })
	t.Run("concurrency", func(t *testing.T) { Concurrency(t, open) })
	t.Run("organizations", func(t *testing.T) { Organizations(t, open) })
	t.Run("webhooks", func(t *testing.T) { Webhooks(t, open) })
	t.Run("external", func(t *testing.T) { External(t, open) })
	t.Run("durability", func(t *testing.T) { Durability(t, open) })
}

// each runs the tests of one part in parallel, each on its own store.
func each(t *testing.T, open Open, tests map[string]func(*testing.T, Store)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, t.TempDir())
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test(t, s)
		})
	}
}

func mustCommit(t testing.TB, s Store, ch auth.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), ch); err != nil {
		t.Fatalf("commit: %v", err)
	}
}
