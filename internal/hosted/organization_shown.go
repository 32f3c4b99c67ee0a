package hosted

import (
	"net/url"
	"strconv"

	"github.com/perennialauth/perennial/internal/auth"
)

// pageSize is how many of a list one page shows.
const pageSize = 20

// pager leads to the other pages of a list.
type pager struct {
	First, Last, Total int // of what is shown, counted from one
	Before, After      string
}

// from is where the page of a list begins that is asked for.
func (r *room) from() int {
	at, err := strconv.Atoi(r.r.URL.Query().Get("from"))
	if err != nil {
		return 0
	}
	return min(max(at, 0), 1_000_000)
}

// pager is that of a list of which shown are on this page, for a search or none.
func (r *room) pager(shown, total int, search string) pager {
	from := r.from()
	out := pager{First: from + 1, Last: from + shown, Total: total}
	address := func(at int) string {
		q := url.Values{}
		if search != "" {
			q.Set("search", search)
		}
		if at > 0 {
			q.Set("from", strconv.Itoa(at))
		}
		return r.r.URL.Path + "?" + q.Encode()
	}
	if from > 0 {
		out.Before = address(max(0, from-pageSize))
	}
	if from+shown < total && shown > 0 {
		out.After = address(from + shown)
	}
	return out
}

// roleName is what a role is called: those that every instance has, in the
// language of the visitor, others by the name that the instance gave them.
func (r *room) roleName(role auth.Role) string {
	switch {
	case role.ID == auth.RoleAdmin && role.Name == "Admin":
		return r.T("organization.role.admin")
	case role.ID == auth.RoleMember && role.Name == "Member":
		return r.T("organization.role.member")
	default:
		return role.Name
	}
}

// roleChoice is a role that can be given.
type roleChoice struct {
	Key, Name string
	Chosen    bool
}

// givable are the roles of an organization that the visitor may give, with one
// of them chosen.
func (p *Pages) givable(r *room, chosen string) ([]roleChoice, error) {
	all, err := p.Organizations.Roles.Of(r.r.Context(), r.by, r.in.Organization.ID)
	if err != nil {
		return nil, err
	}
	var out []roleChoice
	for _, role := range all.Roles {
		if r.in.AllowRole(role) == nil {
			out = append(out, roleChoice{Key: role.Key, Name: r.roleName(role), Chosen: role.Key == chosen})
		}
	}
	return out, nil
}
