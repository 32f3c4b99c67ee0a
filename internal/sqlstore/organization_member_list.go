package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// memberOrders maps the name of an order to its column.
var memberOrders = map[string]string{
	"created_at": "m.created_at", "email_address": "u.primary_address", "username": "u.username",
	"first_name": "u.first_name", "last_name": "u.last_name",
}

// Members returns one page of the memberships that match, each with its user,
// organization and role, and how many match altogether.
func (s *Store) Members(ctx context.Context, q auth.MemberQuery) ([]auth.Member, int, error) {
	l, err := membersListing(q)
	if err != nil {
		return nil, 0, err
	}
	scan := func(r *row) auth.Member { return auth.Member{Belonging: scanBelonging(r)} }
	return list(ctx, s, "members", l, scan, func(c *conn, m *auth.Member) (err error) {
		m.User, _, err = c.user(userByID, string(m.Membership.User))
		return err
	})
}

func membersListing(q auth.MemberQuery) (listing, error) {
	tie := "m.id"
	if q.OrderBy != "" && memberOrders[trimSign(q.OrderBy)] != "m.created_at" {
		tie = "u.id" // so that the index of the user's column delivers the order
	}
	order, err := orderBy(q.OrderBy, auth.MemberOrders, memberOrders, tie)
	if err != nil {
		return listing{}, err
	}
	f := userFilter(q.Users)
	ofUser := len(f.terms) > 0
	if q.Organization != "" {
		f.where("m.org_id = " + f.arg(string(q.Organization)))
	}
	if q.User != "" {
		f.where("m.user_id = " + f.arg(string(q.User)))
	}
	if len(q.Roles) > 0 {
		f.where("m.role_id " + in(f, q.Roles))
	}
	joined := ` JOIN users u ON u.id = m.user_id`
	l := listing{count: `SELECT count(*) FROM org_memberships m`, page: `SELECT ` + belongingColumns + belongingTables}
	if ofUser {
		l.count += joined
	}
	l.count += f.clause()
	switch {
	case tie == "u.id" && q.Organization == "" && q.User == "":
		// Of everybody: along the users in their order, so that nothing is sorted.
		l.page = `SELECT ` + belongingColumns + ` FROM users u CROSS JOIN org_memberships m
			JOIN organizations o ON o.id = m.org_id JOIN org_roles r ON r.id = m.role_id`
		f.where("m.user_id = u.id")
	case ofUser || tie == "u.id":
		l.page += joined
	}
	l.page += f.clause() + order + f.page(q.Limit, q.Offset)
	l.args = f.args
	return l, nil
}

// trimSign is the name of an order without its direction.
func trimSign(order string) string {
	if order != "" && (order[0] == '-' || order[0] == '+') {
		return order[1:]
	}
	return order
}
