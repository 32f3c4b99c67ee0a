package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	invitationColumns = columnList(func() string {
		return `id, version, email_address, hash, status, public_meta, redirect_url, expire_at,
		created_at, updated_at`
	})

	invitationByID   = built(func() string { return `SELECT ` + invitationColumns.of("i") + ` FROM invitations i WHERE i.id = $1` })
	invitationByHash = built(func() string { return `SELECT ` + invitationColumns.of("i") + ` FROM invitations i WHERE i.hash = $1` })
	insertInvitation = built(func() string { return invitationColumns.insert("invitations") })
	updateInvitation = built(func() string { return invitationColumns.update("invitations", "email_address", "created_at") })
	deleteInvitation = fixed(`DELETE FROM invitations WHERE id = $1 AND version = $2`)
)

// Invitation returns the invitation with this id.
func (s *Store) Invitation(ctx context.Context, id auth.InvitationID) (auth.Invitation, error) {
	return s.oneInvitation(ctx, invitationByID, string(id))
}

// InvitationByHash returns the invitation whose ticket has this hash.
func (s *Store) InvitationByHash(ctx context.Context, hash [32]byte) (auth.Invitation, error) {
	return s.oneInvitation(ctx, invitationByHash, hash[:])
}

func (s *Store) oneInvitation(ctx context.Context, q *query, arg any) (out auth.Invitation, _ error) {
	err := s.read(ctx, "invitation", func(c *conn) error {
		return found(c.one(q, func(r *row) { out = scanInvitation(r) }, arg))
	})
	return out, err
}

// Invitations returns one page of the invitations that match and how many match
// altogether.
func (s *Store) Invitations(ctx context.Context, q auth.InvitationQuery) (out []auth.Invitation, total int, _ error) {
	f := invitationFilter(q)
	count, countArgs := `SELECT count(*) FROM invitations i`+f.clause(), f.args
	list := invitationsText(f, q)
	err := s.read(ctx, "invitations", func(c *conn) error {
		if err := c.dynamic(count, countArgs, func(r *row) { total = int(r.int()) }); err != nil {
			return err
		}
		return c.dynamic(list, f.args, func(r *row) { out = append(out, scanInvitation(r)) })
	})
	if err != nil {
		return nil, 0, err
	}
	return out, total, nil
}

func invitationsText(f *filter, q auth.InvitationQuery) string {
	return `SELECT ` + invitationColumns.of("i") + ` FROM invitations i` + f.clause() +
		` ORDER BY ` + byCreation("i", q.Oldest) + f.page(q.Limit, q.Offset)
}

// byCreation is an order by creation, the oldest or the newest first.
func byCreation(alias string, oldest bool) string {
	if oldest {
		return alias + ".created_at, " + alias + ".id"
	}
	return alias + ".created_at DESC, " + alias + ".id DESC"
}

// invitationFilter is everything of a query but its order and page. Pending is
// stored until somebody looks: what expired meanwhile is told by the instant.
func invitationFilter(q auth.InvitationQuery) *filter {
	f := &filter{}
	switch q.Status {
	case "":
	case auth.InvitationPending:
		f.where("i.status = " + f.arg(string(q.Status)) + " AND i.expire_at > " + f.arg(ms(q.Now)))
	case auth.InvitationExpired:
		f.where("i.status = " + f.arg(string(auth.InvitationPending)) + " AND i.expire_at <= " + f.arg(ms(q.Now)))
	default:
		f.where("i.status = " + f.arg(string(q.Status)))
	}
	if q.EmailAddress != "" {
		f.where("i.email_address = " + f.arg(q.EmailAddress))
	}
	if q.Query != "" {
		part := f.arg(containing(q.Query))
		f.where(`(i.email_address LIKE ` + part + ` ESCAPE '\' OR i.id LIKE ` + part + ` ESCAPE '\')`)
	}
	return f
}

func scanInvitation(r *row) auth.Invitation {
	return auth.Invitation{
		ID:           auth.InvitationID(r.text()),
		Version:      r.int(),
		EmailAddress: r.text(),
		Hash:         r.hash(),
		Status:       auth.InvitationStatus(r.text()),
		PublicMeta:   orNil(r.blob()),
		RedirectURL:  r.text(),
		ExpireAt:     r.instant(),
		CreatedAt:    r.instant(),
		UpdatedAt:    r.instant(),
	}
}

func (c *conn) putInvitation(x *auth.Invitation) error {
	return c.put(x.Version, insertInvitation, updateInvitation,
		string(x.ID), x.Version, x.EmailAddress, x.Hash[:], string(x.Status), orNull(string(x.PublicMeta)), x.RedirectURL,
		ms(x.ExpireAt), ms(x.CreatedAt), ms(x.UpdatedAt))
}

func (c *conn) deleteInvitation(x *auth.Invitation) error {
	return c.guarded(deleteInvitation, string(x.ID), x.Version)
}
