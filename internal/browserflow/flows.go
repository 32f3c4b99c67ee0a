package browserflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Flows are the steps of browser flows. It is safe for concurrent use. Errors
// are [*auth.Error] refusals, [auth.ErrUnavailable], or the context's.
type Flows struct {
	Store    Store
	Tickets  Secrets // in the URL that the browser opens
	Nonces   Secrets // that the browser takes back
	Settings func() auth.Settings
	Now      func() time.Time
	Entropy  io.Reader
}

// Store is what [Flows] needs of the store. Absent records are
// [auth.ErrNotFound], after a successful read only. Commit is atomic and
// durable on return. Safe for concurrent use; results are the caller's.
type Store interface {
	BrowserFlow(ctx context.Context, id auth.BrowserFlowID) (auth.BrowserFlow, error)
	ClientByID(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error)
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	Commit(ctx context.Context, change auth.Change) error
}

// Secrets mints and recognises one-time secrets of flows.
type Secrets interface {
	New(entropy io.Reader, id auth.BrowserFlowID) (text string, hash [32]byte, err error)
	Parse(text string) (id auth.BrowserFlowID, hash [32]byte, err error)
}

// Begin is what an app asks for when it sends a person into the browser.
type Begin struct {
	RedirectURL string
	State       string
	Challenge   string // PKCE, RFC 7636
	Method      string // of the challenge; empty means S256, the only one
	SignUp      bool
}

// maxState bounds what an app may have echoed, in bytes.
const maxState = 512

// Begin returns the ticket of a fresh flow of the client.
func (f *Flows) Begin(ctx context.Context, client auth.ClientAggregate, r Begin) (ticket string, err error) {
	settings, now := f.Settings(), f.Now()
	switch {
	case !settings.MayReturnTo(r.RedirectURL):
		return "", auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	case r.State == "" || len(r.State) > maxState:
		return "", auth.RefuseParam(auth.CodeParamInvalid, "state")
	case r.Method != "" && r.Method != "S256":
		return "", auth.RefuseParam(auth.CodeParamInvalid, "code_challenge_method")
	case !auth.ValidChallenge(r.Challenge):
		return "", auth.RefuseParam(auth.CodeParamInvalid, "code_challenge")
	}
	if err := client.MayStart(settings, now); err != nil {
		return "", err
	}
	id, err := auth.NewBrowserFlowID(now, f.Entropy)
	if err != nil {
		return "", err
	}
	ticket, hash, err := f.Tickets.New(f.Entropy, id)
	if err != nil {
		return "", fmt.Errorf("begin browser flow: %w", err)
	}
	return ticket, f.Store.Commit(ctx, auth.Change{BrowserFlows: []auth.BrowserFlow{{
		ID: id, Client: client.Client.ID, NewAccount: r.SignUp, RedirectURL: r.RedirectURL, State: r.State,
		Challenge: r.Challenge, TicketHash: hash, ExpireAt: now.Add(auth.BrowserFlowLifetime), CreatedAt: now, UpdatedAt: now,
	}}})
}

// Find returns the flow of a ticket while a person may go through it, and
// refuses with [auth.CodeBrowserFlowOver] otherwise.
func (f *Flows) Find(ctx context.Context, ticket string) (auth.BrowserFlow, error) {
	over := auth.Refuse(auth.CodeBrowserFlowOver)
	id, hash, err := f.Tickets.Parse(ticket)
	if err != nil {
		return auth.BrowserFlow{}, over //nolint:nilerr // not ours is an answer
	}
	flow, err := f.Store.BrowserFlow(ctx, id)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return flow, over
	case err != nil:
		return flow, fmt.Errorf("find browser flow: %w", err)
	case flow.TicketHash != hash || !flow.Open(f.Now()):
		return auth.BrowserFlow{}, over
	}
	return flow, nil
}

// Approve ends the part of the browser: whoever is signed in on the visitor's
// client is who the app gets. It returns the address to send the browser to.
// The visitor's client and its session end with it, because they were made for
// this flow alone; called again by the same visitor, it brings a fresh nonce.
func (f *Flows) Approve(ctx context.Context, id auth.BrowserFlowID, visitor auth.ClientID) (address string, err error) {
	err = auth.Retry(func() error {
		now := f.Now()
		flow, err := f.Store.BrowserFlow(ctx, id)
		if err != nil {
			return fmt.Errorf("approve browser flow: %w", err)
		}
		client, err := f.Store.ClientByID(ctx, visitor)
		if err != nil {
			return fmt.Errorf("read visitor: %w", err)
		}
		a, change, err := f.approval(flow, client, now)
		if err != nil {
			return err
		}
		nonce, hash, err := f.Nonces.New(f.Entropy, id)
		if err != nil {
			return fmt.Errorf("approve browser flow: %w", err)
		}
		a.NonceHash = hash
		if flow, err = flow.Approve(a, now); err != nil {
			return err
		}
		change.BrowserFlows = []auth.BrowserFlow{flow}
		address = returnAddress(flow, nonce)
		return f.Store.Commit(ctx, change)
	})
	return address, err
}

// approval is who is signed in on the visitor's client, with the change that
// ends that client. A visitor who has approved already stays who they were.
func (f *Flows) approval(flow auth.BrowserFlow, client auth.ClientAggregate, now time.Time) (auth.Approval, auth.Change, error) {
	a := auth.Approval{Visitor: client.Client.ID}
	if !flow.ApprovedAt.IsZero() {
		a.User = flow.User
		return a, auth.Change{}, nil
	}
	session, ok := client.Session(client.LastActive(now))
	if !ok {
		return a, auth.Change{}, auth.Refuse(auth.CodeSignedOut)
	}
	id, err := auth.NewSessionID(now, f.Entropy)
	if err != nil {
		return a, auth.Change{}, err
	}
	a.User, a.Strategy, a.Session = session.User, client.Client.LastStrategy, id
	a.FirstFactorAt, a.SecondFactorAt = session.FirstFactorAt, session.SecondFactorAt
	change := client.EndAll(auth.SessionReplaced, now)
	change.Clients[0].Deleted, change.Clients[0].SignIn, change.Clients[0].SignUp = true, "", ""
	return a, change, nil
}

// returnAddress has the published parameters, each exactly once: the address
// has none of its own.
func returnAddress(flow auth.BrowserFlow, nonce string) string {
	q := url.Values{"rotating_token_nonce": {nonce}}
	if flow.Session != "" {
		q.Set("created_session_id", string(flow.Session))
	}
	if flow.State != "" {
		q.Set("state", flow.State)
	}
	return flow.RedirectURL + "?" + q.Encode()
}
