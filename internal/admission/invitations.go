package admission

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// NewInvitation is a request for an invitation.
type NewInvitation struct {
	EmailAddress   string
	PublicMeta     json.RawMessage // of the user who accepts; nil for none
	RedirectURL    string          // where the link leads; checked by the caller
	Notify         bool            // send a mail with the link
	IgnoreExisting bool            // invite although there is an account or a pending invitation
	Lifetime       time.Duration   // zero for [auth.InvitationLifetime]
}

// Invited is an invitation with its link, which is told this once.
type Invited struct {
	auth.Invitation
	Link string
}

// Invite makes an invitation and mails its link.
func (s *Service) Invite(ctx context.Context, r NewInvitation) (Invited, error) {
	all, err := s.InviteAll(ctx, []NewInvitation{r})
	if err != nil {
		return Invited{}, err
	}
	return all[0], nil
}

// InviteAll makes several invitations, or none.
func (s *Service) InviteAll(ctx context.Context, requests []NewInvitation) ([]Invited, error) {
	var (
		out    []Invited
		change auth.Change
	)
	for _, r := range requests {
		i, messages, err := s.prepare(ctx, r)
		if err != nil {
			return nil, err
		}
		for _, other := range change.Admission.Invitations {
			if other.EmailAddress == i.EmailAddress && !r.IgnoreExisting {
				return nil, auth.RefuseParam(auth.CodeParamDuplicate, "email_address")
			}
		}
		out = append(out, i)
		change.Admission.Invitations = append(change.Admission.Invitations, i.Invitation)
		change.Messages = append(change.Messages, messages...)
	}
	return out, s.Store.Commit(ctx, change)
}

// prepare returns the invitation and the mail that tells of it.
func (s *Service) prepare(ctx context.Context, r NewInvitation) (out Invited, messages []auth.Message, err error) {
	const param = "email_address"
	address, err := auth.NormalizeEmail(r.EmailAddress, param)
	if err != nil {
		return out, nil, err
	}
	if !r.IgnoreExisting {
		if err := s.refuseExisting(ctx, address); err != nil {
			return out, nil, err
		}
	}
	now := s.Now()
	if r.Lifetime == 0 {
		r.Lifetime = auth.InvitationLifetime
	}
	if r.Lifetime < 0 || r.Lifetime > auth.MaxInvitationLifetime {
		return out, nil, auth.RefuseParam(auth.CodeParamInvalid, "expires_in_days")
	}
	out.Invitation = auth.Invitation{
		EmailAddress: address, Status: auth.InvitationPending, RedirectURL: r.RedirectURL,
		ExpireAt: now.Add(r.Lifetime), CreatedAt: now, UpdatedAt: now,
	}
	if r.PublicMeta != nil {
		if out.PublicMeta, err = auth.ParseMetadata(r.PublicMeta, "public_metadata"); err != nil {
			return out, nil, err
		}
	}
	if out.ID, err = auth.NewInvitationID(now, s.Entropy); err != nil {
		return out, nil, err
	}
	ticket, hash, err := s.Tickets.NewInvitation(s.Entropy, string(out.ID))
	if err != nil {
		return out, nil, err
	}
	out.Hash, out.Link = hash, s.TicketURL(ticket)
	if !r.Notify || (s.Settings().TestCodes && auth.TestAddress(address)) {
		return out, nil, nil
	}
	message, err := s.Mail.Compose(ctx, auth.Notice{Kind: auth.NoticeInvitation, To: address, Link: out.Link, At: now}, now)
	if err != nil {
		return out, nil, fmt.Errorf("compose invitation: %w", err)
	}
	return out, []auth.Message{message}, nil
}

func (s *Service) refuseExisting(ctx context.Context, address string) error {
	_, err := s.Store.UserByEmail(ctx, address)
	if err == nil {
		return auth.RefuseParam(auth.CodeIdentifierExists, "email_address")
	}
	if !errors.Is(err, auth.ErrNotFound) {
		return fmt.Errorf("look for the address: %w", err)
	}
	_, pending, err := s.Store.Invitations(ctx, auth.InvitationQuery{
		EmailAddress: address, Status: auth.InvitationPending, Now: s.Now(), Limit: 1,
	})
	if err == nil && pending > 0 {
		return auth.RefuseParam(auth.CodeInvitationExists, "email_address")
	}
	return err
}

// List returns one page of the invitations that q selects and how many match.
func (s *Service) List(ctx context.Context, q auth.InvitationQuery) ([]auth.Invitation, int, error) {
	q.Now = s.Now()
	return s.Store.Invitations(ctx, q)
}

// Revoke makes the ticket of an invitation worthless. Revoking again changes
// nothing; one that was accepted is refused with [auth.CodeInvitationNotPending].
func (s *Service) Revoke(ctx context.Context, id auth.InvitationID) (i auth.Invitation, err error) {
	err = auth.Retry(func() error {
		if i, err = s.Store.Invitation(ctx, id); err != nil || i.Status == auth.InvitationRevoked {
			return err
		}
		if i.Status == auth.InvitationAccepted {
			return auth.Refuse(auth.CodeInvitationNotPending)
		}
		i.Status, i.UpdatedAt = auth.InvitationRevoked, s.Now()
		return s.Store.Commit(ctx, auth.Change{Admission: auth.AdmissionChange{Invitations: []auth.Invitation{i}}})
	})
	return i, err
}

// Delete leaves nothing of an invitation, whatever became of it: whoever was
// invited and never came has a right to be forgotten.
func (s *Service) Delete(ctx context.Context, id auth.InvitationID) error {
	return auth.Retry(func() error {
		i, err := s.Store.Invitation(ctx, id)
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Admission: auth.AdmissionChange{DeletedInvitations: []auth.Invitation{i}}})
	})
}
