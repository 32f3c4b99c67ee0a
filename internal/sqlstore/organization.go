package sqlstore

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

const organizationColumns = `o.id, o.version, o.name, o.slug, o.created_by, o.public_meta, o.private_meta,
	o.max_memberships, o.admin_delete, o.image, o.members, o.pending, o.created_at, o.updated_at, o.role_set`

var (
	organizationByID   = fixed(`SELECT ` + organizationColumns + ` FROM organizations o WHERE o.id = $1`)
	organizationBySlug = fixed(`SELECT ` + organizationColumns + ` FROM organizations o WHERE o.slug = $1`)
	countCreatedBy     = fixed(`SELECT count(*) FROM organizations o WHERE o.created_by = $1`)
	insertOrganization = fixed(`INSERT INTO organizations (id, version, name, slug, created_by, public_meta, private_meta,
		max_memberships, admin_delete, image, members, pending, created_at, updated_at, folded_name, search, role_set)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`)
	updateOrganization = fixed(`UPDATE organizations SET version = version + 1, name = $3, slug = $4, public_meta = $6,
		private_meta = $7, max_memberships = $8, admin_delete = $9, image = $10, members = $11, pending = $12,
		created_at = $13, updated_at = $14, folded_name = $15, search = $16, role_set = $17
		WHERE id = $1 AND version = $2`)
	deleteOrganization = fixed(`DELETE FROM organizations WHERE id = $1 AND version = $2`)
	// forgetMember keeps the count right when a user goes and the memberships
	// with it. The version moves, so that whoever counts managers meanwhile
	// counts again.
	forgetMember = fixed(`UPDATE organizations SET version = version + 1, members = members - 1
		WHERE id IN (SELECT m.org_id FROM org_memberships m WHERE m.user_id = $1)`)
)

// Organization returns the organization with this id.
func (s *Store) Organization(ctx context.Context, id auth.OrganizationID) (auth.Organization, error) {
	return s.oneOrganization(ctx, "organization", organizationByID, string(id))
}

// OrganizationBySlug returns the organization with this slug.
func (s *Store) OrganizationBySlug(ctx context.Context, slug string) (auth.Organization, error) {
	return s.oneOrganization(ctx, "organization by slug", organizationBySlug, slug)
}

func (s *Store) oneOrganization(ctx context.Context, op string, q *query, arg string) (out auth.Organization, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		return found(c.one(q, func(r *row) { out = scanOrganization(r) }, arg))
	})
	return out, err
}

// CountOrganizationsCreatedBy says how many organizations the user has created
// that are still there.
func (s *Store) CountOrganizationsCreatedBy(ctx context.Context, user auth.UserID) (n int, _ error) {
	err := s.read(ctx, "count created organizations", func(c *conn) error {
		_, err := c.one(countCreatedBy, func(r *row) { n = int(r.int()) }, string(user))
		return err
	})
	return n, err
}

func scanOrganization(r *row) auth.Organization {
	return auth.Organization{
		ID:             auth.OrganizationID(r.text()),
		Version:        r.int(),
		Name:           r.text(),
		Slug:           r.text(),
		CreatedBy:      auth.UserID(r.text()),
		PublicMeta:     json.RawMessage(r.blob()),
		PrivateMeta:    json.RawMessage(r.blob()),
		MaxMemberships: int(r.int()),
		AdminDelete:    r.bool(),
		Image:          auth.ImageID(r.text()),
		Members:        int(r.int()),
		Pending:        int(r.int()),
		CreatedAt:      r.instant(),
		UpdatedAt:      r.instant(),
		RoleSet:        auth.RoleSetID(r.text()),
	}
}

func (c *conn) putOrganization(o *auth.Organization) error {
	name := strings.ToLower(o.Name)
	return c.put(o.Version, insertOrganization, updateOrganization,
		string(o.ID), o.Version, o.Name, orNull(o.Slug), string(o.CreatedBy), object(o.PublicMeta), object(o.PrivateMeta),
		o.MaxMemberships, o.AdminDelete, string(o.Image), o.Members, o.Pending, ms(o.CreatedAt), ms(o.UpdatedAt),
		name, name+"\n"+o.Slug, string(o.RoleSet))
}

func (c *conn) deleteOrganization(o *auth.Organization) error {
	return c.guarded(deleteOrganization, string(o.ID), o.Version)
}

// applyOrganizations writes what others refer to first.
func (c *conn) applyOrganizations(ch auth.OrganizationChange) error {
	return firstError(
		func() error { return eachOf(ch.Organizations, c.putOrganization) },
		func() error { return eachOf(ch.Permissions, c.putPermission) },
		func() error { return eachOf(ch.DeletedPermissions, c.deletePermission) },
		func() error { return eachOf(ch.Roles, c.putRole) },
		func() error { return eachOf(ch.DeletedMemberships, c.deleteMembership) },
		func() error { return eachOf(ch.Memberships, c.putMembership) },
		func() error { return eachOf(ch.RoleMoves, c.moveRole) },
		func() error { return eachOf(ch.RoleSetMoves, c.moveRoleSet) },
		func() error { return eachOf(ch.RoleSets, c.putRoleSet) },
		func() error { return eachOf(ch.DeletedRoleSets, c.deleteRoleSet) },
		func() error { return eachOf(ch.DeletedRoles, c.deleteRole) },
		func() error { return eachOf(ch.Domains, c.putOrgDomain) },
		func() error { return eachOf(ch.DeletedDomains, c.deleteOrgDomain) },
		func() error { return eachOf(ch.Invitations, c.putOrgInvitation) },
		func() error { return eachOf(ch.Suggestions, c.putOrgSuggestion) },
		func() error { return eachOf(ch.Deleted, c.deleteOrganization) },
	)
}
