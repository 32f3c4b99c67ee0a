package sqlstore

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	roleColumns       = `r.id, r.version, r.key, r.name, r.description, r.permissions, r.created_at, r.updated_at`
	permissionColumns = `p.id, p.version, p.key, p.name, p.description, p.created_at, p.updated_at`
)

var (
	allRoles       = fixed(`SELECT ` + roleColumns + ` FROM org_roles r ORDER BY r.created_at, r.id LIMIT $1`)
	allPermissions = fixed(`SELECT ` + permissionColumns + ` FROM org_permissions p ORDER BY p.created_at, p.id LIMIT $1`)
	insertRole     = fixed(`INSERT INTO org_roles (id, version, key, name, description, permissions, created_at, updated_at)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8)`)
	updateRole = fixed(`UPDATE org_roles SET version = version + 1, key = $3, name = $4, description = $5,
		permissions = $6, updated_at = $8 WHERE id = $1 AND version = $2`)
	deleteRole       = fixed(`DELETE FROM org_roles WHERE id = $1 AND version = $2`)
	insertPermission = fixed(`INSERT INTO org_permissions (id, version, key, name, description, created_at, updated_at)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7)`)
	updatePermission = fixed(`UPDATE org_permissions SET version = version + 1, key = $3, name = $4, description = $5,
		updated_at = $7 WHERE id = $1 AND version = $2`)
	deletePermission = fixed(`DELETE FROM org_permissions WHERE id = $1 AND version = $2`)
	roleHasMember    = fixed(`SELECT 1 FROM org_memberships m WHERE m.role_id = $1 LIMIT 1`)
	roleIsOffered    = fixed(`SELECT 1 FROM org_invitations i WHERE i.role_id = $1 AND i.status = 'pending' LIMIT 1`)
)

// Roles returns every role, oldest first: there are at most [auth.MaxRoles].
func (s *Store) Roles(ctx context.Context) (out []auth.Role, _ error) {
	err := s.read(ctx, "roles", func(c *conn) error {
		out = nil
		return c.each(allRoles, []any{2 * auth.MaxRoles}, func(r *row) { out = append(out, scanRole(r)) })
	})
	return out, err
}

// Permissions returns every permission, oldest first: there are at most
// [auth.MaxPermissions].
func (s *Store) Permissions(ctx context.Context) (out []auth.Permission, _ error) {
	err := s.read(ctx, "permissions", func(c *conn) error {
		out = nil
		return c.each(allPermissions, []any{2 * auth.MaxPermissions}, func(r *row) { out = append(out, scanPermission(r)) })
	})
	return out, err
}

// RoleUsed says whether a member has the role, or an open invitation offers it.
func (s *Store) RoleUsed(ctx context.Context, id auth.RoleID) (used bool, _ error) {
	err := s.read(ctx, "role used", func(c *conn) error {
		for _, q := range []*query{roleHasMember, roleIsOffered} {
			ok, err := c.one(q, func(*row) {}, string(id))
			if used = used || ok; err != nil {
				return err
			}
		}
		return nil
	})
	return used, err
}

func scanRole(r *row) auth.Role {
	return auth.Role{
		ID:          auth.RoleID(r.text()),
		Version:     r.int(),
		Key:         r.text(),
		Name:        r.text(),
		Description: r.text(),
		Permissions: strings.Fields(r.text()),
		CreatedAt:   r.instant(),
		UpdatedAt:   r.instant(),
	}
}

func (c *conn) putRole(x *auth.Role) error {
	return c.put(x.Version, insertRole, updateRole, string(x.ID), x.Version, x.Key, x.Name, x.Description,
		strings.Join(x.Permissions, " "), ms(x.CreatedAt), ms(x.UpdatedAt))
}

func (c *conn) deleteRole(x *auth.Role) error { return c.guarded(deleteRole, string(x.ID), x.Version) }

func scanPermission(r *row) auth.Permission {
	return auth.Permission{
		ID:          auth.PermissionID(r.text()),
		Version:     r.int(),
		Key:         r.text(),
		Name:        r.text(),
		Description: r.text(),
		CreatedAt:   r.instant(),
		UpdatedAt:   r.instant(),
	}
}

func (c *conn) putPermission(p *auth.Permission) error {
	return c.put(p.Version, insertPermission, updatePermission, string(p.ID), p.Version, p.Key, p.Name, p.Description,
		ms(p.CreatedAt), ms(p.UpdatedAt))
}

func (c *conn) deletePermission(p *auth.Permission) error {
	return c.guarded(deletePermission, string(p.ID), p.Version)
}
