// Package keyringvault owns the vault whose sealing key is kept by the
// operating system: Secret Service, macOS keychain or Windows credential
// manager.
//
// It offers [Open], which returns a [vault.Vault] over the same sealed files
// and the same guarantees as package filevault. Only a key of 32 bytes goes to
// the secret store, so the record never meets its size limits. Each file names
// the key it is sealed under; where the secret store is missing, locked, slow
// or refuses, new records are sealed under the folder's key file instead and go
// back to the secret store at the first save for which it works. Because both
// kinds lie in the same two slots, the newest record wins whatever sealed it,
// and a sign-out covers both.
//
// It refuses to wait for the secret store longer than a fixed time, to ask the
// user anything unless told to ([Vault.Unlock]), and to believe that a key is
// gone unless a second item written with it can still be read.
package keyringvault

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// defaultLimit bounds one call to the secret store. It stays below the time
// that another process waits for the folder's lock.
const defaultLimit = 1500 * time.Millisecond

// Config says where a vault lives and for whom. Dir and Tenant are needed.
type Config struct {
	// Dir, Tenant, Item and Disk are those of [filevault.Config].
	Dir    string
	Tenant string
	Item   string
	Disk   disk.Disk
	// Service names this program in the secret store; empty means "perennial".
	// It may not change between releases, or the key is not found again.
	Service string
	// Secrets replaces the operating system's secret store; nil means that one.
	Secrets Secrets
	// Limit bounds each call to the secret store; zero means 1.5 seconds.
	Limit time.Duration
	// Require makes a save fail where the secret store cannot be used, instead
	// of sealing under the folder's key file.
	Require bool
}

// Vault is a [vault.Vault] over a folder and a secret store.
type Vault struct {
	*filevault.Vault
	ring *ring
}

var _ vault.Vault = (*Vault)(nil)

// Open checks the configuration. It touches neither files nor secret store.
func Open(config Config) (*Vault, error) {
	if config.Service == "" {
		config.Service = "perennial"
	}
	if config.Secrets == nil {
		config.Secrets = system{service: config.Service}
	}
	if config.Limit <= 0 {
		config.Limit = defaultLimit
	}
	if config.Disk == nil {
		config.Disk = disk.OS{}
	}
	dir, err := filepath.Abs(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("keyringvault: folder: %w", err)
	}
	r := newRing(config, dir)
	files, err := filevault.Open(filevault.Config{
		Dir: config.Dir, Tenant: config.Tenant, Item: config.Item, Disk: config.Disk,
		Keys: func(own filevault.Keys) filevault.Keys { r.own = own; return r },
	})
	if err != nil {
		return nil, err
	}
	return &Vault{Vault: files, ring: r}, nil
}

// Unlock has the secret store ask the user to open it, and waits for the answer
// or for ctx. Call it when a person is there to answer, never during a cold
// start: the verdict does not wait for it. The error is a *[Refusal], nil when
// the store is open.
func (v *Vault) Unlock(ctx context.Context) error { return v.ring.calls.ask(ctx) }

// Backend reports where the key of the next record is kept as far as the last
// save remembered, and if that is not the secret store, why not. Empty means
// that no save has chosen yet.
func (v *Vault) Backend() (Backend, string) {
	p, err := v.ring.readPointer()
	if err != nil {
		return "", err.Error()
	}
	return p.Backend, p.Reason
}
