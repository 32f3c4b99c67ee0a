package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var emailLinkList = columnList(func() string {
	return `id, version, client_id, sign_in, sign_up, hash, redirect_url, challenge,
	approval_hash, ticket, approved_at, consumed_at, expire_at, created_at, updated_at,
	user_id, email_id`
})

var (
	emailLinkByID   = built(func() string { return `SELECT ` + emailLinkList.of("l") + ` FROM email_links l WHERE l.id = $1` })
	insertEmailLink = built(func() string { return emailLinkList.insert("email_links") })
	updateEmailLink = built(func() string {
		return emailLinkList.update("email_links",
			"client_id", "sign_in", "sign_up", "hash", "redirect_url", "challenge", "created_at", "user_id", "email_id")
	})
)

// EmailLink returns the link with this id, whatever has become of it.
func (s *Store) EmailLink(ctx context.Context, id auth.EmailLinkID) (out auth.EmailLink, _ error) {
	err := s.read(ctx, "email link", func(c *conn) error {
		return found(c.one(emailLinkByID, func(r *row) { out = scanEmailLink(r) }, string(id)))
	})
	return out, err
}

func scanEmailLink(r *row) auth.EmailLink {
	return auth.EmailLink{
		ID:           auth.EmailLinkID(r.text()),
		Version:      r.int(),
		Client:       auth.ClientID(r.text()),
		SignIn:       auth.SignInID(r.text()),
		SignUp:       auth.SignUpID(r.text()),
		Hash:         r.hash(),
		RedirectURL:  r.text(),
		Challenge:    r.text(),
		ApprovalHash: r.hash(),
		Ticket:       auth.SignInTokID(r.text()),
		ApprovedAt:   r.instant(),
		ConsumedAt:   r.instant(),
		ExpireAt:     r.instant(),
		CreatedAt:    r.instant(),
		UpdatedAt:    r.instant(),
		User:         auth.UserID(r.text()),
		Email:        auth.EmailID(r.text()),
	}
}

// putEmailLink never changes what a link is for.
func (c *conn) putEmailLink(x *auth.EmailLink) error {
	return c.put(x.Version, insertEmailLink, updateEmailLink,
		string(x.ID), x.Version, string(x.Client), string(x.SignIn), string(x.SignUp), x.Hash[:], x.RedirectURL, x.Challenge,
		x.ApprovalHash[:], string(x.Ticket), ms(x.ApprovedAt), ms(x.ConsumedAt), ms(x.ExpireAt), ms(x.CreatedAt), ms(x.UpdatedAt),
		string(x.User), string(x.Email))
}
