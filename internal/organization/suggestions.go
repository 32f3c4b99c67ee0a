package organization

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// Suggestions tells people about organizations that may be theirs, and
// organizations about people who ask to join.
type Suggestions struct {
	*core
	domains *Domains
}

// enroll makes for a user what the domains of the user's addresses promise: an
// invitation or a suggestion, once. It is done when the user asks, so that it
// holds for whoever proves an address and whenever a domain is proven.
func (s *Domains) enroll(ctx context.Context, user auth.User) error {
	set := s.Settings().Organizations
	if !set.Domains || len(set.Enrollments) == 0 {
		return nil
	}
	for _, e := range user.Emails {
		if !e.Verified() {
			continue
		}
		d, err := s.Store.ProvenOrgDomain(ctx, auth.DomainOf(e.Address))
		if errors.Is(err, auth.ErrNotFound) || (err == nil && !set.Offers(d.Enrollment)) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for domain: %w", err)
		}
		if err := s.enrollBy(ctx, d, user, e.Address); err != nil {
			return err
		}
	}
	return nil
}

func (s *Domains) enrollBy(ctx context.Context, d auth.OrgDomain, user auth.User, address string) error {
	switch _, err := s.Store.Belonging(ctx, d.Organization, user.ID); {
	case err == nil:
		return nil
	case !errors.Is(err, auth.ErrNotFound):
		return fmt.Errorf("look for membership: %w", err)
	}
	var change auth.OrganizationChange
	var err error
	switch d.Enrollment {
	case auth.EnrollInvite:
		change, err = s.invite(ctx, d, address)
	case auth.EnrollSuggest:
		change, err = s.suggest(ctx, d, user)
	default:
	}
	if err != nil || change.Empty() {
		return err
	}
	err = s.Store.Commit(ctx, auth.Change{Organizations: change})
	if errors.Is(err, auth.ErrExists) || errors.Is(err, auth.ErrConflict) {
		return nil // made at the same moment by another request, or the organization is gone
	}
	return err
}

// invite makes an invitation without a ticket: the address is proven already.
// One that was settled is not made again.
func (s *Domains) invite(ctx context.Context, d auth.OrgDomain, address string) (ch auth.OrganizationChange, err error) {
	now := s.Now()
	_, n, err := s.Store.OrgInvitations(ctx, auth.OrgInvitationQuery{
		Organization: d.Organization, EmailAddresses: []string{address}, Domain: d.ID, Now: now, Limit: 1,
	})
	if err != nil || n > 0 {
		return ch, err
	}
	if open, err := s.Store.OpenOrgInvitation(ctx, d.Organization, address); err == nil || !errors.Is(err, auth.ErrNotFound) {
		if err == nil && open.StatusAt(now) == auth.OrgInvitationPending {
			return ch, nil
		}
		return ch, err
	}
	org, err := s.Store.Organization(ctx, d.Organization)
	if errors.Is(err, auth.ErrNotFound) {
		return ch, nil
	}
	if err != nil {
		return ch, fmt.Errorf("read organization: %w", err)
	}
	role, err := s.joiningRole(ctx, org)
	if err != nil {
		return ch, err
	}
	id, err := auth.NewOrgInvitationID(now, s.Entropy)
	ch.Invitations = []auth.OrgInvitation{{
		ID: id, Organization: d.Organization, EmailAddress: address, Role: role.ID, Domain: d.ID,
		Status: auth.OrgInvitationPending, CreatedAt: now, UpdatedAt: now,
	}}
	return ch, err
}

func (s *Domains) suggest(ctx context.Context, d auth.OrgDomain, user auth.User) (ch auth.OrganizationChange, err error) {
	if _, err := s.Store.OrgSuggestionOf(ctx, d.Organization, user.ID); !errors.Is(err, auth.ErrNotFound) {
		return ch, err
	}
	now := s.Now()
	id, err := auth.NewOrgSuggestionID(now, s.Entropy)
	ch.Suggestions = []auth.OrgSuggestion{{
		ID: id, Organization: d.Organization, Domain: d.ID, User: user.ID, Status: auth.SuggestionPending,
		CreatedAt: now, UpdatedAt: now,
	}}
	return ch, err
}

// OfUser returns one page of what is suggested to a user, and how many match.
// What an organization rejected is not told.
func (s *Suggestions) OfUser(ctx context.Context, id auth.UserID, q auth.OrgSuggestionQuery) ([]auth.Suggested, int, error) {
	if err := s.enabled(); err != nil {
		return nil, 0, err
	}
	user, err := s.Store.User(ctx, id)
	if err != nil {
		return nil, 0, fmt.Errorf("read user: %w", err)
	}
	if err := s.domains.enroll(ctx, user); err != nil {
		return nil, 0, err
	}
	if len(q.Statuses) == 0 {
		q.Statuses = []auth.SuggestionStatus{auth.SuggestionPending, auth.SuggestionAccepted, auth.SuggestionCompleted}
	}
	q.User = id
	return s.Store.OrgSuggestions(ctx, q)
}

// Ask turns a suggestion to a user into a request to join. Asking again changes
// nothing.
func (s *Suggestions) Ask(ctx context.Context, user auth.UserID, id auth.OrgSuggestionID) (out auth.Suggested, err error) {
	if err := s.enabled(); err != nil {
		return out, err
	}
	err = auth.Retry(func() error {
		g, err := s.Store.OrgSuggestion(ctx, id)
		if errors.Is(err, auth.ErrNotFound) || (err == nil && (g.User != user || g.Status == auth.SuggestionRejected)) {
			return auth.Refuse(auth.CodeResourceNotFound)
		}
		if err != nil {
			return fmt.Errorf("read suggestion: %w", err)
		}
		if out.OrgSuggestion = g; g.Status != auth.SuggestionPending {
			return nil
		}
		out.Status, out.OrgSuggestion.UpdatedAt = auth.SuggestionAccepted, s.Now()
		return s.Store.Commit(ctx, auth.Change{Organizations: auth.OrganizationChange{
			Suggestions: []auth.OrgSuggestion{out.OrgSuggestion},
		}})
	})
	if err != nil {
		return out, err
	}
	out.Organization, err = s.Store.Organization(ctx, out.OrgSuggestion.Organization)
	return out, err
}

// Requests returns one page of the requests to join an organization, and how
// many match.
func (s *Suggestions) Requests(ctx context.Context, by Actor, org auth.OrganizationID, q auth.OrgSuggestionQuery) ([]auth.Suggested, int, error) {
	if _, err := s.enter(ctx, by, org, auth.OrgListRequests); err != nil {
		return nil, 0, err
	}
	if len(q.Statuses) == 0 {
		q.Statuses = []auth.SuggestionStatus{auth.SuggestionAccepted, auth.SuggestionCompleted, auth.SuggestionRejected}
	}
	q.Organization = org
	return s.Store.OrgSuggestions(ctx, q)
}

// Answer accepts or rejects a request to join. The same answer again changes
// nothing; the other one is refused.
func (s *Suggestions) Answer(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgSuggestionID, accept bool) (out auth.Suggested, err error) {
	want := auth.SuggestionRejected
	if accept {
		want = auth.SuggestionCompleted
	}
	err = s.inTurn(org, func() error {
		b, err := s.enter(ctx, by, org, auth.OrgAnswerRequest)
		if err != nil {
			return err
		}
		g, err := s.Store.OrgSuggestion(ctx, id)
		if errors.Is(err, auth.ErrNotFound) || (err == nil && (g.Organization != org || g.Status == auth.SuggestionPending)) {
			return auth.Refuse(auth.CodeResourceNotFound)
		}
		if err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		out.Organization, out.OrgSuggestion = b.Organization, g
		if out.User, err = s.Store.User(ctx, g.User); err != nil {
			return fmt.Errorf("read user: %w", err)
		}
		switch g.Status {
		case want:
			return nil
		case auth.SuggestionAccepted:
		default:
			return auth.Refuse(auth.CodeOrgSuggestionNotPending)
		}
		change, err := s.answered(ctx, &out, want)
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: change})
	})
	return out, refuseTaken(err)
}

func (s *Suggestions) answered(ctx context.Context, g *auth.Suggested, want auth.SuggestionStatus) (ch auth.OrganizationChange, err error) {
	g.Status, g.OrgSuggestion.UpdatedAt = want, s.Now()
	if want == auth.SuggestionCompleted {
		role, err := s.joiningRole(ctx, g.Organization)
		if err != nil {
			return ch, err
		}
		_, ch, err = s.join(ctx, joining{org: g.Organization, user: g.User, role: role})
		if err != nil && !errors.Is(err, auth.Refuse(auth.CodeOrgAlreadyMember)) {
			return ch, err
		}
	}
	ch.Suggestions = []auth.OrgSuggestion{g.OrgSuggestion}
	return ch, nil
}
