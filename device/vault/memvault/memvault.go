// Package memvault owns the vault that keeps its record in memory: for tests,
// for simulations, and for apps that ask by name for a session that ends with
// the process.
//
// It offers [New], a [Store] that several vaults share as processes share a
// disk, and switches that make any operation answer, wait, tear or lie as real
// backends have been seen to do.
//
// It refuses to be chosen by default: nothing in it survives the process.
package memvault

import (
	"bytes"
	"context"
	"sync"

	"github.com/perennialauth/perennial/device/vault"
)

// Store is the memory that vaults share. The zero Store is empty and ready.
type Store struct {
	mu      sync.Mutex
	record  record
	present bool
	aside   []record
	holding chan struct{} // has one element while held
	faults  faults
}

type record struct {
	version vault.Version
	body    []byte
}

// Vault is one process's view of a [Store].
type Vault struct{ store *Store }

var _ vault.Vault = (*Vault)(nil)

// New returns a vault over a store of its own.
func New() *Vault { return NewStore().Vault() }

// NewStore returns an empty store.
func NewStore() *Store { return &Store{holding: make(chan struct{}, 1)} }

// Vault returns another view of the store, as another process would have it.
func (s *Store) Vault() *Vault { return &Vault{store: s} }

// Store returns the store behind v, where its fault switches are.
func (v *Vault) Store() *Store { return v.store }

// Load implements [vault.Vault].
func (v *Vault) Load(ctx context.Context) vault.Loaded {
	fault, ok := v.store.enter(ctx, Load)
	if !ok {
		return vault.Loaded{Answer: vault.Failed, Detail: "out of time"}
	}
	if fault.Answer != "" {
		return vault.Loaded{Answer: fault.Answer, Schema: fault.Schema, Detail: fault.Detail}
	}
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	if v.store.faults.unreadable != "" {
		return vault.Loaded{Answer: v.store.faults.unreadable, Schema: v.store.faults.schema}
	}
	if !v.store.present {
		return vault.Loaded{Answer: vault.Absent}
	}
	r := v.store.record
	return vault.Loaded{Answer: vault.Found, Version: r.version, Body: bytes.Clone(r.body)}
}

// Save implements [vault.Vault].
func (v *Vault) Save(ctx context.Context, change vault.Change) vault.Saved {
	if len(change.Body) > vault.MaxBody || !change.Next.Succeeds(change.Previous) {
		return vault.Saved{Answer: vault.Failed, Detail: "invalid change"}
	}
	fault, ok := v.store.enter(ctx, Save)
	if !ok {
		return vault.Saved{Answer: vault.Failed, Detail: "out of time"}
	}
	if fault.Torn {
		v.store.MakeUnreadable(vault.Corrupt, 0)
		return vault.Saved{Answer: vault.Failed, Detail: fault.Detail}
	}
	if fault.Answer != "" && !fault.Persist {
		return vault.Saved{Answer: fault.Answer, Detail: fault.Detail}
	}
	saved := v.store.save(change)
	if fault.Answer != "" {
		return vault.Saved{Answer: fault.Answer, Detail: fault.Detail}
	}
	return saved
}

func (s *Store) save(change vault.Change) vault.Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.unreadable != "" {
		if !change.Beside {
			return vault.Saved{Answer: s.faults.unreadable}
		}
		s.setAsideLocked()
	}
	next := record{version: change.Next, body: bytes.Clone(change.Body)}
	switch {
	case s.present && s.record.version == next.version && bytes.Equal(s.record.body, next.body):
		return vault.Saved{Answer: vault.Stored, Current: next.version}
	case s.present && s.record.version != change.Previous:
		return vault.Saved{Answer: vault.Conflict, Current: s.record.version}
	case !s.present && !change.Previous.IsZero() && !change.Beside:
		return vault.Saved{Answer: vault.Conflict}
	}
	if change.Beside {
		s.setAsideLocked()
	}
	s.record, s.present = next, true
	return vault.Saved{Answer: vault.Stored, Current: next.version}
}

// setAsideLocked keeps the unreadable record where tests can find it.
func (s *Store) setAsideLocked() {
	if s.present {
		s.aside = append(s.aside, s.record)
	}
	s.record, s.present = record{}, false
	s.faults.unreadable, s.faults.schema = "", 0
}

// Hold implements [vault.Vault].
func (v *Vault) Hold(ctx context.Context) (func(), vault.Answer) {
	fault, ok := v.store.enter(ctx, Hold)
	if !ok {
		return nil, vault.Locked
	}
	if fault.Answer != "" {
		return nil, fault.Answer
	}
	select {
	case v.store.holding <- struct{}{}:
		return sync.OnceFunc(func() { <-v.store.holding }), vault.Stored
	case <-ctx.Done():
		return nil, vault.Locked
	}
}
