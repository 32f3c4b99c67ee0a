package conformance

import (
	"context"
	"fmt"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// Subject is a session library that can be put to the test.
type Subject interface {
	// Name stands over the table.
	Name() string
	// Open launches one process of it.
	Open(env Environment) (Client, error)
	// Plant puts into the store what given says, for a session of the server
	// with this credential and these ids. It returns false when the subject
	// has no such thing, or keeps nothing in a storage of this kind.
	Plant(env Environment, given Given, credential, client, session string) bool
}

// Environment is what a launch finds.
type Environment struct {
	PublishableKey string
	URL            string
	// Vault is what the record is kept in, as one more process has it.
	// Storage says what kind of a thing that is.
	Vault   func() (vault.Vault, error)
	Storage Storage
	// Store is the storage of kind Memory, with its fault switches.
	Store *memvault.Store
	// Journal is a file for what the subject tells about itself.
	Journal string
	// Install and DiscardForeign: the name of this installation, and what to
	// do with a record of another one.
	Install        string
	DiscardForeign bool
	// Clock is the device's.
	Clock *Clock
}

// Put stores the first record of a device, whatever it is kept in, and in memory
// any later one too.
func (e Environment) Put(version vault.Version, body []byte) error {
	if e.Storage == Memory {
		e.Store.Put(version, body)
		return nil
	}
	v, err := e.Vault()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if saved := v.Save(ctx, vault.Change{Next: version, Body: body}); saved.Answer != vault.Stored {
		return fmt.Errorf("the record cannot be planted: %s %s", saved.Answer, saved.Detail)
	}
	return nil
}

// Client is one launched process of a subject.
type Client interface {
	// Restore waits for the first verdict.
	Restore(ctx context.Context) (Observation, error)
	// Watch calls seen for the current verdict and every later one until ctx
	// ends.
	Watch(ctx context.Context, seen func(Observation))
	// State returns the verdict now.
	State() Observation
	// The calls return an error class: offline, signed-out, pending,
	// undetermined, refused, not-stored; empty for success.
	Token(ctx context.Context, fresh bool) (token, failure string)
	SignIn(ctx context.Context, user, password string) string
	BeginCode(ctx context.Context, user string) string
	EnterCode(ctx context.Context, code string) string
	SignOut(ctx context.Context) string
	Adopt(ctx context.Context, credential string) string
	Nudge()
	Reload()
	Drain(ctx context.Context) bool
	Explain() string
	Close()
}

// Observation is what a subject shows at one instant.
type Observation struct {
	Kind, Cause, Task string
	Confirmed         bool
	UserID, SessionID string
	Sequence          uint64
}

// SignedIn reports whether an application would show itself.
func (o Observation) SignedIn() bool { return o.Kind == "active" || o.Kind == "active-unverified" }

// Settled reports whether the observation answers a restore.
func (o Observation) Settled() bool {
	return o.Kind != "undetermined" || (o.Cause != "starting" && o.Cause != "restoring")
}
