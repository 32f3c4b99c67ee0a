package emaillink

import (
	"context"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Completion is what a native app presents after its link was followed.
type Completion struct {
	FlowID   string // the attempt that the link was asked for
	Approval string
	Verifier string // PKCE
}

// Check returns the link of a completion, consumed and not stored yet. Errors:
// see [auth.EmailLink.Consume].
func (l *Links) Check(ctx context.Context, c Completion) (auth.EmailLink, error) {
	_, hash, err := l.Approvals.Parse(c.Approval)
	if err != nil {
		return auth.EmailLink{}, auth.Refuse(auth.CodeApprovalTokenInvalid) //nolint:nilerr // not ours is an answer
	}
	link, err := l.find(ctx, l.Approvals, c.Approval, func(link auth.EmailLink) [32]byte { return link.ApprovalHash })
	if err != nil {
		return link, err
	}
	return link.Consume(c.FlowID, hash, c.Verifier, l.Now())
}

// ticketLifetime bounds the time between completing a link and signing in with
// the ticket that it gave: the app does both in one go.
const ticketLifetime = 5 * time.Minute

// Ticket completes the link of a sign-in: it returns a ticket with which the app
// signs the person in who followed the link. A repeated completion gets another
// ticket, and the former one is worth nothing any more.
func (l *Links) Ticket(ctx context.Context, c Completion) (ticket string, err error) {
	err = auth.Retry(func() error {
		link, err := l.Check(ctx, c)
		if err != nil {
			return err
		}
		client, err := l.Store.ClientByID(ctx, link.Client)
		if err != nil {
			return fmt.Errorf("complete email link: %w", err)
		}
		attempt := client.SignIn
		if attempt == nil || attempt.ID != link.SignIn || attempt.User == "" || attempt.FirstFactor.CodeHash != link.Hash {
			return auth.Refuse(auth.CodeApprovalTokenExpired)
		}
		var change auth.Change
		if link.Ticket != "" {
			if change.SignInTokens, err = l.revoked(ctx, link.Ticket); err != nil {
				return err
			}
		}
		now := l.Now()
		if link.Ticket, err = auth.NewSignInTokenID(now, l.Entropy); err != nil {
			return err
		}
		text, hash, err := l.Tickets.New(l.Entropy, link.Ticket)
		if err != nil {
			return fmt.Errorf("complete email link: %w", err)
		}
		ticket, change.EmailLinks = text, []auth.EmailLink{link}
		change.SignInTokens = append(change.SignInTokens, auth.SignInToken{
			ID: link.Ticket, User: attempt.User, Hash: hash, Status: auth.SignInTokenPending, FirstFactor: true,
			ExpireAt: now.Add(ticketLifetime), CreatedAt: now, UpdatedAt: now,
		})
		return l.Store.Commit(ctx, change)
	})
	return ticket, err
}

// revoked is the former ticket of a link, unless it was used.
func (l *Links) revoked(ctx context.Context, id auth.SignInTokID) ([]auth.SignInToken, error) {
	token, err := l.Store.SignInToken(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read former ticket: %w", err)
	}
	if token.Status != auth.SignInTokenPending {
		return nil, auth.Refuse(auth.CodeApprovalTokenConsumed)
	}
	token.Status, token.UpdatedAt = auth.SignInTokenRevoked, l.Now()
	return []auth.SignInToken{token}, nil
}
