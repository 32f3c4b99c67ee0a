package session

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"github.com/perennialauth/perennial/internal/auth"
)

// BoundTokens makes and recognises bound credentials. Text is a function: what
// was handed out once can be handed out again without having been kept.
type BoundTokens interface {
	Is(text string) bool
	Text(b auth.BoundToken) string
	Parse(text string) (auth.BoundToken, error)
	Branch(client auth.ClientID, hash [32]byte, key auth.KeyThumbprint) auth.LineageID
}

// Proof is what a request proved about the device's key.
type Proof struct {
	Key auth.KeyThumbprint
	// Rotate asks for a successor of the credential that came along.
	Rotate bool
}

// ResolveProven is [Clients.Resolve] for a request that brought a valid proof,
// or none when proof is nil. A bound credential is worth something only to
// whoever proves its key. Without any proof its standing is [Unproven], and
// neither the store nor the credential is looked at to say so. With the proof
// of another key it was stolen: its lineage ends, and it is nobody's.
func (c *Clients) ResolveProven(ctx context.Context, raw string, proof *Proof) (Caller, error) {
	if c.Bound == nil || !c.Bound.Is(raw) {
		caller, err := c.Resolve(ctx, raw)
		if c.Bound != nil {
			caller.proof = proof
		}
		return caller, err
	}
	caller := Caller{Presented: raw, proof: proof}
	if proof == nil {
		caller.Standing = Unproven
		return caller, nil
	}
	token, err := c.Bound.Parse(raw)
	if err != nil {
		// It may be one of another instance that has this address at times: a
		// key that was lost, or a database that was exchanged.
		caller.Standing = Unproven
		return caller, nil
	}
	if subtle.ConstantTimeCompare(token.Key[:], proof.Key[:]) != 1 {
		return c.stolen(ctx, caller, token)
	}
	return c.presented(ctx, caller, token)
}

// presented resolves a bound credential that was presented with its key, and
// notes the first time that a successor is.
func (c *Clients) presented(ctx context.Context, caller Caller, token auth.BoundToken) (out Caller, err error) {
	err = auth.Retry(func() error {
		out = caller
		agg, lineage, err := c.Store.BoundClient(ctx, token)
		switch {
		case errors.Is(err, auth.ErrNotFound):
			out.Standing, out.lost = Lost, token.Client
			return nil
		case err != nil:
			return fmt.Errorf("resolve client: %w", err)
		}
		now := c.Now()
		next, what := lineage.Present(token, now)
		switch what {
		case auth.PresentedEnded, auth.PresentedOutdated:
			return nil
		case auth.PresentedBehind:
			out.issue(c.Bound.Text(next.Token(next.Generation)), token.Key)
		case auth.PresentedAdvance:
			// A store that can be read and not written keeps nobody out: the
			// predecessor gets the same successor again meanwhile.
			if err := c.Store.Commit(ctx, auth.Change{Lineages: []auth.Lineage{next}}); err != nil && !errors.Is(err, auth.ErrUnavailable) {
				return err
			}
		case auth.PresentedCurrent:
		}
		out.Client, out.Standing, out.lineage = agg, Known, next
		if agg.Client.Deleted {
			out.Standing = Over
		}
		return nil
	})
	if err != nil {
		return Caller{}, err
	}
	return out, nil
}

// stolen ends the lineage of a credential that was presented with a foreign
// key. Other lineages of the client, and its sessions, live on.
func (c *Clients) stolen(ctx context.Context, caller Caller, token auth.BoundToken) (Caller, error) {
	err := auth.Retry(func() error {
		_, lineage, err := c.Store.BoundClient(ctx, token)
		if errors.Is(err, auth.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("end lineage: %w", err)
		}
		next, changed := lineage.End(token, c.Now())
		if !changed {
			return nil
		}
		caller.Stolen = token.Client
		return c.Store.Commit(ctx, auth.Change{Lineages: []auth.Lineage{next}})
	})
	if err != nil {
		return Caller{}, err
	}
	return caller, nil
}

// Renew hands out what the caller asked for with its proof: the successor of a
// bound credential, always the same one until it is presented; or, beside an
// unbound one, the first of a lineage that is bound to the proven key. The
// unbound one stays as it is, for whoever else uses it. Nothing is written: what
// was handed out and never arrived is handed out again.
func (c *Clients) Renew(ctx context.Context, caller Caller) (Caller, error) {
	if caller.Standing != Known || caller.proof == nil || !caller.proof.Rotate || caller.Issued != "" {
		return caller, nil
	}
	if !c.Bound.Is(caller.Presented) {
		return c.branch(ctx, caller)
	}
	if l := caller.lineage; l.MayRotate(c.Now()) {
		caller.issue(c.Bound.Text(l.Token(l.Generation+1)), l.Key)
	}
	return caller, nil
}

func (c *Clients) branch(ctx context.Context, caller Caller) (Caller, error) {
	client, hash, err := c.Tokens.Parse(caller.Presented)
	if err != nil {
		return caller, nil //nolint:nilerr // known, and not by a credential: nothing to branch from
	}
	first := auth.BoundToken{
		Client: client, Lineage: c.Bound.Branch(client, hash, caller.proof.Key), Key: caller.proof.Key, Generation: 1,
	}
	_, lineage, err := c.Store.BoundClient(ctx, first)
	if err != nil {
		return caller, fmt.Errorf("branch client token: %w", err)
	}
	if lineage.EndedAt.IsZero() {
		// A device that was restored to the time before gets what is current.
		first.Generation = max(first.Generation, lineage.Generation)
		caller.issue(c.Bound.Text(first), first.Key)
	}
	return caller, nil
}

// newLineage begins the lineage of a client that is created with a proof.
func newLineage(entropy io.Reader, client auth.Client, key auth.KeyThumbprint) (auth.Lineage, error) {
	l := auth.Lineage{
		Client: client.ID, Key: key, Generation: 1,
		PresentedAt: client.CreatedAt, CreatedAt: client.CreatedAt, UpdatedAt: client.CreatedAt,
	}
	_, err := io.ReadFull(entropy, l.ID[:])
	return l, err
}

// issue hands out a credential that is bound to key.
func (c *Caller) issue(text string, key auth.KeyThumbprint) {
	c.Issued, c.IssuedKey = text, key
}

// createBound stores a client whose only credential is bound to the proven key.
func (c *Clients) createBound(ctx context.Context, caller Caller, client auth.Client) (Caller, error) {
	lineage, err := newLineage(c.Entropy, client, caller.proof.Key)
	if err != nil {
		return caller, fmt.Errorf("create client: %w", err)
	}
	change := auth.Change{Clients: []auth.Client{client}, Lineages: []auth.Lineage{lineage}}
	if err := c.Store.Commit(ctx, change); err != nil {
		return caller, fmt.Errorf("create client: %w", err)
	}
	client.Version = 1
	created := Caller{
		Standing: Known, Presented: caller.Presented, Client: auth.ClientAggregate{Client: client}, proof: caller.proof,
	}
	created.issue(c.Bound.Text(lineage.Token(1)), lineage.Key)
	return created, nil
}

// bound says whether the caller presented a bound credential.
func (c Caller) bound() bool { return c.lost != "" && c.hash == ([32]byte{}) }
