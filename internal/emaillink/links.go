// Package emaillink owns what becomes of a link in a mail once somebody follows
// it.
//
// It offers [Links]: to find the link of a token, to say whether a browser may
// complete it, and to take the approval of one back to the native app that asked
// for it.
//
// It refuses to send links and to complete attempts: those are steps of a
// sign-in or a sign-up.
package emaillink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Links are the steps of a followed link. It is safe for concurrent use. Errors
// are [*auth.Error] refusals, [auth.ErrUnavailable], or the context's.
type Links struct {
	Store     Store
	Tokens    Secrets // in the mail
	Approvals Secrets // that the browser takes to the app
	Tickets   TicketMinter
	Settings  func() auth.Settings
	Now       func() time.Time
	Entropy   io.Reader
}

// Store is what [Links] needs of the store. Absent records are
// [auth.ErrNotFound], after a successful read only. Commit is atomic and
// durable on return. Safe for concurrent use; results are the caller's.
type Store interface {
	EmailLink(ctx context.Context, id auth.EmailLinkID) (auth.EmailLink, error)
	ClientByID(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error)
	SignInToken(ctx context.Context, id auth.SignInTokID) (auth.SignInToken, error)
	Commit(ctx context.Context, change auth.Change) error
}

// Secrets mints and recognises one-time secrets of links.
type Secrets interface {
	New(entropy io.Reader, id auth.EmailLinkID) (text string, hash [32]byte, err error)
	Parse(text string) (id auth.EmailLinkID, hash [32]byte, err error)
}

// TicketMinter mints the tickets of sign-in tokens.
type TicketMinter interface {
	New(entropy io.Reader, id auth.SignInTokID) (text string, hash [32]byte, err error)
}

// Find returns the link of a token. What is not one is refused with
// [auth.CodeApprovalTokenInvalid].
func (l *Links) Find(ctx context.Context, token string) (auth.EmailLink, error) {
	return l.find(ctx, l.Tokens, token, func(link auth.EmailLink) [32]byte { return link.Hash })
}

func (l *Links) find(
	ctx context.Context, kind Secrets, text string, stored func(auth.EmailLink) [32]byte,
) (auth.EmailLink, error) {
	invalid := auth.Refuse(auth.CodeApprovalTokenInvalid)
	id, hash, err := kind.Parse(text)
	if err != nil {
		return auth.EmailLink{}, invalid //nolint:nilerr // not ours is an answer
	}
	link, err := l.Store.EmailLink(ctx, id)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return link, invalid
	case err != nil:
		return link, fmt.Errorf("find email link: %w", err)
	case stored(link) != hash:
		return auth.EmailLink{}, invalid
	}
	return link, nil
}

// MayComplete says whether a browser may complete the link: the one that asked
// for it always, any other one unless the instance forbids it.
func (l *Links) MayComplete(link auth.EmailLink, visitor auth.ClientID) bool {
	return visitor == link.Client || !l.Settings().EmailLinkSameClient
}

// Approve notes that the link of a native app was followed, and returns the
// address that takes the approval to the app. Following a link signs nobody in:
// programs that look into mails follow them, too.
func (l *Links) Approve(ctx context.Context, link auth.EmailLink) (address string, err error) {
	err = auth.Retry(func() error {
		stored, err := l.Store.EmailLink(ctx, link.ID)
		if err != nil {
			return fmt.Errorf("approve email link: %w", err)
		}
		text, hash, err := l.Approvals.New(l.Entropy, link.ID)
		if err != nil {
			return fmt.Errorf("approve email link: %w", err)
		}
		if stored, err = stored.Approve(hash, l.Now()); err != nil {
			return err
		}
		q := url.Values{"flow_id": {stored.Attempt()}, "approval_token": {text}}
		address = stored.RedirectURL + "?" + q.Encode()
		return l.Store.Commit(ctx, auth.Change{EmailLinks: []auth.EmailLink{stored}})
	})
	return address, err
}
