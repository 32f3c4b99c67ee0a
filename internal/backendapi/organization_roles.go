package backendapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// named is what lists of roles and permissions look at.
type named struct {
	id, name, key string
	created       time.Time
}

// few selects, orders and cuts a list that is short enough to be in memory.
func few[T any](f *respond.Form, all []T, look func(T) named) (page []T, total int) {
	by := order(f, []string{"created_at", "name", "key"})
	limit, offset := f.Page()
	text := strings.ToLower(f.String("query"))
	for _, v := range all {
		n := look(v)
		if text == "" || n.id == f.String("query") || strings.Contains(strings.ToLower(n.name), text) || strings.Contains(n.key, text) {
			page = append(page, v)
		}
	}
	name, descending := strings.CutPrefix(by, "-")
	slices.SortStableFunc(page, func(a, b T) int {
		x, y := look(a), look(b)
		c := x.created.Compare(y.created)
		switch name {
		case "name":
			c = cmp.Compare(x.name, y.name)
		case "key":
			c = cmp.Compare(x.key, y.key)
		}
		if c = cmp.Or(c, cmp.Compare(x.id, y.id)); descending || by == "" {
			return -c
		}
		return c
	})
	total = len(page)
	page = page[min(max(offset, 0), total):]
	return page[:min(max(limit, 0), len(page))], total
}

func (a *API) listRoles(_ http.ResponseWriter, r *http.Request) (any, error) {
	c, err := a.Organizations.Roles.Catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	f := query(r)
	page, total := few(f, c.Roles, func(r auth.Role) named { return named{string(r.ID), r.Name, r.Key, r.CreatedAt} })
	if err := f.Err(); err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, func(r auth.Role) wire.Role { return a.orgs.Role(r, c) }), nil
}

func (a *API) answerRole(r auth.Role, c auth.Catalogue, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.orgs.Role(r, c), nil
}

func roleEdit(w http.ResponseWriter, r *http.Request) (organization.RoleEdit, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return organization.RoleEdit{}, err
	}
	in := organization.RoleEdit{Name: f.Optional("name"), Key: f.Optional("key"), Description: f.Optional("description")}
	if include := f.OptionalBool("include_in_initial_role_set"); include != nil {
		in.Apart = !*include
	}
	if f.Has("permissions") {
		in.Permissions = append([]string{}, f.Strings("permissions")...)
	}
	return in, f.Err()
}

func (a *API) createRole(w http.ResponseWriter, r *http.Request) (any, error) {
	in, err := roleEdit(w, r)
	if err != nil {
		return nil, err
	}
	return a.answerRole(a.Organizations.Roles.Create(r.Context(), in))
}

func roleID(r *http.Request) (auth.RoleID, error) {
	return pathID[auth.RoleID](r, "organization_role_id", "role")
}

func (a *API) getRole(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roleID(r)
	if err != nil {
		return nil, err
	}
	return a.answerRole(a.Organizations.Roles.Get(r.Context(), id))
}

func (a *API) updateRole(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roleID(r)
	if err != nil {
		return nil, err
	}
	in, err := roleEdit(w, r)
	if err != nil {
		return nil, err
	}
	return a.answerRole(a.Organizations.Roles.Update(r.Context(), id, in))
}

func (a *API) deleteRole(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roleID(r)
	if err != nil {
		return nil, err
	}
	if err := a.Organizations.Roles.Delete(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("role", string(id)), nil
}

func (a *API) grantPermission(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.grant(r, true)
}

func (a *API) withdrawPermission(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.grant(r, false)
}

func (a *API) grant(r *http.Request, give bool) (any, error) {
	role, err := roleID(r)
	if err != nil {
		return nil, err
	}
	permission, err := permissionID(r)
	if err != nil {
		return nil, err
	}
	return a.answerRole(a.Organizations.Roles.Grant(r.Context(), role, permission, give))
}

func permissionID(r *http.Request) (auth.PermissionID, error) {
	return pathID[auth.PermissionID](r, "permission_id", "perm")
}

func (a *API) listPermissions(_ http.ResponseWriter, r *http.Request) (any, error) {
	c, err := a.Organizations.Roles.Catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	f := query(r)
	page, total := few(f, c.Permissions, func(p auth.Permission) named { return named{string(p.ID), p.Name, p.Key, p.CreatedAt} })
	if err := f.Err(); err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, a.orgs.Permission), nil
}

func (a *API) answerPermission(p auth.Permission, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.orgs.Permission(p), nil
}

func permissionEdit(w http.ResponseWriter, r *http.Request) (organization.PermissionEdit, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return organization.PermissionEdit{}, err
	}
	in := organization.PermissionEdit{Name: f.Optional("name"), Key: f.Optional("key"), Description: f.Optional("description")}
	return in, f.Err()
}

func (a *API) createPermission(w http.ResponseWriter, r *http.Request) (any, error) {
	in, err := permissionEdit(w, r)
	if err != nil {
		return nil, err
	}
	return a.answerPermission(a.Organizations.Roles.CreatePermission(r.Context(), in))
}

func (a *API) getPermission(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := permissionID(r)
	if err != nil {
		return nil, err
	}
	return a.answerPermission(a.Organizations.Roles.GetPermission(r.Context(), id))
}

func (a *API) updatePermission(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := permissionID(r)
	if err != nil {
		return nil, err
	}
	in, err := permissionEdit(w, r)
	if err != nil {
		return nil, err
	}
	return a.answerPermission(a.Organizations.Roles.UpdatePermission(r.Context(), id, in))
}

func (a *API) deletePermission(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := permissionID(r)
	if err != nil {
		return nil, err
	}
	if err := a.Organizations.Roles.DeletePermission(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("permission", string(id)), nil
}
