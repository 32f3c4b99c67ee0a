package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// sets returns the role sets as they count: the settings of the instance name
// the two roles of the initial one.
func (c *core) sets(ctx context.Context, roles []auth.Role) ([]auth.RoleSet, error) {
	all, err := c.Store.RoleSets(ctx)
	if err != nil {
		return nil, fmt.Errorf("read role sets: %w", err)
	}
	settings := c.Settings().Organizations
	for i := range all {
		if !all[i].Initial {
			continue
		}
		for _, r := range roles {
			if r.Key == settings.CreatorRole {
				all[i].CreatorRole = r.ID
			}
			if r.Key == settings.DefaultRole {
				all[i].DefaultRole = r.ID
			}
		}
	}
	return all, nil
}

// catalogue reads roles and role sets: what decides who may have which role.
func (c *core) catalogue(ctx context.Context) (out auth.Catalogue, err error) {
	if out.Roles, err = c.Store.Roles(ctx); err != nil {
		return out, fmt.Errorf("read roles: %w", err)
	}
	out.Sets, err = c.sets(ctx, out.Roles)
	return out, err
}

// roleFor returns the role with this key for a member of an organization. One
// outside its set does not exist there.
func (c *core) roleFor(ctx context.Context, o auth.Organization, key, param string) (auth.Role, error) {
	if key == "" {
		return auth.Role{}, auth.RefuseParam(auth.CodeParamMissing, param)
	}
	all, err := c.catalogue(ctx)
	if err != nil {
		return auth.Role{}, err
	}
	for _, r := range all.In(all.Set(o)) {
		if r.Key == key || r.Key == legacyRoles[key] {
			return r, nil
		}
	}
	return auth.Role{}, auth.RefuseParam(auth.CodeResourceNotFound, param)
}

// joiningRole is the role of people who join an organization without one being
// named.
func (c *core) joiningRole(ctx context.Context, o auth.Organization) (auth.Role, error) {
	all, err := c.catalogue(ctx)
	if err != nil {
		return auth.Role{}, err
	}
	return given(all, all.Set(o).DefaultRole)
}

// given is a role that settings or a set name; without it nobody can join.
func given(all auth.Catalogue, id auth.RoleID) (auth.Role, error) {
	r, ok := all.Role(id)
	if !ok {
		return r, fmt.Errorf("role %q is named and not there: %w", id, auth.ErrUnavailable)
	}
	return r, nil
}

// setNamed finds a role set by its key or id.
func setNamed(all auth.Catalogue, name, param string) (auth.RoleSet, error) {
	i := slices.IndexFunc(all.Sets, func(s auth.RoleSet) bool { return s.Key == name || string(s.ID) == name })
	if i < 0 {
		return auth.RoleSet{}, auth.RefuseParam(auth.CodeResourceNotFound, param)
	}
	return all.Sets[i], nil
}

// roleOf finds a role of a set by its key.
func roleOf(all auth.Catalogue, s auth.RoleSet, key, param string) (auth.Role, error) {
	for _, r := range all.In(s) {
		if r.Key == key {
			return r, nil
		}
	}
	return auth.Role{}, auth.RefuseParam(auth.CodeResourceNotFound, param)
}

// RoleSetEdit is what to set of a role set; nil leaves it as it is.
type RoleSetEdit struct {
	Name        *string
	Key         *string
	Description *string
	Roles       []string // keys, for a new set
	DefaultRole *string  // key
	CreatorRole *string  // key
	Initial     bool     // make it the initial one
}

// CreateSet makes a role set.
func (s *Roles) CreateSet(ctx context.Context, in RoleSetEdit) (out auth.RoleSet, all auth.Catalogue, err error) {
	if all, err = s.Catalogue(ctx); err != nil {
		return out, all, err
	}
	switch {
	case in.Name == nil:
		return out, all, auth.RefuseParam(auth.CodeParamMissing, "name")
	case in.DefaultRole == nil || in.CreatorRole == nil:
		return out, all, auth.RefuseParam(auth.CodeParamMissing, map[bool]string{true: "default_role_key", false: "creator_role_key"}[in.DefaultRole == nil])
	case len(all.Sets) >= auth.MaxRoleSets:
		return out, all, auth.Refuse(auth.CodeOrgRoleQuota)
	}
	now := s.Now()
	out = auth.RoleSet{Key: auth.RoleSetKeyOf(*in.Name), CreatedAt: now}
	if out.ID, err = auth.NewRoleSetID(now, s.Entropy); err != nil {
		return out, all, err
	}
	if out.Roles, err = rolesNamed(all, in.Roles, "roles"); err != nil {
		return out, all, err
	}
	return s.storeSet(ctx, all, out, in)
}

// rolesNamed are the ids of one to ten roles.
func rolesNamed(all auth.Catalogue, keys []string, param string) (out []auth.RoleID, err error) {
	for _, key := range keys {
		i := slices.IndexFunc(all.Roles, func(r auth.Role) bool { return r.Key == key })
		if i < 0 {
			return nil, auth.RefuseParam(auth.CodeResourceNotFound, param)
		}
		if !slices.Contains(out, all.Roles[i].ID) {
			out = append(out, all.Roles[i].ID)
		}
	}
	if len(out) == 0 || len(out) > auth.MaxSetRoles {
		return nil, auth.RefuseParam(auth.CodeParamInvalid, param)
	}
	return out, nil
}

// UpdateSet changes a role set.
func (s *Roles) UpdateSet(ctx context.Context, name string, in RoleSetEdit) (out auth.RoleSet, all auth.Catalogue, err error) {
	err = auth.Retry(func() error {
		if all, err = s.Catalogue(ctx); err != nil {
			return err
		}
		set, err := setNamed(all, name, "")
		if err != nil {
			return err
		}
		out, all, err = s.storeSet(ctx, all, set, in)
		return err
	})
	return out, all, err
}

// AddRoles puts roles into a set.
func (s *Roles) AddRoles(ctx context.Context, name string, keys []string, in RoleSetEdit) (out auth.RoleSet, all auth.Catalogue, err error) {
	err = auth.Retry(func() error {
		if all, err = s.Catalogue(ctx); err != nil {
			return err
		}
		set, err := setNamed(all, name, "")
		if err != nil {
			return err
		}
		added, err := rolesNamed(all, keys, "role_keys")
		if err != nil {
			return err
		}
		for _, id := range added {
			if !set.Has(id) {
				set.Roles = append(slices.Clone(set.Roles), id)
			}
		}
		if len(set.Roles) > auth.MaxSetRoles {
			return auth.RefuseParam(auth.CodeParamInvalid, "role_keys")
		}
		out, all, err = s.storeSet(ctx, all, set, in)
		return err
	})
	return out, all, err
}

// storeSet applies an edit to a set and commits it, with the set that is the
// initial one no longer. What the settings have to say follows.
func (s *Roles) storeSet(
	ctx context.Context, all auth.Catalogue, set auth.RoleSet, in RoleSetEdit,
) (auth.RoleSet, auth.Catalogue, error) {
	set, err := s.editedSet(all, set, in)
	if err != nil {
		return set, all, err
	}
	var ch auth.OrganizationChange
	if in.Initial && !set.Initial {
		for _, old := range all.Sets {
			if old.Initial {
				// What its organizations did not say is said now.
				ch.RoleSetMoves = append(ch.RoleSetMoves, auth.RoleSetMove{From: old, To: old.ID})
				old.Initial, old.UpdatedAt = false, set.UpdatedAt
				ch.RoleSets = append(ch.RoleSets, old)
			}
		}
		set.Initial = true
	}
	ch.RoleSets = append(ch.RoleSets, set)
	if err := s.Store.Commit(ctx, auth.Change{Organizations: ch}); err != nil {
		return set, all, refuseTaken(err)
	}
	if err := s.mirror(ctx, all, set); err != nil {
		return set, all, err
	}
	all, err = s.Catalogue(ctx)
	return set, all, err
}

func (s *Roles) editedSet(all auth.Catalogue, set auth.RoleSet, in RoleSetEdit) (_ auth.RoleSet, err error) {
	if in.Name != nil {
		if set.Name, err = label(*in.Name, "name"); err != nil {
			return set, err
		}
	}
	if in.Description != nil {
		if set.Description = strings.TrimSpace(*in.Description); utf8.RuneCountInString(set.Description) > maxDescription {
			return set, auth.RefuseParam(auth.CodeParamTooLong, "description")
		}
	}
	if in.Key != nil && *in.Key != set.Key {
		if err := auth.CheckRoleSetKey(*in.Key); err != nil {
			return set, err
		}
		set.Key = *in.Key
	}
	if in.DefaultRole != nil {
		r, err := roleOf(all, set, *in.DefaultRole, "default_role_key")
		if err != nil {
			return set, err
		}
		set.DefaultRole = r.ID
	}
	if in.CreatorRole != nil {
		r, err := roleOf(all, set, *in.CreatorRole, "creator_role_key")
		if err != nil {
			return set, err
		}
		if !r.Manages() {
			return set, auth.RefuseParam(auth.CodeOrgMinimumPermissions, "creator_role_key")
		}
		set.CreatorRole = r.ID
	}
	set.UpdatedAt = s.Now()
	return set, nil
}

// mirror makes the settings name the roles of the initial set.
func (s *Roles) mirror(ctx context.Context, all auth.Catalogue, set auth.RoleSet) error {
	if !set.Initial {
		return nil
	}
	creator, err := given(all, set.CreatorRole)
	if err != nil {
		return err
	}
	joining, err := given(all, set.DefaultRole)
	if err != nil {
		return err
	}
	now := s.Settings().Organizations
	if now.CreatorRole == creator.Key && now.DefaultRole == joining.Key {
		return nil
	}
	_, err = s.UpdateSettings(ctx, func(all *auth.Settings) error {
		all.Organizations.CreatorRole, all.Organizations.DefaultRole = creator.Key, joining.Key
		return nil
	})
	return err
}

// GetSet returns a role set by its key or id.
func (s *Roles) GetSet(ctx context.Context, name string) (auth.RoleSet, auth.Catalogue, error) {
	all, err := s.Catalogue(ctx)
	if err != nil {
		return auth.RoleSet{}, all, err
	}
	set, err := setNamed(all, name, "")
	return set, all, err
}

// ReplaceRole takes a role out of a set and gives whoever has it another one of
// the set.
func (s *Roles) ReplaceRole(ctx context.Context, name, from, to string) (out auth.RoleSet, all auth.Catalogue, err error) {
	err = auth.Retry(func() error {
		if out, all, err = s.GetSet(ctx, name); err != nil {
			return err
		}
		gone, err := roleOf(all, out, from, "role_key")
		if err != nil {
			return err
		}
		stays, err := roleOf(all, out, to, "to_role_key")
		switch {
		case err != nil:
			return err
		case gone.ID == stays.ID:
			return auth.RefuseParam(auth.CodeParamInvalid, "to_role_key")
		case gone.ID == out.DefaultRole || gone.ID == out.CreatorRole:
			return auth.RefuseParam(auth.CodeOrgRoleSystem, "role_key")
		case gone.Manages() && !stays.Manages():
			return auth.RefuseParam(auth.CodeOrgMinimumPermissions, "to_role_key")
		}
		out.Roles = slices.DeleteFunc(slices.Clone(out.Roles), func(id auth.RoleID) bool { return id == gone.ID })
		out.UpdatedAt = s.Now()
		return s.Store.Commit(ctx, auth.Change{Organizations: auth.OrganizationChange{
			RoleSets: []auth.RoleSet{out}, RoleMoves: []auth.RoleMove{{Set: out, From: gone.ID, To: stays.ID}},
		}})
	})
	return out, all, err
}

// ReplaceSet gives every organization of a set another set and deletes it.
// Mapping says by keys what becomes of roles that the other set does not have.
func (s *Roles) ReplaceSet(ctx context.Context, name, by string, mapping map[string]string) (out auth.RoleSet, err error) {
	err = auth.Retry(func() error {
		var all auth.Catalogue
		if out, all, err = s.GetSet(ctx, name); err != nil {
			return err
		}
		other, err := setNamed(all, by, "dest_role_set_key")
		switch {
		case err != nil:
			return err
		case other.ID == out.ID || out.Initial:
			return auth.RefuseParam(auth.CodeOrgRoleSystem, "dest_role_set_key")
		}
		ch := auth.OrganizationChange{RoleSetMoves: []auth.RoleSetMove{{From: out, To: other.ID}}, DeletedRoleSets: []auth.RoleSet{out}}
		for _, gone := range all.In(out) {
			if mapping[gone.Key] == "" && other.Has(gone.ID) {
				continue
			}
			n, err := s.Store.CountRoleMembers(ctx, out, gone.ID)
			if err != nil {
				return fmt.Errorf("count members: %w", err)
			}
			if n == 0 && mapping[gone.Key] == "" {
				continue
			}
			to, err := roleOf(all, other, mapping[gone.Key], "reassignment_mappings")
			if err != nil {
				return err
			}
			if gone.Manages() && !to.Manages() {
				return auth.RefuseParam(auth.CodeOrgMinimumPermissions, "reassignment_mappings")
			}
			if mapping[to.Key] != "" && mapping[to.Key] != to.Key { // would be moved on
				return auth.RefuseParam(auth.CodeParamInvalid, "reassignment_mappings")
			}
			ch.RoleMoves = append(ch.RoleMoves, auth.RoleMove{Set: out, From: gone.ID, To: to.ID})
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: ch})
	})
	return out, err
}
