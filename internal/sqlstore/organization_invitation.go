package sqlstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

const orgInvitationColumns = `i.id, i.version, i.org_id, i.email_address, i.role_id, i.inviter_id, i.domain_id, i.status,
	i.hash, i.redirect_url, i.public_meta, i.private_meta, i.expire_at, i.created_at, i.updated_at`

var (
	orgInvitationByID   = fixed(`SELECT ` + orgInvitationColumns + ` FROM org_invitations i WHERE i.id = $1`)
	orgInvitationByHash = fixed(`SELECT ` + orgInvitationColumns + ` FROM org_invitations i WHERE i.hash = $1`)
	openOrgInvitation   = fixed(`SELECT ` + orgInvitationColumns + ` FROM org_invitations i
		WHERE i.org_id = $1 AND i.email_address = $2 AND i.status = 'pending'`)
	countOpenInvitations = fixed(`SELECT count(*) FROM org_invitations i
		WHERE i.org_id = $1 AND i.status = 'pending' AND (i.expire_at = 0 OR i.expire_at > $2)`)
	insertOrgInvitation = fixed(`INSERT INTO org_invitations (id, version, org_id, email_address, role_id, inviter_id,
		domain_id, status, hash, redirect_url, public_meta, private_meta, expire_at, created_at, updated_at)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`)
	updateOrgInvitation = fixed(`UPDATE org_invitations SET version = version + 1, status = $8, expire_at = $13,
		updated_at = $15 WHERE id = $1 AND version = $2`)
)

// OrgInvitation returns the invitation with this id.
func (s *Store) OrgInvitation(ctx context.Context, id auth.OrgInvitationID) (auth.OrgInvitation, error) {
	return s.oneOrgInvitation(ctx, "invitation", orgInvitationByID, string(id))
}

// OrgInvitationByHash returns the invitation whose ticket has this hash.
func (s *Store) OrgInvitationByHash(ctx context.Context, hash [32]byte) (auth.OrgInvitation, error) {
	return s.oneOrgInvitation(ctx, "invitation by hash", orgInvitationByHash, hash[:])
}

// OpenOrgInvitation returns the invitation of an address to an organization
// that is stored as pending; its time may be over.
func (s *Store) OpenOrgInvitation(ctx context.Context, org auth.OrganizationID, address string) (auth.OrgInvitation, error) {
	return s.oneOrgInvitation(ctx, "open invitation", openOrgInvitation, string(org), address)
}

func (s *Store) oneOrgInvitation(ctx context.Context, op string, q *query, args ...any) (out auth.OrgInvitation, _ error) {
	err := s.read(ctx, op, func(c *conn) error {
		return found(c.one(q, func(r *row) { out = scanOrgInvitation(r) }, args...))
	})
	return out, err
}

// CountOpenInvitations says how many invitations to the organization can be
// accepted at now.
func (s *Store) CountOpenInvitations(ctx context.Context, org auth.OrganizationID, now time.Time) (n int, _ error) {
	err := s.read(ctx, "count open invitations", func(c *conn) error {
		_, err := c.one(countOpenInvitations, func(r *row) { n = int(r.int()) }, string(org), ms(now))
		return err
	})
	return n, err
}

func scanOrgInvitation(r *row) auth.OrgInvitation {
	return auth.OrgInvitation{
		ID:           auth.OrgInvitationID(r.text()),
		Version:      r.int(),
		Organization: auth.OrganizationID(r.text()),
		EmailAddress: r.text(),
		Role:         auth.RoleID(r.text()),
		Inviter:      auth.UserID(r.text()),
		Domain:       auth.OrgDomainID(r.text()),
		Status:       auth.OrgInvitationStatus(r.text()),
		Hash:         r.hash(),
		RedirectURL:  r.text(),
		PublicMeta:   json.RawMessage(r.blob()),
		PrivateMeta:  json.RawMessage(r.blob()),
		ExpireAt:     r.instant(),
		CreatedAt:    r.instant(),
		UpdatedAt:    r.instant(),
	}
}

// putOrgInvitation never changes what an invitation offers, or to whom.
func (c *conn) putOrgInvitation(i *auth.OrgInvitation) error {
	var hash any // NULL, so that uniqueness ignores invitations without a ticket
	if i.Hash != ([32]byte{}) {
		hash = i.Hash[:]
	}
	return c.put(i.Version, insertOrgInvitation, updateOrgInvitation,
		string(i.ID), i.Version, string(i.Organization), i.EmailAddress, string(i.Role), string(i.Inviter),
		string(i.Domain), string(i.Status), hash, i.RedirectURL, object(i.PublicMeta), object(i.PrivateMeta),
		ms(i.ExpireAt), ms(i.CreatedAt), ms(i.UpdatedAt))
}
