package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Domains are the domains of organizations: adding and proving them, and what
// they do for people who have an address in them.
type Domains struct{ *core }

// DomainStore is what domains and suggestions need of the store, see [Store].
type DomainStore interface {
	OrgDomain(ctx context.Context, id auth.OrgDomainID) (auth.OrgDomain, error)
	ProvenOrgDomain(ctx context.Context, name string) (auth.OrgDomain, error)
	OrgDomains(ctx context.Context, q auth.OrgDomainQuery) ([]auth.OwnedDomain, int, error)
	CountOrgDomains(ctx context.Context, org auth.OrganizationID) (int, error)
	DescribeDomain(ctx context.Context, d auth.OrgDomain) (auth.OwnedDomain, error)
	OrgSuggestion(ctx context.Context, id auth.OrgSuggestionID) (auth.OrgSuggestion, error)
	OrgSuggestionOf(ctx context.Context, org auth.OrganizationID, user auth.UserID) (auth.OrgSuggestion, error)
	OrgSuggestions(ctx context.Context, q auth.OrgSuggestionQuery) ([]auth.Suggested, int, error)
}

// enterDomains is [core.enter] where the instance has domains. Operators may
// prepare them before members can see them.
func (s *Domains) enterDomains(ctx context.Context, by Actor, id auth.OrganizationID, op auth.OrgOperation) (auth.Belonging, error) {
	if by != Operator && !s.Settings().Organizations.Domains {
		return auth.Belonging{}, auth.Refuse(auth.CodeOrgDomainsDisabled)
	}
	return s.enter(ctx, by, id, op)
}

// List returns one page of the domains of an organization, and how many match.
func (s *Domains) List(ctx context.Context, by Actor, id auth.OrganizationID, q auth.OrgDomainQuery) ([]auth.OwnedDomain, int, error) {
	b, err := s.enterDomains(ctx, by, id, auth.OrgListDomains)
	if err != nil {
		return nil, 0, err
	}
	q.Organization = id
	page, total, err := s.Store.OrgDomains(ctx, q)
	for i := range page {
		page[i].OrgDomain = shown(by, b, page[i].OrgDomain)
	}
	return page, total, err
}

// shown leaves out of a domain what only those see who can change it.
func shown(by Actor, b auth.Belonging, d auth.OrgDomain) auth.OrgDomain {
	if by != Operator && !b.May(auth.PermManageDomains) {
		d.OwnershipValue = ""
	}
	return d
}

// All returns one page of all domains of the instance, an operator's right.
func (s *Domains) All(ctx context.Context, q auth.OrgDomainQuery) ([]auth.OwnedDomain, int, error) {
	return s.Store.OrgDomains(ctx, q)
}

// Get returns one domain of an organization.
func (s *Domains) Get(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID) (auth.OwnedDomain, error) {
	b, err := s.enterDomains(ctx, by, org, auth.OrgListDomains)
	if err != nil {
		return auth.OwnedDomain{}, err
	}
	d, err := s.of(ctx, org, id)
	return s.described(ctx, shown(by, b, d), err)
}

// of returns a domain of this organization; one of another does not exist.
func (s *Domains) of(ctx context.Context, org auth.OrganizationID, id auth.OrgDomainID) (auth.OrgDomain, error) {
	d, err := s.Store.OrgDomain(ctx, id)
	if errors.Is(err, auth.ErrNotFound) || (err == nil && d.Organization != org) {
		return d, auth.Refuse(auth.CodeResourceNotFound)
	}
	if err != nil {
		return d, fmt.Errorf("read domain: %w", err)
	}
	return d, nil
}

func (s *Domains) described(ctx context.Context, d auth.OrgDomain, err error) (auth.OwnedDomain, error) {
	if err != nil {
		return auth.OwnedDomain{}, err
	}
	return s.Store.DescribeDomain(ctx, d)
}

// NewDomain is a domain to add.
type NewDomain struct {
	Name       string
	Enrollment auth.EnrollmentMode // empty for manual invitation
	Verified   bool                // an operator's to say
}

// Create adds a domain. A domain that another organization has proven is
// refused, and so are those in which anybody can have an address.
func (s *Domains) Create(ctx context.Context, by Actor, org auth.OrganizationID, in NewDomain) (auth.OwnedDomain, error) {
	var d auth.OrgDomain
	err := auth.Retry(func() error {
		b, err := s.enterDomains(ctx, by, org, auth.OrgChangeDomains)
		if err != nil {
			return err
		}
		if d, err = s.draft(ctx, by, org, in); err != nil {
			return err
		}
		// The organization is written too: of many domains added at once no more
		// get through than the limit allows.
		b.Organization.UpdatedAt = d.CreatedAt
		return s.Store.Commit(ctx, auth.Change{Organizations: auth.OrganizationChange{
			Organizations: []auth.Organization{b.Organization}, Domains: []auth.OrgDomain{d},
		}})
	})
	return s.described(ctx, d, refuseTaken(err))
}

func (s *Domains) draft(ctx context.Context, by Actor, org auth.OrganizationID, in NewDomain) (d auth.OrgDomain, err error) {
	if in.Name, err = auth.NormalizeDomain(in.Name, "name"); err != nil {
		return d, err
	}
	if in.Enrollment == "" {
		in.Enrollment = auth.EnrollManual
	}
	if err := s.offered(in.Enrollment); err != nil {
		return d, err
	}
	switch holder, err := s.Store.ProvenOrgDomain(ctx, in.Name); {
	case err == nil && holder.Organization != org:
		return d, auth.RefuseParam(auth.CodeIdentifierExists, "name")
	case err != nil && !errors.Is(err, auth.ErrNotFound):
		return d, fmt.Errorf("look for domain: %w", err)
	}
	n, err := s.Store.CountOrgDomains(ctx, org)
	if err != nil {
		return d, fmt.Errorf("count domains: %w", err)
	}
	if n >= auth.MaxOrgDomains {
		return d, auth.Refuse(auth.CodeOrgDomainQuota)
	}
	now := s.Now()
	d = auth.OrgDomain{Organization: org, Name: in.Name, Enrollment: in.Enrollment, CreatedAt: now, UpdatedAt: now}
	if in.Verified && by == Operator {
		d = d.Verify(auth.StrategyAdmin, now)
	}
	d.ID, err = auth.NewOrgDomainID(now, s.Entropy)
	return d, err
}

// offered refuses an enrollment mode that the instance does not have.
func (s *Domains) offered(m auth.EnrollmentMode) error {
	known := []auth.EnrollmentMode{auth.EnrollManual, auth.EnrollInvite, auth.EnrollSuggest, auth.EnrollEnterprise}
	if !slices.Contains(known, m) {
		return auth.RefuseParam(auth.CodeParamInvalid, "enrollment_mode")
	}
	if !s.Settings().Organizations.Offers(m) {
		return auth.RefuseParam(auth.CodeOrgDomainModeDisabled, "enrollment_mode")
	}
	return nil
}

// Delete removes a domain and the suggestions it made.
func (s *Domains) Delete(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID) error {
	return auth.Retry(func() error {
		if _, err := s.enterDomains(ctx, by, org, auth.OrgChangeDomains); err != nil {
			return err
		}
		d, err := s.of(ctx, org, id)
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: auth.OrganizationChange{DeletedDomains: []auth.OrgDomain{d}}})
	})
}

// UpdateDomain is what to change of a domain; nil leaves it as it is.
type UpdateDomain struct {
	Enrollment *auth.EnrollmentMode
	Verified   *bool // an operator's to say
	// DeletePending takes back what the mode until now has made for people.
	DeletePending bool
}

// Update changes what a domain does. A member changes proven domains only.
func (s *Domains) Update(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID, in UpdateDomain) (auth.OwnedDomain, error) {
	return s.onDomain(ctx, by, org, id, func(d auth.OrgDomain, now time.Time) (auth.OrgDomain, auth.Change, error) {
		if by != Operator {
			in.Verified = nil
			if !d.Verified() {
				return d, auth.Change{}, auth.Refuse(auth.CodeOrgDomainNotVerified)
			}
		}
		if in.Enrollment != nil {
			if err := s.offered(*in.Enrollment); err != nil {
				return d, auth.Change{}, err
			}
			d.Enrollment = *in.Enrollment
		}
		switch {
		case in.Verified == nil:
		case *in.Verified:
			d = d.Verify(auth.StrategyAdmin, now)
		default:
			d.VerifiedAt, d.VerifiedBy = time.Time{}, ""
		}
		d.UpdatedAt = now
		if !in.DeletePending {
			return d, auth.Change{}, nil
		}
		orgs, err := s.withdrawn(ctx, d)
		return d, auth.Change{Organizations: orgs}, err
	})
}

// withdrawn takes back the open invitations and suggestions of a domain, as
// many as one request may.
func (s *Domains) withdrawn(ctx context.Context, d auth.OrgDomain) (ch auth.OrganizationChange, err error) {
	const most = 500
	now := s.Now()
	invited, _, err := s.Store.OrgInvitations(ctx, auth.OrgInvitationQuery{
		Domain: d.ID, Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationPending}, Now: now, Limit: most,
	})
	if err != nil {
		return ch, fmt.Errorf("read invitations of domain: %w", err)
	}
	for _, i := range invited {
		ch.Invitations = append(ch.Invitations, i.Settle(auth.OrgInvitationRevoked, now))
	}
	suggested, _, err := s.Store.OrgSuggestions(ctx, auth.OrgSuggestionQuery{
		Domain: d.ID, Statuses: []auth.SuggestionStatus{auth.SuggestionPending}, Limit: most,
	})
	if err != nil {
		return ch, fmt.Errorf("read suggestions of domain: %w", err)
	}
	for _, g := range suggested {
		g.Status, g.OrgSuggestion.UpdatedAt = auth.SuggestionRejected, now
		ch.Suggestions = append(ch.Suggestions, g.OrgSuggestion)
	}
	return ch, nil
}

// onDomain changes one domain of an organization.
func (s *Domains) onDomain(
	ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgDomainID,
	decide func(auth.OrgDomain, time.Time) (auth.OrgDomain, auth.Change, error),
) (auth.OwnedDomain, error) {
	var d auth.OrgDomain
	err := auth.Retry(func() error {
		if _, err := s.enterDomains(ctx, by, org, auth.OrgChangeDomains); err != nil {
			return err
		}
		stored, err := s.of(ctx, org, id)
		if err != nil {
			return err
		}
		var change auth.Change
		if d, change, err = decide(stored, s.Now()); err != nil || d == stored {
			return err
		}
		change.Organizations.Domains = []auth.OrgDomain{d}
		return s.Store.Commit(ctx, change)
	})
	return s.described(ctx, d, refuseTaken(err))
}
