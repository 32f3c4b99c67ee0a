package sqlstore

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// OrgInvitations returns one page of the invitations that match, each with what
// it refers to and the status it has at the query's instant, and how many match
// altogether.
func (s *Store) OrgInvitations(ctx context.Context, q auth.OrgInvitationQuery) ([]auth.Invited, int, error) {
	l, err := orgInvitationsListing(q)
	if err != nil {
		return nil, 0, err
	}
	scan := func(r *row) auth.Invited { return auth.Invited{OrgInvitation: scanOrgInvitation(r)} }
	return list(ctx, s, "invitations", l, scan, func(c *conn, i *auth.Invited) (err error) {
		i.Status = i.StatusAt(q.Now)
		return c.fillInvited(i)
	})
}

var roleByID = fixed(`SELECT ` + roleColumns + ` FROM org_roles r WHERE r.id = $1`)

// fillInvited reads what an invitation refers to; what is gone stays zero.
func (c *conn) fillInvited(i *auth.Invited) error {
	if _, err := c.one(organizationByID, func(r *row) { i.Organization = scanOrganization(r) }, string(i.OrgInvitation.Organization)); err != nil {
		return err
	}
	if _, err := c.one(roleByID, func(r *row) { i.Role = scanRole(r) }, string(i.OrgInvitation.Role)); err != nil {
		return err
	}
	if i.OrgInvitation.Inviter == "" {
		return nil
	}
	var err error
	i.Inviter, _, err = c.user(userByID, string(i.OrgInvitation.Inviter))
	return err
}

// DescribeInvitation adds to an invitation what it refers to.
func (s *Store) DescribeInvitation(ctx context.Context, i auth.OrgInvitation) (auth.Invited, error) {
	out := auth.Invited{OrgInvitation: i}
	err := s.read(ctx, "describe invitation", func(c *conn) error { return c.fillInvited(&out) })
	return out, err
}

func orgInvitationsListing(q auth.OrgInvitationQuery) (listing, error) {
	order, err := orderBy(q.OrderBy, auth.OrgInvitationOrders, map[string]string{
		"created_at": "i.created_at", "email_address": "i.email_address",
	}, "i.id")
	if err != nil {
		return listing{}, err
	}
	f := &filter{}
	if q.Organization != "" {
		f.where("i.org_id = " + f.arg(string(q.Organization)))
	}
	if len(q.EmailAddresses) > 0 {
		f.where("i.email_address " + in(f, q.EmailAddresses))
	}
	if q.Domain != "" {
		f.where("i.domain_id <> '' AND i.domain_id = " + f.arg(string(q.Domain)))
	}
	if q.Query != "" {
		f.where("i.email_address LIKE " + f.arg(containing(strings.ToLower(q.Query))) + ` ESCAPE '\'`)
	}
	if len(q.Statuses) > 0 {
		f.where(invitationStatusTerm(f, q))
	}
	return listing{
		count: `SELECT count(*) FROM org_invitations i` + f.clause(),
		page:  `SELECT ` + orgInvitationColumns + ` FROM org_invitations i` + f.clause() + order + f.page(q.Limit, q.Offset),
		args:  f.args,
	}, nil
}

// invitationStatusTerm is [auth.OrgInvitation.StatusAt] in SQL.
func invitationStatusTerm(f *filter, q auth.OrgInvitationQuery) string {
	now := f.arg(ms(q.Now))
	terms := make([]string, 0, len(q.Statuses))
	for _, status := range q.Statuses {
		const over = "i.expire_at > 0 AND i.expire_at <= "
		switch status {
		case auth.OrgInvitationPending:
			terms = append(terms, "i.status = 'pending' AND (i.expire_at = 0 OR i.expire_at > "+now+")")
		case auth.OrgInvitationExpired:
			terms = append(terms, "i.status = 'expired'", "i.status = 'pending' AND "+over+now)
		default:
			terms = append(terms, "i.status = "+f.arg(string(status)))
		}
	}
	return "((" + strings.Join(terms, ") OR (") + "))"
}
