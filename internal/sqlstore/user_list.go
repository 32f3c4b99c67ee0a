package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// userOrders maps the name of an order to its column. Each has an index.
var userOrders = map[string]string{
	"created_at":      "created_at",
	"updated_at":      "updated_at",
	"last_sign_in_at": "last_sign_in_at",
	"last_active_at":  "last_active_at",
	"email_address":   "primary_address",
	"phone_number":    "primary_number",
	"username":        "username",
	"first_name":      "first_name",
	"last_name":       "last_name",
}

// Users returns one page of the users that match. Equal ones come in the order
// of their ids, so that pages neither repeat nor skip. An order that is not in
// [auth.UserOrders] is an error of code [auth.CodeParamInvalid]. The cursor
// q.After goes with an order by creation only.
func (s *Store) Users(ctx context.Context, q auth.UserQuery) (out []auth.User, _ error) {
	text, args, err := usersText(q)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, "users", func(c *conn) error {
		var more []belongings
		err := c.dynamic(text, args, func(r *row) {
			u, m := scanUser(r)
			out, more = append(out, u), append(more, m)
		})
		for i := range out {
			if err == nil {
				err = c.fillUser(&out[i], more[i])
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CountUsers says how many users match, whatever the page.
func (s *Store) CountUsers(ctx context.Context, q auth.UserQuery) (n int, _ error) {
	f := userFilter(q)
	err := s.read(ctx, "count users", func(c *conn) error {
		return c.dynamic(countUsersText(f), f.args, func(r *row) { n = int(r.int()) })
	})
	return n, err
}

func countUsersText(f *filter) string { return `SELECT count(*) FROM users u` + f.clause() }

func usersText(q auth.UserQuery) (string, []any, error) {
	name, descending := strings.CutPrefix(q.OrderBy, "-")
	if q.OrderBy == "" {
		name, descending = "created_at", true
	}
	name = strings.TrimPrefix(name, "+")
	if !slices.Contains(auth.UserOrders, name) {
		return "", nil, auth.RefuseParam(auth.CodeParamInvalid, "order_by")
	}
	direction := "ASC NULLS FIRST"
	tie := "ASC"
	if descending {
		direction, tie = "DESC NULLS LAST", "DESC"
	}
	f := userFilter(q)
	if q.After != "" {
		f.where(fmt.Sprintf("(u.created_at, u.id) %s (SELECT a.created_at, a.id FROM users a WHERE a.id = %s)",
			map[bool]string{false: ">", true: "<"}[descending], f.arg(string(q.After))))
	}
	text := `SELECT ` + userColumns() + ` FROM users u` + f.clause() +
		fmt.Sprintf(` ORDER BY u.%s %s, u.id %s`, userOrders[name], direction, tie) + f.page(q.Limit, q.Offset)
	return text, f.args, nil
}
