package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// Roles are the roles and permissions of the instance. Changing them is an
// operator's right.
type Roles struct{ *core }

// RoleStore is what roles and permissions need of the store, see [Store].
type RoleStore interface {
	Roles(ctx context.Context) ([]auth.Role, error)
	Permissions(ctx context.Context) ([]auth.Permission, error)
	RoleUsed(ctx context.Context, id auth.RoleID) (bool, error)
	RoleUsedIn(ctx context.Context, org auth.OrganizationID, id auth.RoleID) (bool, error)
	RoleSets(ctx context.Context) ([]auth.RoleSet, error)
	CountRoleMembers(ctx context.Context, set auth.RoleSet, role auth.RoleID) (int, error)
}

// Catalogue returns all roles, permissions and role sets.
func (s *Roles) Catalogue(ctx context.Context) (c auth.Catalogue, err error) {
	if c, err = s.catalogue(ctx); err != nil {
		return c, err
	}
	if c.Permissions, err = s.Store.Permissions(ctx); err != nil {
		return c, fmt.Errorf("read permissions: %w", err)
	}
	return c, nil
}

// Of returns the roles that members of an organization can have, for one of
// them, with all permissions.
func (s *Roles) Of(ctx context.Context, by Actor, org auth.OrganizationID) (auth.Catalogue, error) {
	b, err := s.enter(ctx, by, org, auth.OrgListRoles)
	if err != nil {
		return auth.Catalogue{}, err
	}
	c, err := s.Catalogue(ctx)
	c.Roles = c.In(c.Set(b.Organization))
	return c, err
}

func roleIn(c auth.Catalogue, id auth.RoleID) (auth.Role, error) {
	r, ok := c.Role(id)
	if !ok {
		return r, auth.Refuse(auth.CodeResourceNotFound)
	}
	return r, nil
}

func permissionIn(c auth.Catalogue, id auth.PermissionID) (auth.Permission, error) {
	i := slices.IndexFunc(c.Permissions, func(p auth.Permission) bool { return p.ID == id })
	if i < 0 {
		return auth.Permission{}, auth.Refuse(auth.CodeResourceNotFound)
	}
	return c.Permissions[i], nil
}

// keysOf are the sorted keys of permissions given by their ids or keys.
func keysOf(c auth.Catalogue, given []string) ([]string, error) {
	out := []string{}
	for _, name := range given {
		i := slices.IndexFunc(c.Permissions, func(p auth.Permission) bool { return string(p.ID) == name || p.Key == name })
		if i < 0 {
			return nil, auth.RefuseParam(auth.CodeResourceNotFound, "permissions")
		}
		out = append(out, c.Permissions[i].Key)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// RoleEdit is what to set of a role; nil leaves it as it is.
type RoleEdit struct {
	Name        *string
	Key         *string
	Description *string
	Permissions []string // ids or keys; nil leaves them, empty takes all
	Apart       bool     // a new role is not put into the initial role set
}

// Create makes a role.
func (s *Roles) Create(ctx context.Context, in RoleEdit) (auth.Role, auth.Catalogue, error) {
	var out auth.Role
	c, err := s.Catalogue(ctx)
	if err != nil {
		return out, c, err
	}
	if len(c.Roles) >= auth.MaxRoles {
		return out, c, auth.Refuse(auth.CodeOrgRoleQuota)
	}
	now := s.Now()
	out = auth.Role{CreatedAt: now}
	if out.ID, err = auth.NewRoleID(now, s.Entropy); err != nil {
		return out, c, err
	}
	if in.Name == nil || in.Key == nil {
		return out, c, auth.RefuseParam(auth.CodeParamMissing, map[bool]string{true: "name", false: "key"}[in.Name == nil])
	}
	if out, err = s.edited(out, c, in); err != nil {
		return out, c, err
	}
	ch := auth.OrganizationChange{Roles: []auth.Role{out}}
	if set := c.Set(auth.Organization{}); !in.Apart {
		if len(set.Roles) >= auth.MaxSetRoles {
			return out, c, auth.RefuseParam(auth.CodeOrgRoleQuota, "include_in_initial_role_set")
		}
		set.Roles, set.UpdatedAt = append(slices.Clone(set.Roles), out.ID), now
		ch.RoleSets = []auth.RoleSet{set}
	}
	return out, c, refuseTaken(s.Store.Commit(ctx, auth.Change{Organizations: ch}))
}

// Update changes a role.
func (s *Roles) Update(ctx context.Context, id auth.RoleID, in RoleEdit) (auth.Role, auth.Catalogue, error) {
	return s.onRole(ctx, id, func(r auth.Role, c auth.Catalogue) (auth.Role, error) { return s.edited(r, c, in) })
}

func (s *Roles) edited(r auth.Role, c auth.Catalogue, in RoleEdit) (_ auth.Role, err error) {
	if in.Name != nil {
		if r.Name, err = label(*in.Name, "name"); err != nil {
			return r, err
		}
	}
	if in.Description != nil {
		if r.Description = strings.TrimSpace(*in.Description); utf8.RuneCountInString(r.Description) > maxDescription {
			return r, auth.RefuseParam(auth.CodeParamTooLong, "description")
		}
	}
	if in.Key != nil && *in.Key != r.Key {
		if err := auth.CheckRoleKey(*in.Key); err != nil {
			return r, err
		}
		if r.System() || s.named(r.Key) {
			return r, auth.RefuseParam(auth.CodeOrgRoleSystem, "key")
		}
		r.Key = *in.Key
	}
	if in.Permissions != nil {
		if r.Permissions, err = keysOf(c, in.Permissions); err != nil {
			return r, err
		}
	}
	r.UpdatedAt = s.Now()
	return r, stillManages(r, c)
}

// maxDescription bounds the description of a role or permission, in characters.
const maxDescription = 1000

// label is the name of a role or permission as it is stored.
func label(s, param string) (string, error) {
	if s = strings.TrimSpace(s); s == "" {
		return "", auth.RefuseParam(auth.CodeParamNil, param)
	}
	if utf8.RuneCountInString(s) > 256 {
		return "", auth.RefuseParam(auth.CodeParamTooLong, param)
	}
	return s, nil
}

// named says whether the settings of the instance name the role with this key.
func (s *Roles) named(key string) bool {
	set := s.Settings().Organizations
	return key == set.CreatorRole || key == set.DefaultRole
}

// stillManages refuses to take from the administrator's role and those of
// creators what somebody in every organization has to have.
func stillManages(r auth.Role, c auth.Catalogue) error {
	creates := slices.ContainsFunc(c.Sets, func(s auth.RoleSet) bool { return s.CreatorRole == r.ID })
	if (creates || r.ID == auth.RoleAdmin) && !r.Manages() {
		return auth.RefuseParam(auth.CodeOrgMinimumPermissions, "permissions")
	}
	return nil
}

// Grant gives a role a permission, or takes it away.
func (s *Roles) Grant(ctx context.Context, id auth.RoleID, permission auth.PermissionID, give bool) (auth.Role, auth.Catalogue, error) {
	return s.onRole(ctx, id, func(r auth.Role, c auth.Catalogue) (auth.Role, error) {
		p, err := permissionIn(c, permission)
		if err != nil {
			return r, err
		}
		has := r.Has(p.Key)
		switch {
		case has && give:
			return r, auth.RefuseParam(auth.CodeOrgRoleHasPermission, "permission_id")
		case !has && !give:
			return r, auth.Refuse(auth.CodeResourceNotFound)
		case give:
			r.Permissions = append(slices.Clone(r.Permissions), p.Key)
			slices.Sort(r.Permissions)
		default:
			r.Permissions = slices.DeleteFunc(slices.Clone(r.Permissions), func(key string) bool { return key == p.Key })
		}
		r.UpdatedAt = s.Now()
		return r, stillManages(r, c)
	})
}

// Get returns a role.
func (s *Roles) Get(ctx context.Context, id auth.RoleID) (auth.Role, auth.Catalogue, error) {
	c, err := s.Catalogue(ctx)
	if err != nil {
		return auth.Role{}, c, err
	}
	r, err := roleIn(c, id)
	return r, c, err
}

// Delete deletes a role that nobody has and nothing names, and takes it out of
// every role set.
func (s *Roles) Delete(ctx context.Context, id auth.RoleID) error {
	return auth.Retry(func() error {
		r, c, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		ch := auth.OrganizationChange{DeletedRoles: []auth.Role{r}}
		for _, set := range c.Sets {
			switch {
			case set.CreatorRole == id || set.DefaultRole == id:
				return auth.Refuse(auth.CodeOrgRoleSystem)
			case set.Has(id):
				set.Roles = slices.DeleteFunc(slices.Clone(set.Roles), func(each auth.RoleID) bool { return each == id })
				ch.RoleSets = append(ch.RoleSets, set)
			}
		}
		if r.System() || s.named(r.Key) {
			return auth.Refuse(auth.CodeOrgRoleSystem)
		}
		used, err := s.Store.RoleUsed(ctx, id)
		if err != nil {
			return fmt.Errorf("look for members: %w", err)
		}
		if used {
			return auth.Refuse(auth.CodeOrgRoleUsed)
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: ch})
	})
}

func (s *Roles) onRole(ctx context.Context, id auth.RoleID, decide func(auth.Role, auth.Catalogue) (auth.Role, error)) (out auth.Role, c auth.Catalogue, err error) {
	err = auth.Retry(func() error {
		if out, c, err = s.Get(ctx, id); err != nil {
			return err
		}
		if out, err = decide(out, c); err != nil {
			return err
		}
		return s.commitRole(ctx, out)
	})
	return out, c, refuseTaken(err)
}

func (s *Roles) commitRole(ctx context.Context, r auth.Role) error {
	return s.Store.Commit(ctx, auth.Change{Organizations: auth.OrganizationChange{Roles: []auth.Role{r}}})
}
