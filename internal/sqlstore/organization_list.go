package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// orderBy writes the ORDER BY of a list over an alias: given is a name, "+" or
// "-" in front, empty for the newest first; columns maps names to columns. Equal
// rows come in the order of their ids.
func orderBy(given string, names []string, columns map[string]string, tie string) (string, error) {
	name, descending := strings.CutPrefix(given, "-")
	if given == "" {
		name, descending = "created_at", true
	}
	name = strings.TrimPrefix(name, "+")
	if !slices.Contains(names, name) {
		return "", auth.RefuseParam(auth.CodeParamInvalid, "order_by")
	}
	if descending {
		return fmt.Sprintf(" ORDER BY %s DESC NULLS LAST, %s DESC", columns[name], tie), nil
	}
	return fmt.Sprintf(" ORDER BY %s ASC NULLS FIRST, %s ASC", columns[name], tie), nil
}

// listing is the two texts of one list. Both read the same arguments.
type listing struct {
	count, page string
	args        []any
}

// list counts what matches and reads one page of it; fill adds what each needs
// from elsewhere, nil for nothing.
func list[T any](
	ctx context.Context, s *Store, op string, l listing, scan func(*row) T, fill func(*conn, *T) error,
) (out []T, total int, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		out, total = nil, 0
		if err := c.dynamic(l.count, l.args, func(r *row) { total = int(r.int()) }); err != nil {
			return err
		}
		if err := c.dynamic(l.page, l.args, func(r *row) { out = append(out, scan(r)) }); err != nil || fill == nil {
			return err
		}
		for i := range out {
			if err := fill(c, &out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return out, total, nil
}

// Organizations returns one page of the organizations that match, and how many
// match altogether.
func (s *Store) Organizations(ctx context.Context, q auth.OrganizationQuery) ([]auth.Organization, int, error) {
	l, err := organizationsListing(q)
	if err != nil {
		return nil, 0, err
	}
	return list(ctx, s, "organizations", l, scanOrganization, nil)
}

func organizationsListing(q auth.OrganizationQuery) (listing, error) {
	order, err := orderBy(q.OrderBy, auth.OrganizationOrders, map[string]string{
		"created_at": "o.created_at", "name": "o.folded_name", "members_count": "o.members",
	}, "o.id")
	if err != nil {
		return listing{}, err
	}
	f := &filter{}
	if len(q.IDs) > 0 {
		f.where("o.id " + in(f, q.IDs))
	}
	if len(q.NotIDs) > 0 {
		f.where("o.id NOT " + in(f, q.NotIDs))
	}
	if len(q.Users) > 0 {
		f.where("o.id IN (SELECT m.org_id FROM org_memberships m WHERE m.user_id " + in(f, q.Users) + ")")
	}
	if len(q.NotUsers) > 0 {
		f.where("o.id NOT IN (SELECT m.org_id FROM org_memberships m WHERE m.user_id " + in(f, q.NotUsers) + ")")
	}
	if q.Query != "" {
		f.where("(o.id = " + f.arg(q.Query) + " OR o.search LIKE " + f.arg(containing(strings.ToLower(q.Query))) + ` ESCAPE '\')`)
	}
	return listing{
		count: `SELECT count(*) FROM organizations o` + f.clause(),
		page:  `SELECT ` + organizationColumns + ` FROM organizations o` + f.clause() + order + f.page(q.Limit, q.Offset),
		args:  f.args,
	}, nil
}
