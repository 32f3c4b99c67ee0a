package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// ClientStore is what [Clients] needs of the store. Absent records are
// [auth.ErrNotFound], returned only after a successful read; a store that
// cannot answer says [auth.ErrUnavailable]. Commit is atomic and durable on
// return. Safe for concurrent use; returned aggregates are the caller's.
type ClientStore interface {
	ClientByToken(ctx context.Context, hash [32]byte) (auth.ClientAggregate, int64, error)
	ClientByID(ctx context.Context, id auth.ClientID) (auth.ClientAggregate, error)
	// BoundClient returns the client that a bound credential names and its
	// lineage, the zero one when it was never presented.
	BoundClient(ctx context.Context, token auth.BoundToken) (auth.ClientAggregate, auth.Lineage, error)
	Commit(ctx context.Context, change auth.Change) error
}

// Tokens mints and recognises client tokens. Parse returns an error for
// anything this instance never handed out; it asks no store.
type Tokens interface {
	New(entropy io.Reader, client auth.ClientID) (text string, hash [32]byte, err error)
	Parse(text string) (client auth.ClientID, hash [32]byte, err error)
}

// Clients resolves client credentials and hands them out. It is safe for
// concurrent use.
type Clients struct {
	Store  ClientStore
	Tokens Tokens
	// Bound makes the credentials of devices that prove a key; nil makes none.
	Bound   BoundTokens
	Now     func() time.Time
	Entropy io.Reader

	recent recentClients
}

// Standing is what a credential turned out to be.
type Standing int

// Standings of a credential.
const (
	// Nobody: there was no credential, or nothing this instance ever issued.
	Nobody Standing = iota
	// Known: the credential belongs to a live client.
	Known
	// Over: the credential belongs to a client that was destroyed.
	Over
	// Lost: the credential is genuine, and a healthy store does not know it: a
	// restored backup or a lagging replica. Nothing may be concluded from it.
	Lost
	// Unproven: a bound credential came without a proof of its key. It is worth
	// nothing, and nothing may be concluded from it.
	Unproven
)

// Caller is who sent a request, as far as the client credential tells.
type Caller struct {
	Standing  Standing
	Client    auth.ClientAggregate // set when Known or Over
	Presented string               // the credential as it came
	Issued    string               // a credential to hand out; empty when the presented one stays
	// IssuedKey is the key that Issued is bound to; zero when it is unbound.
	IssuedKey auth.KeyThumbprint
	// Stolen names the client whose credential came with a foreign key and
	// ended its lineage by that; empty otherwise.
	Stolen auth.ClientID

	lost    auth.ClientID
	hash    [32]byte
	proof   *Proof
	lineage auth.Lineage // of a bound credential
}

// Device tells tokenless creations of one device apart from others'. Empty
// members make creation not idempotent.
type Device struct {
	ID      string // as the app names its device
	App     string // bundle or package
	Address string // network address, so that a device id alone is worth nothing
	// key is what the created credential is bound to: another key's owner could
	// not use it.
	key auth.KeyThumbprint
}

// Resolve says whose credential raw is. The only errors are of the store and
// of the context.
func (c *Clients) Resolve(ctx context.Context, raw string) (Caller, error) {
	caller := Caller{Presented: raw}
	id, hash, err := c.Tokens.Parse(raw)
	if raw == "" || err != nil {
		return caller, nil //nolint:nilerr // a credential that is not ours is an answer, not a failure
	}
	agg, _, err := c.Store.ClientByToken(ctx, hash)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		caller.Standing, caller.lost, caller.hash = Lost, id, hash
		return caller, nil
	case err != nil:
		return Caller{}, fmt.Errorf("resolve client: %w", err)
	}
	caller.Client, caller.Standing = agg, Known
	if agg.Client.Deleted {
		caller.Standing = Over
	}
	return caller, nil
}

// Ensure gives a caller without a client a fresh one. A lost credential is
// refused with [auth.ErrUnavailable]: a fresh client here would overwrite the
// only credential the device has.
func (c *Clients) Ensure(ctx context.Context, caller Caller, d Device) (Caller, error) {
	switch caller.Standing {
	case Known:
		return caller, nil
	case Lost:
		return caller, fmt.Errorf("genuine credential of unknown %s: %w", caller.lost, auth.ErrUnavailable)
	default:
		return c.fresh(ctx, caller, d)
	}
}

// Admit is [Clients.Ensure] for requests that begin a sign-in or sign-up: the
// person is about to prove who they are, so a lost client is created anew,
// empty, under its own identifier and credential.
func (c *Clients) Admit(ctx context.Context, caller Caller, d Device) (Caller, error) {
	if caller.Standing != Lost {
		return c.Ensure(ctx, caller, d)
	}
	if caller.bound() {
		// The key in the proof is the right one, but with the lineage the proof
		// of it having been so from the beginning is lost.
		return c.fresh(ctx, caller, d)
	}
	agg, err := c.Store.ClientByID(ctx, caller.lost)
	now := c.Now()
	switch {
	case err == nil && agg.Client.Deleted:
		return c.fresh(ctx, caller, d)
	case err == nil: // the client is known, only this credential of it is not
	case errors.Is(err, auth.ErrNotFound):
		agg = auth.ClientAggregate{Client: auth.Client{ID: caller.lost, CreatedAt: now, UpdatedAt: now}}
		if err := c.insert(ctx, agg.Client, caller.hash, now); err != nil {
			return c.admitted(ctx, caller, err)
		}
		return c.reload(ctx, caller)
	default:
		return caller, fmt.Errorf("admit client: %w", err)
	}
	err = c.Store.Commit(ctx, auth.Change{Tokens: []auth.ClientToken{
		{Hash: caller.hash, Client: caller.lost, Generation: 1, CreatedAt: now},
	}})
	return c.admitted(ctx, caller, err)
}

// admitted finishes an admission: somebody else having done it first is success.
func (c *Clients) admitted(ctx context.Context, caller Caller, err error) (Caller, error) {
	if err != nil && !errors.Is(err, auth.ErrExists) && !errors.Is(err, auth.ErrConflict) {
		return caller, fmt.Errorf("admit client: %w", err)
	}
	return c.reload(ctx, caller)
}

// Reload returns the caller with the client as it is now.
func (c *Clients) Reload(ctx context.Context, caller Caller) (Caller, error) {
	agg, err := c.Store.ClientByID(ctx, caller.Client.Client.ID)
	if err != nil {
		return caller, fmt.Errorf("reload client: %w", err)
	}
	caller.Client = agg
	return caller, nil
}

func (c *Clients) reload(ctx context.Context, caller Caller) (Caller, error) {
	again, err := c.Resolve(ctx, caller.Presented)
	if err == nil && again.Standing != Known {
		err = fmt.Errorf("admitted client is not there: %w", auth.ErrUnavailable)
	}
	return again, err
}

func (c *Clients) insert(ctx context.Context, client auth.Client, hash [32]byte, now time.Time) error {
	return c.Store.Commit(ctx, auth.Change{
		Clients: []auth.Client{client},
		Tokens:  []auth.ClientToken{{Hash: hash, Client: client.ID, Generation: 1, CreatedAt: now}},
	})
}

// fresh creates an empty client, or returns the empty one that the same device
// created moments ago.
func (c *Clients) fresh(ctx context.Context, caller Caller, d Device) (Caller, error) {
	if caller.proof != nil {
		d.key = caller.proof.Key
	}
	return c.recent.once(ctx, d, c.Now, func(token string) (Caller, error) {
		if token != "" {
			again, err := c.ResolveProven(ctx, token, caller.proof)
			if err != nil {
				return caller, err
			}
			if untouched(again) {
				again.Presented, again.Issued, again.IssuedKey = caller.Presented, token, d.key
				return again, nil
			}
		}
		return c.create(ctx, caller)
	})
}

// untouched says whether nothing has happened on a client. Only such a client
// is given out on the strength of a device id, so that nobody can obtain, or
// plant, a client that somebody uses.
func untouched(c Caller) bool {
	return c.Standing == Known && len(c.Client.Sessions) == 0 && c.Client.Client.SignedInOrOutAt.IsZero() &&
		c.Client.Client.SignIn == "" && c.Client.Client.SignUp == ""
}

func (c *Clients) create(ctx context.Context, caller Caller) (Caller, error) {
	now := c.Now()
	id, err := auth.NewClientID(now, c.Entropy)
	if err != nil {
		return caller, fmt.Errorf("create client: %w", err)
	}
	client := auth.Client{ID: id, CreatedAt: now, UpdatedAt: now}
	if caller.proof != nil {
		return c.createBound(ctx, caller, client)
	}
	text, hash, err := c.Tokens.New(c.Entropy, id)
	if err != nil {
		return caller, fmt.Errorf("create client: %w", err)
	}
	if err := c.insert(ctx, client, hash, now); err != nil {
		return caller, fmt.Errorf("create client: %w", err)
	}
	client.Version = 1
	return Caller{
		Standing: Known, Presented: caller.Presented, Issued: text,
		Client: auth.ClientAggregate{Client: client},
	}, nil
}

// Rotate hands out a successor of the caller's credential. Every predecessor
// keeps resolving to the same client, so that an answer that arrives late, or
// never, strands no device.
func (c *Clients) Rotate(ctx context.Context, caller Caller) (Caller, error) {
	if caller.Standing != Known {
		return caller, auth.Refuse(auth.CodeSignedOut)
	}
	if c.Bound != nil && c.Bound.Is(caller.current()) {
		return c.Renew(ctx, caller) // has a succession of its own
	}
	_, hash, err := c.Tokens.Parse(caller.current())
	if err != nil {
		return caller, fmt.Errorf("rotate client token: %w", err)
	}
	_, generation, err := c.Store.ClientByToken(ctx, hash)
	if err != nil {
		return caller, fmt.Errorf("rotate client token: %w", err)
	}
	text, successor, err := c.Tokens.New(c.Entropy, caller.Client.Client.ID)
	if err != nil {
		return caller, fmt.Errorf("rotate client token: %w", err)
	}
	err = c.Store.Commit(ctx, auth.Change{Tokens: []auth.ClientToken{{
		Hash: successor, Client: caller.Client.Client.ID, Generation: generation + 1, CreatedAt: c.Now(),
	}}})
	if err != nil {
		return caller, fmt.Errorf("rotate client token: %w", err)
	}
	caller.Issued = text
	return caller, nil
}

// Credential is the one that the caller's browser is to keep; empty when it has
// none that is worth keeping.
func (c Caller) Credential() string {
	if c.Issued == "" && c.Standing != Known {
		return ""
	}
	return c.current()
}

// SignedInAt is when somebody last signed in on the caller's client, zero while
// nobody is.
func (c Caller) SignedInAt(now time.Time) time.Time {
	if len(c.Client.SignedInSessions(now)) == 0 {
		return time.Time{}
	}
	return c.Client.Client.SignedInOrOutAt
}

// current is the newest credential of the caller that this request knows.
func (c Caller) current() string {
	if c.Issued != "" {
		return c.Issued
	}
	return c.Presented
}
