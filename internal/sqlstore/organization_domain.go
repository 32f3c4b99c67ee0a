package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

func orgDomainColumns() string {
	return `d.id, d.version, d.org_id, d.name, d.enrollment, d.affiliation_address, ` + columns("d.") + `,
		d.proven_at, d.proven_by, d.created_at, d.updated_at, d.ownership_value, d.ownership_expire_at`
}

const orgSuggestionColumns = `g.id, g.version, g.org_id, g.domain_id, g.user_id, g.status, g.created_at, g.updated_at`

var (
	orgDomainByID   = built(func() string { return `SELECT ` + orgDomainColumns() + ` FROM org_domains d WHERE d.id = $1` })
	provenOrgDomain = built(func() string {
		return `SELECT ` + orgDomainColumns() + ` FROM org_domains d WHERE d.name = $1 AND d.proven_at > 0`
	})
	countDomainInvitations = fixed(`SELECT count(*) FROM org_invitations i WHERE i.domain_id = $1 AND i.status = 'pending' AND i.domain_id <> ''`)
	countDomainSuggestions = fixed(`SELECT count(*) FROM org_suggestions g WHERE g.domain_id = $1 AND g.status = 'pending'`)
	countOrgDomains        = fixed(`SELECT count(*) FROM org_domains d WHERE d.org_id = $1`)
	insertOrgDomain        = built(func() string {
		return `INSERT INTO org_domains (id, version, org_id, name, enrollment, affiliation_address, ` + columns("") + `,
		proven_at, proven_by, created_at, updated_at, ownership_value, ownership_expire_at)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`
	})
	updateOrgDomain = fixed(`UPDATE org_domains SET version = version + 1, enrollment = $5, affiliation_address = $6,
		strategy = $7, status = $8, attempts = $9, expire_at = $10, verified_at = $11, about = $12, code_hash = $13, detail = $14,
		proven_at = $15, proven_by = $16, updated_at = $18, ownership_value = $19, ownership_expire_at = $20
		WHERE id = $1 AND version = $2`)
	deleteOrgDomain   = fixed(`DELETE FROM org_domains WHERE id = $1 AND version = $2`)
	forgetSuggestions = fixed(`DELETE FROM org_suggestions WHERE domain_id = $1 AND status = 'pending'`)

	orgSuggestionByID   = fixed(`SELECT ` + orgSuggestionColumns + ` FROM org_suggestions g WHERE g.id = $1`)
	orgSuggestionOf     = fixed(`SELECT ` + orgSuggestionColumns + ` FROM org_suggestions g WHERE g.org_id = $1 AND g.user_id = $2`)
	insertOrgSuggestion = fixed(`INSERT INTO org_suggestions (id, version, org_id, domain_id, user_id, status, created_at, updated_at)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8)`)
	updateOrgSuggestion = fixed(`UPDATE org_suggestions SET version = version + 1, status = $6, updated_at = $8
		WHERE id = $1 AND version = $2`)
)

// OrgDomain returns the domain with this id.
func (s *Store) OrgDomain(ctx context.Context, id auth.OrgDomainID) (auth.OrgDomain, error) {
	return s.oneOrgDomain(ctx, "domain", orgDomainByID, string(id))
}

// ProvenOrgDomain returns the domain with this name of the one organization
// that has proven it.
func (s *Store) ProvenOrgDomain(ctx context.Context, name string) (auth.OrgDomain, error) {
	return s.oneOrgDomain(ctx, "proven domain", provenOrgDomain, name)
}

func (s *Store) oneOrgDomain(ctx context.Context, op string, q *query, arg string) (out auth.OrgDomain, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		return found(c.one(q, func(r *row) { out = scanOrgDomain(r) }, arg))
	})
	return out, err
}

// CountOrgDomains says how many domains the organization has.
func (s *Store) CountOrgDomains(ctx context.Context, org auth.OrganizationID) (n int, _ error) {
	err := s.read(ctx, "count domains", func(c *conn) error {
		_, err := c.one(countOrgDomains, func(r *row) { n = int(r.int()) }, string(org))
		return err
	})
	return n, err
}

func scanOrgDomain(r *row) auth.OrgDomain {
	return auth.OrgDomain{
		ID:                 auth.OrgDomainID(r.text()),
		Version:            r.int(),
		Organization:       auth.OrganizationID(r.text()),
		Name:               r.text(),
		Enrollment:         auth.EnrollmentMode(r.text()),
		AffiliationAddress: r.text(),
		Affiliation:        scanVerification(r),
		VerifiedAt:         r.instant(),
		VerifiedBy:         auth.Strategy(r.text()),
		CreatedAt:          r.instant(),
		UpdatedAt:          r.instant(),
		OwnershipValue:     r.text(),
		OwnershipExpireAt:  r.instant(),
	}
}

// putOrgDomain never moves a domain to another organization or renames it.
func (c *conn) putOrgDomain(d *auth.OrgDomain) error {
	args := []any{string(d.ID), d.Version, string(d.Organization), d.Name, string(d.Enrollment), d.AffiliationAddress}
	args = append(args, verificationArgs(&d.Affiliation)...)
	return c.put(d.Version, insertOrgDomain, updateOrgDomain, append(args,
		ms(d.VerifiedAt), string(d.VerifiedBy), ms(d.CreatedAt), ms(d.UpdatedAt), d.OwnershipValue, ms(d.OwnershipExpireAt))...)
}

func (c *conn) deleteOrgDomain(d *auth.OrgDomain) error {
	if _, err := c.exec(forgetSuggestions, string(d.ID)); err != nil {
		return err
	}
	return c.guarded(deleteOrgDomain, string(d.ID), d.Version)
}

// OrgSuggestion returns the suggestion with this id.
func (s *Store) OrgSuggestion(ctx context.Context, id auth.OrgSuggestionID) (auth.OrgSuggestion, error) {
	return s.oneOrgSuggestion(ctx, "suggestion", orgSuggestionByID, string(id))
}

// OrgSuggestionOf returns the suggestion of an organization to a user.
func (s *Store) OrgSuggestionOf(ctx context.Context, org auth.OrganizationID, user auth.UserID) (auth.OrgSuggestion, error) {
	return s.oneOrgSuggestion(ctx, "suggestion of user", orgSuggestionOf, string(org), string(user))
}

func (s *Store) oneOrgSuggestion(ctx context.Context, op string, q *query, args ...any) (out auth.OrgSuggestion, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		return found(c.one(q, func(r *row) { out = scanOrgSuggestion(r) }, args...))
	})
	return out, err
}

func scanOrgSuggestion(r *row) auth.OrgSuggestion {
	return auth.OrgSuggestion{
		ID:           auth.OrgSuggestionID(r.text()),
		Version:      r.int(),
		Organization: auth.OrganizationID(r.text()),
		Domain:       auth.OrgDomainID(r.text()),
		User:         auth.UserID(r.text()),
		Status:       auth.SuggestionStatus(r.text()),
		CreatedAt:    r.instant(),
		UpdatedAt:    r.instant(),
	}
}

// putOrgSuggestion never changes whom a suggestion is for.
func (c *conn) putOrgSuggestion(g *auth.OrgSuggestion) error {
	return c.put(g.Version, insertOrgSuggestion, updateOrgSuggestion,
		string(g.ID), g.Version, string(g.Organization), string(g.Domain), string(g.User), string(g.Status),
		ms(g.CreatedAt), ms(g.UpdatedAt))
}
