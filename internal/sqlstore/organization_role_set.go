package sqlstore

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

var roleSetList = columnList(func() string {
	return `id, version, key, name, description, initial, roles, default_role, creator_role, created_at, updated_at`
})

var (
	allRoleSets = built(func() string {
		return `SELECT ` + roleSetList.of("t") + ` FROM org_role_sets t ORDER BY t.created_at, t.id LIMIT $1`
	})
	insertRoleSet = built(func() string { return roleSetList.insert("org_role_sets") })
	updateRoleSet = built(func() string { return roleSetList.update("org_role_sets", "created_at") })
	deleteRoleSet = fixed(`DELETE FROM org_role_sets WHERE id = $1 AND version = $2`)
	// Organizations of the initial set have no set or that one.
	moveMembers = fixed(`UPDATE org_memberships SET version = version + 1, role_id = $2 WHERE role_id = $1 AND org_id IN
		(SELECT o.id FROM organizations o WHERE o.role_set IN ($3, $4))`)
	moveInvited = fixed(`UPDATE org_invitations SET version = version + 1, role_id = $2 WHERE role_id = $1 AND status = 'pending'
		AND org_id IN (SELECT o.id FROM organizations o WHERE o.role_set IN ($3, $4))`)
	moveOrganizations  = fixed(`UPDATE organizations SET version = version + 1, role_set = $3 WHERE role_set IN ($1, $2)`)
	touchOrganizations = fixed(`UPDATE organizations SET version = version + 1 WHERE role_set IN ($1, $2)`)
	membersWithRole    = fixed(`SELECT count(*) FROM org_memberships m JOIN organizations o ON o.id = m.org_id
		WHERE m.role_id = $1 AND o.role_set IN ($2, $3)`)
	rolesOfMembers = fixed(`SELECT 1 FROM org_memberships m WHERE m.role_id = $1 AND m.org_id = $2 LIMIT 1`)
)

// RoleSets returns every role set, oldest first: there are at most
// [auth.MaxRoleSets].
func (s *Store) RoleSets(ctx context.Context) (out []auth.RoleSet, _ error) {
	err := s.read(ctx, "role sets", func(c *conn) error {
		out = nil
		return c.each(allRoleSets, []any{2 * auth.MaxRoleSets}, func(r *row) { out = append(out, scanRoleSet(r)) })
	})
	return out, err
}

// CountRoleMembers says how many members of the set's organizations have a role.
func (s *Store) CountRoleMembers(ctx context.Context, set auth.RoleSet, role auth.RoleID) (n int, _ error) {
	err := s.read(ctx, "count members with role", func(c *conn) error {
		a, b := setNames(set)
		_, err := c.one(membersWithRole, func(r *row) { n = int(r.int()) }, string(role), a, b)
		return err
	})
	return n, err
}

// RoleUsedIn says whether a member of the organization has the role.
func (s *Store) RoleUsedIn(ctx context.Context, org auth.OrganizationID, role auth.RoleID) (used bool, _ error) {
	err := s.read(ctx, "role used in organization", func(c *conn) (err error) {
		used, err = c.one(rolesOfMembers, func(*row) {}, string(role), string(org))
		return err
	})
	return used, err
}

// setNames are the two ways in which organizations of a set say so.
func setNames(s auth.RoleSet) (id, other string) {
	if s.Initial {
		return string(s.ID), ""
	}
	return string(s.ID), string(s.ID)
}

func scanRoleSet(r *row) auth.RoleSet {
	out := auth.RoleSet{
		ID: auth.RoleSetID(r.text()), Version: r.int(), Key: r.text(), Name: r.text(), Description: r.text(), Initial: r.bool(),
	}
	for _, id := range strings.Fields(r.text()) {
		out.Roles = append(out.Roles, auth.RoleID(id))
	}
	out.DefaultRole, out.CreatorRole = auth.RoleID(r.text()), auth.RoleID(r.text())
	out.CreatedAt, out.UpdatedAt = r.instant(), r.instant()
	return out
}

func (c *conn) putRoleSet(s *auth.RoleSet) error {
	roles := make([]string, len(s.Roles))
	for i, id := range s.Roles {
		roles[i] = string(id)
	}
	return c.put(s.Version, insertRoleSet, updateRoleSet, string(s.ID), s.Version, s.Key, s.Name, s.Description, s.Initial,
		strings.Join(roles, " "), string(s.DefaultRole), string(s.CreatorRole), ms(s.CreatedAt), ms(s.UpdatedAt))
}

func (c *conn) deleteRoleSet(s *auth.RoleSet) error {
	return c.guarded(deleteRoleSet, string(s.ID), s.Version)
}

// moveRole moves the version of every organization concerned, so that whoever
// counts managers meanwhile counts again.
func (c *conn) moveRole(m *auth.RoleMove) error {
	a, b := setNames(m.Set)
	for _, q := range []*query{moveMembers, moveInvited} {
		if _, err := c.exec(q, string(m.From), string(m.To), a, b); err != nil {
			return err
		}
	}
	_, err := c.exec(touchOrganizations, a, b)
	return err
}

func (c *conn) moveRoleSet(m *auth.RoleSetMove) error {
	a, b := setNames(m.From)
	_, err := c.exec(moveOrganizations, a, b, string(m.To))
	return err
}
