package admission

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// Join puts an address on the waitlist. One that is there already stays as it
// is, and the answer is the same: nobody learns who else asked, or who has an
// account. It refuses with [auth.CodeWaitlistNotEnabled].
func (s *Service) Join(ctx context.Context, given string) (auth.WaitlistEntry, error) {
	if s.Settings().SignUpMode != auth.SignUpWaitlist {
		return auth.WaitlistEntry{}, auth.Refuse(auth.CodeWaitlistNotEnabled)
	}
	address, err := auth.NormalizeEmail(given, "email_address")
	if err != nil {
		return auth.WaitlistEntry{}, err
	}
	if err := s.Admit(ctx, address); err != nil {
		return auth.WaitlistEntry{}, err
	}
	return s.AddToWaitlist(ctx, address)
}

// AddToWaitlist puts a normalised address on the waitlist, unless it is there.
func (s *Service) AddToWaitlist(ctx context.Context, address string) (auth.WaitlistEntry, error) {
	entry, err := s.Store.WaitlistEntryByEmail(ctx, address)
	if !errors.Is(err, auth.ErrNotFound) {
		return entry, err
	}
	now := s.Now()
	entry = auth.WaitlistEntry{EmailAddress: address, Status: auth.WaitlistPending, CreatedAt: now, UpdatedAt: now}
	if entry.ID, err = auth.NewWaitlistID(now, s.Entropy); err != nil {
		return entry, err
	}
	err = s.Store.Commit(ctx, auth.Change{Admission: auth.AdmissionChange{Waitlist: []auth.WaitlistEntry{entry}}})
	if errors.Is(err, auth.ErrExists) { // by the same request, a moment ago
		return s.Store.WaitlistEntryByEmail(ctx, address)
	}
	return entry, err
}

// WaitlistEntries returns one page of the entries that q selects and how many
// match.
func (s *Service) WaitlistEntries(ctx context.Context, q auth.WaitlistQuery) ([]auth.WaitlistEntry, int, error) {
	return s.Store.WaitlistEntries(ctx, q)
}

// InviteFromWaitlist invites whom an entry is about.
func (s *Service) InviteFromWaitlist(
	ctx context.Context, id auth.WaitlistID, ignoreExisting bool,
) (entry auth.WaitlistEntry, invited Invited, err error) {
	entry, err = s.decide(ctx, id, func(e *auth.WaitlistEntry, change *auth.Change) error {
		i, messages, err := s.prepare(ctx, NewInvitation{EmailAddress: e.EmailAddress, Notify: true, IgnoreExisting: ignoreExisting})
		if err != nil {
			return err
		}
		e.Status, e.Invitation = auth.WaitlistInvited, i.ID
		change.Messages, change.Admission.Invitations = messages, []auth.Invitation{i.Invitation}
		invited = i
		return nil
	})
	return entry, invited, err
}

// RejectFromWaitlist declines an entry.
func (s *Service) RejectFromWaitlist(ctx context.Context, id auth.WaitlistID) (auth.WaitlistEntry, error) {
	return s.decide(ctx, id, func(e *auth.WaitlistEntry, _ *auth.Change) error {
		e.Status = auth.WaitlistRejected
		return nil
	})
}

// decide changes an entry that is not completed yet.
func (s *Service) decide(
	ctx context.Context, id auth.WaitlistID, rule func(*auth.WaitlistEntry, *auth.Change) error,
) (e auth.WaitlistEntry, err error) {
	err = auth.Retry(func() error {
		if e, err = s.Store.WaitlistEntry(ctx, id); err != nil {
			return err
		}
		if e.Status == auth.WaitlistCompleted {
			return auth.Refuse(auth.CodeWaitlistEntryNotFit)
		}
		var change auth.Change
		if err := rule(&e, &change); err != nil {
			return err
		}
		e.UpdatedAt = s.Now()
		change.Admission.Waitlist = []auth.WaitlistEntry{e}
		return s.Store.Commit(ctx, change)
	})
	return e, err
}

// DeleteFromWaitlist removes an entry.
func (s *Service) DeleteFromWaitlist(ctx context.Context, id auth.WaitlistID) error {
	return auth.Retry(func() error {
		e, err := s.Store.WaitlistEntry(ctx, id)
		if err != nil {
			return err
		}
		if e.Status == auth.WaitlistCompleted {
			return auth.Refuse(auth.CodeWaitlistEntryNotFit)
		}
		return s.Store.Commit(ctx, auth.Change{Admission: auth.AdmissionChange{DeletedWaitlist: []auth.WaitlistEntry{e}}})
	})
}

// AddRule puts an identifier or a pattern on a list. One that is there already
// is refused with [auth.CodeDuplicateRecordForList].
func (s *Service) AddRule(ctx context.Context, list auth.RuleList, given string) (rule auth.IdentifierRule, err error) {
	now := s.Now()
	rule = auth.IdentifierRule{List: list, CreatedAt: now, UpdatedAt: now}
	if rule.Identifier, rule.Kind, err = auth.NormalizeRule(given, "identifier"); err != nil {
		return rule, err
	}
	if rule.ID, err = auth.NewIdentifierRuleID(list, now, s.Entropy); err != nil {
		return rule, err
	}
	err = s.Store.Commit(ctx, auth.Change{Admission: auth.AdmissionChange{Identifiers: []auth.IdentifierRule{rule}}})
	if errors.Is(err, auth.ErrExists) {
		return rule, auth.RefuseParam(auth.CodeDuplicateRecordForList, "identifier")
	}
	return rule, err
}

// ListRules returns one page of a list, newest first, and how many rules it has.
func (s *Service) ListRules(ctx context.Context, list auth.RuleList, limit, offset int) ([]auth.IdentifierRule, int, error) {
	return s.Store.IdentifierRules(ctx, list, limit, offset)
}

// DeleteRule removes a rule from its list.
func (s *Service) DeleteRule(ctx context.Context, list auth.RuleList, id auth.IdentifierRuleID) error {
	rule, err := s.Store.IdentifierRule(ctx, id)
	if err == nil && rule.List != list {
		err = auth.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read rule: %w", err)
	}
	return s.Store.Commit(ctx, auth.Change{Admission: auth.AdmissionChange{DeletedRules: []auth.IdentifierRuleID{id}}})
}
