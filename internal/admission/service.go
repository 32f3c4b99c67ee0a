package admission

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Service are the use cases of admission. It is safe for concurrent use. Errors
// are [*auth.Error] refusals, [auth.ErrNotFound] for what does not exist,
// [auth.ErrUnavailable] when the store cannot answer, or the context's.
type Service struct {
	Store     Store
	Tickets   Tickets
	Mail      Composer
	TicketURL func(ticket string) string // the link of a ticket
	Now       func() time.Time
	Entropy   io.Reader
	Settings  func() auth.Settings
}

// Store is what [Service] needs of the store. Absent is [auth.ErrNotFound];
// Commit is atomic and durable on return. Safe for concurrent use.
type Store interface {
	Users
	Invitation(ctx context.Context, id auth.InvitationID) (auth.Invitation, error)
	InvitationByHash(ctx context.Context, hash [32]byte) (auth.Invitation, error)
	Invitations(ctx context.Context, q auth.InvitationQuery) ([]auth.Invitation, int, error)
	Waitlist
	Rules
	Commit(ctx context.Context, change auth.Change) error
}

// Users finds users by a verified address.
type Users interface {
	UserByEmail(ctx context.Context, address string) (auth.User, error)
}

// Waitlist reads the waitlist.
type Waitlist interface {
	WaitlistEntry(ctx context.Context, id auth.WaitlistID) (auth.WaitlistEntry, error)
	WaitlistEntryByEmail(ctx context.Context, address string) (auth.WaitlistEntry, error)
	WaitlistEntries(ctx context.Context, q auth.WaitlistQuery) ([]auth.WaitlistEntry, int, error)
}

// Rules reads the allow and the block list.
type Rules interface {
	IdentifierRule(ctx context.Context, id auth.IdentifierRuleID) (auth.IdentifierRule, error)
	IdentifierRules(ctx context.Context, list auth.RuleList, limit, offset int) ([]auth.IdentifierRule, int, error)
	MatchingLists(ctx context.Context, identifiers []string) ([]auth.RuleList, error)
}

// Tickets makes the tickets of invitations. Only the hash is stored.
type Tickets interface {
	NewInvitation(entropy io.Reader, id string) (text string, hash [32]byte, err error)
}

// Composer seals a notice for the outbox. It does no I/O.
type Composer interface {
	Compose(ctx context.Context, n auth.Notice, now time.Time) (auth.Message, error)
}

// Admit says whether a normalised address or number may be used, as the
// instance restricts them. Test identities of development always may. The
// error has code [auth.CodeNotAllowedAccess].
func (s *Service) Admit(ctx context.Context, identifier string) error {
	set := s.Settings()
	if set.Restrictions == (auth.Restrictions{}) || (set.TestCodes && auth.TestIdentity(identifier)) {
		return nil
	}
	var matching []auth.RuleList
	if set.Restrictions.AllowList || set.Restrictions.BlockList {
		var err error
		if matching, err = s.Store.MatchingLists(ctx, auth.RuleCandidates(identifier)); err != nil {
			return fmt.Errorf("look for rules: %w", err)
		}
	}
	return set.Restrictions.Admit(identifier, matching)
}

// Invitee says whom the ticket with this hash is for. It refuses with
// [auth.CodeTicketInvalid], [auth.CodeTicketExpired] or [auth.CodeTicketConsumed].
func (s *Service) Invitee(ctx context.Context, hash [32]byte) (auth.Invitee, error) {
	i, err := s.Store.InvitationByHash(ctx, hash)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Invitee{}, auth.RefuseParam(auth.CodeTicketInvalid, "ticket")
	}
	if err != nil {
		return auth.Invitee{}, fmt.Errorf("read invitation: %w", err)
	}
	return auth.Invitee{
		ID: i.ID, EmailAddress: i.EmailAddress, PublicMeta: i.PublicMeta, RedirectURL: i.RedirectURL,
	}, i.Usable(s.Now())
}

// Accept returns the change by which a user accepts an invitation, to be
// committed together with the user. The version of the invitation decides who
// of several does.
func (s *Service) Accept(ctx context.Context, id auth.InvitationID, _ auth.User) (change auth.Change, _ error) {
	i, err := s.Store.Invitation(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return change, auth.RefuseParam(auth.CodeTicketInvalid, "ticket")
	}
	if err != nil {
		return change, fmt.Errorf("read invitation: %w", err)
	}
	now := s.Now()
	if err := i.Usable(now); err != nil {
		return change, err
	}
	i.Status, i.UpdatedAt = auth.InvitationAccepted, now
	change.Admission.Invitations = []auth.Invitation{i}
	entry, err := s.Store.WaitlistEntryByEmail(ctx, i.EmailAddress)
	switch {
	case err == nil:
		entry.Status, entry.UpdatedAt = auth.WaitlistCompleted, now
		change.Admission.Waitlist = []auth.WaitlistEntry{entry}
	case !errors.Is(err, auth.ErrNotFound):
		return change, fmt.Errorf("read waitlist: %w", err)
	}
	return change, nil
}
