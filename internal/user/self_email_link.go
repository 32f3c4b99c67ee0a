package user

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// PrepareEmailLink sends a link that proves one of the account's addresses, in
// the place of a code. Client asked for it. Asked again at once it answers the
// same and sends nothing. The owner of an address that another account has
// proven is told instead.
func (s *Self) PrepareEmailLink(
	ctx context.Context, client auth.ClientID, id auth.UserID, email auth.EmailID, r auth.LinkRequest,
) (auth.EmailAddress, error) {
	if err := r.Check(s.Settings()); err != nil {
		return auth.EmailAddress{}, err
	}
	u, err := s.onContact(ctx, s.emails(), id, email, func(u auth.User, c contact, now time.Time) (contact, auth.Change, error) {
		if c.proof.Status == auth.VerificationVerified {
			return c, auth.Change{}, auth.Refuse(auth.CodeVerificationAlreadyVerified)
		}
		send, err := c.proof.Reprepare(auth.StrategyEmailLink, c.id, now)
		if err != nil || !send {
			return c, auth.Change{}, err
		}
		if wait, ok := s.Codes.Take(s.emails().param + "\x00" + c.to); !ok {
			return c, auth.Change{}, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
		}
		return s.sendLink(ctx, auth.EmailLink{Client: client, User: u.ID, Email: c.id}, c, r, now)
	})
	e, _ := u.Email(email)
	return e, err
}

// sendLink is the contact waiting for a link, with the change that sends it.
func (s *Self) sendLink(
	ctx context.Context, link auth.EmailLink, c contact, r auth.LinkRequest, now time.Time,
) (contact, auth.Change, error) {
	taken, err := s.emails().taken(ctx, link.User, c.to)
	if err != nil {
		return c, auth.Change{}, err
	}
	link, notice, err := link.Begin(r, c.to, s.Links, now, s.Entropy)
	if err != nil {
		return c, auth.Change{}, fmt.Errorf("begin email link: %w", err)
	}
	proven := link.Hash
	if taken {
		if _, err := io.ReadFull(s.Entropy, proven[:]); err != nil {
			return c, auth.Change{}, fmt.Errorf("read entropy for link: %w", err)
		}
		notice.Kind, notice.Link = auth.NoticeAccountExists, ""
	}
	message, err := s.Mail.Compose(ctx, notice, now)
	if err != nil {
		return c, auth.Change{}, fmt.Errorf("compose link: %w", err)
	}
	c.proof = auth.NewLinkVerification(c.id, proven, now)
	return c, auth.Change{EmailLinks: []auth.EmailLink{link}, Messages: []auth.Message{message}}, nil
}

// FollowEmailLink proves the address that a link was sent to, for the account
// that asked for it. Followed again, it changes nothing. Errors:
// [auth.CodeVerificationExpired] when the address waits for another proof by
// now, or is gone.
func (s *Self) FollowEmailLink(ctx context.Context, link auth.EmailLink, visitor auth.ClientID) error {
	_, err := s.onContact(ctx, s.emails(), link.User, link.Email, func(_ auth.User, c contact, now time.Time) (contact, auth.Change, error) {
		proof, done, err := c.proof.FollowLink(link.Hash, now)
		if err != nil || !done {
			return c, auth.Change{}, err
		}
		c.proof, c.proof.VerifiedBy = proof, string(visitor)
		followed := link
		followed.ConsumedAt, followed.UpdatedAt = now, now
		return c, auth.Change{EmailLinks: []auth.EmailLink{followed}}, nil
	})
	if errors.Is(err, auth.Refuse(auth.CodeResourceNotFound)) || errors.Is(err, auth.Refuse(auth.CodeAuthenticationInvalid)) {
		return auth.Refuse(auth.CodeVerificationExpired)
	}
	return err
}
