package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	membershipColumns = `m.id, m.version, m.org_id, m.user_id, m.role_id, m.public_meta, m.private_meta, m.created_at, m.updated_at`
	belongingColumns  = membershipColumns + `, ` + organizationColumns + `, ` + roleColumns
	belongingTables   = ` FROM org_memberships m JOIN organizations o ON o.id = m.org_id JOIN org_roles r ON r.id = m.role_id`
)

var (
	belongingsOfUser = fixed(`SELECT ` + belongingColumns + belongingTables + `
		WHERE m.user_id = $1 ORDER BY m.created_at, m.id LIMIT $2`)
	belongingOf      = fixed(`SELECT ` + belongingColumns + belongingTables + ` WHERE m.org_id = $1 AND m.user_id = $2`)
	insertMembership = fixed(`INSERT INTO org_memberships (id, version, org_id, user_id, role_id, public_meta, private_meta,
		created_at, updated_at) VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9)`)
	updateMembership = fixed(`UPDATE org_memberships SET version = version + 1, role_id = $5, public_meta = $6,
		private_meta = $7, updated_at = $9 WHERE id = $1 AND version = $2`)
	deleteMembership = fixed(`DELETE FROM org_memberships WHERE id = $1 AND version = $2`)
	othersWithRole   = fixed(`SELECT count(*) FROM org_memberships m
		WHERE m.role_id = $1 AND m.org_id = $2 AND m.user_id <> $3`)
)

// Belonging returns the membership of a user in an organization, with both
// names of what it refers to.
func (s *Store) Belonging(ctx context.Context, org auth.OrganizationID, user auth.UserID) (out auth.Belonging, _ error) {
	err := s.read(ctx, "membership", func(c *conn) error {
		return found(c.one(belongingOf, func(r *row) { out = scanBelonging(r) }, string(org), string(user)))
	})
	return out, err
}

// OtherManagers says how many members besides this user have a role that
// carries [auth.MinimumPermissions].
func (s *Store) OtherManagers(ctx context.Context, org auth.OrganizationID, user auth.UserID) (n int, _ error) {
	err := s.read(ctx, "other managers", func(c *conn) error {
		n = 0
		var roles []auth.Role
		if err := c.each(allRoles, []any{2 * auth.MaxRoles}, func(r *row) { roles = append(roles, scanRole(r)) }); err != nil {
			return err
		}
		for _, role := range roles {
			if !role.Manages() {
				continue
			}
			count := func(r *row) { n += int(r.int()) }
			if _, err := c.one(othersWithRole, count, string(role.ID), string(org), string(user)); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// fillBelongings reads the memberships of the users of a client's sessions.
func (c *conn) fillBelongings(a *auth.ClientAggregate) error {
	for user := range a.Users {
		var list []auth.Belonging
		add := func(r *row) { list = append(list, scanBelonging(r)) }
		if err := c.each(belongingsOfUser, []any{string(user), auth.BelongingsShown}, add); err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		if a.Belongings == nil {
			a.Belongings = map[auth.UserID][]auth.Belonging{}
		}
		a.Belongings[user] = list
	}
	for _, s := range a.Sessions {
		if len(a.Belongings[s.User]) < auth.BelongingsShown {
			continue // all of them are there
		}
		if _, ok := a.Active(s); ok || s.Organization == "" {
			continue
		}
		add := func(r *row) { a.Belongings[s.User] = append(a.Belongings[s.User], scanBelonging(r)) }
		if _, err := c.one(belongingOf, add, string(s.Organization), string(s.User)); err != nil {
			return err
		}
	}
	return nil
}

func scanBelonging(r *row) auth.Belonging {
	return auth.Belonging{Membership: scanMembership(r), Organization: scanOrganization(r), Role: scanRole(r)}
}

func scanMembership(r *row) auth.Membership {
	return auth.Membership{
		ID:           auth.MembershipID(r.text()),
		Version:      r.int(),
		Organization: auth.OrganizationID(r.text()),
		User:         auth.UserID(r.text()),
		Role:         auth.RoleID(r.text()),
		PublicMeta:   json.RawMessage(r.blob()),
		PrivateMeta:  json.RawMessage(r.blob()),
		CreatedAt:    r.instant(),
		UpdatedAt:    r.instant(),
	}
}

// putMembership never moves a membership to another organization or user.
func (c *conn) putMembership(m *auth.Membership) error {
	return c.put(m.Version, insertMembership, updateMembership,
		string(m.ID), m.Version, string(m.Organization), string(m.User), string(m.Role),
		object(m.PublicMeta), object(m.PrivateMeta), ms(m.CreatedAt), ms(m.UpdatedAt))
}

func (c *conn) deleteMembership(m *auth.Membership) error {
	return c.guarded(deleteMembership, string(m.ID), m.Version)
}
