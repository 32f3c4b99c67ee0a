package sqlstore

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// OrgDomains returns one page of the domains that match, each with its
// organization and what waits because of it, and how many match altogether.
func (s *Store) OrgDomains(ctx context.Context, q auth.OrgDomainQuery) ([]auth.OwnedDomain, int, error) {
	l, err := orgDomainsListing(q)
	if err != nil {
		return nil, 0, err
	}
	scan := func(r *row) auth.OwnedDomain { return auth.OwnedDomain{OrgDomain: scanOrgDomain(r)} }
	return list(ctx, s, "domains", l, scan, func(c *conn, d *auth.OwnedDomain) error { return c.fillOwned(d) })
}

// DescribeDomain adds to a domain what is published beside it.
func (s *Store) DescribeDomain(ctx context.Context, d auth.OrgDomain) (auth.OwnedDomain, error) {
	out := auth.OwnedDomain{OrgDomain: d}
	err := s.read(ctx, "describe domain", func(c *conn) error { return c.fillOwned(&out) })
	return out, err
}

func (c *conn) fillOwned(d *auth.OwnedDomain) error {
	if _, err := c.one(organizationByID, func(r *row) { d.Owner = scanOrganization(r) }, string(d.Organization)); err != nil {
		return err
	}
	if _, err := c.one(countDomainInvitations, func(r *row) { d.PendingInvitations = int(r.int()) }, string(d.ID)); err != nil {
		return err
	}
	_, err := c.one(countDomainSuggestions, func(r *row) { d.PendingSuggestions = int(r.int()) }, string(d.ID))
	return err
}

func orgDomainsListing(q auth.OrgDomainQuery) (listing, error) {
	order, err := orderBy(q.OrderBy, auth.OrgDomainOrders, map[string]string{"created_at": "d.created_at", "name": "d.name"}, "d.id")
	if err != nil {
		return listing{}, err
	}
	f := &filter{}
	if q.Organization != "" {
		f.where("d.org_id = " + f.arg(string(q.Organization)))
	}
	if len(q.Names) > 0 {
		f.where("d.name " + in(f, q.Names))
	}
	if q.Query != "" {
		f.where("d.name LIKE " + f.arg(containing(strings.ToLower(q.Query))) + ` ESCAPE '\'`)
	}
	if q.Verified != nil {
		f.where("(d.proven_at > 0) = " + f.arg(*q.Verified))
	}
	if len(q.Modes) > 0 {
		f.where("d.enrollment " + in(f, q.Modes))
	}
	if len(q.NotModes) > 0 {
		f.where("d.enrollment NOT " + in(f, q.NotModes))
	}
	return listing{
		count: `SELECT count(*) FROM org_domains d` + f.clause(),
		page:  `SELECT ` + orgDomainColumns() + ` FROM org_domains d` + f.clause() + order + f.page(q.Limit, q.Offset),
		args:  f.args,
	}, nil
}

// OrgSuggestions returns one page of the suggestions that match, newest first,
// each with its organization and user, and how many match altogether.
func (s *Store) OrgSuggestions(ctx context.Context, q auth.OrgSuggestionQuery) ([]auth.Suggested, int, error) {
	scan := func(r *row) auth.Suggested { return auth.Suggested{OrgSuggestion: scanOrgSuggestion(r)} }
	return list(ctx, s, "suggestions", orgSuggestionsListing(q), scan, func(c *conn, g *auth.Suggested) (err error) {
		read := func(r *row) { g.Organization = scanOrganization(r) }
		if _, err := c.one(organizationByID, read, string(g.OrgSuggestion.Organization)); err != nil {
			return err
		}
		g.User, _, err = c.user(userByID, string(g.OrgSuggestion.User))
		return err
	})
}

func orgSuggestionsListing(q auth.OrgSuggestionQuery) listing {
	f := &filter{}
	if q.Organization != "" {
		f.where("g.org_id = " + f.arg(string(q.Organization)))
	}
	if q.User != "" {
		f.where("g.user_id = " + f.arg(string(q.User)))
	}
	if q.Domain != "" {
		f.where("g.domain_id = " + f.arg(string(q.Domain)))
	}
	if len(q.Statuses) > 0 {
		f.where("g.status " + in(f, q.Statuses))
	}
	return listing{
		count: `SELECT count(*) FROM org_suggestions g` + f.clause(),
		page: `SELECT ` + orgSuggestionColumns + ` FROM org_suggestions g` + f.clause() +
			` ORDER BY g.created_at DESC, g.id DESC` + f.page(q.Limit, q.Offset),
		args: f.args,
	}
}
