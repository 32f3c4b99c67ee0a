// Package callbackvault owns the vault of hosts that bring their own store: an
// app whose platform keeps secrets behind an interface of its own (iOS
// keychain, Android keystore, a browser's database).
//
// It offers [Open], which builds a [vault.Vault] from three functions that get,
// set and delete one named value. On top of them it has everything package
// filevault has: two slots, checksums and seals, compare-and-set, quarantine.
// Values longer than the host's limit are cut into parts.
//
// It refuses to believe "absent" from a store that is merely closed: a canary,
// written before the first record, must read back, or the store must prove by a
// probe that it takes and returns values. It refuses to trust a host function
// to return, to return in time, or not to panic.
package callbackvault

import (
	"context"
	"errors"
	"sync"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// What a host's functions answer with, alone or wrapped. Any other error is a
// failure that may pass.
var (
	// ErrAbsent: the store is open and holds nothing under this name.
	ErrAbsent = errors.New("no such value")
	// ErrLocked: the store cannot be read now and may be later (the device
	// has not been unlocked since it started).
	ErrLocked = errors.New("the host's store is locked")
	// ErrDenied: the store refuses this program.
	ErrDenied = errors.New("the host's store refuses access")
	// ErrKeyLost: the value is there and can never be decrypted again. Answer
	// this only for errors that the platform documents as permanent.
	ErrKeyLost = errors.New("the host's key for this value is gone")
)

// Config is the host's store and for whom it is used. Get, Set, Delete and
// Tenant are needed.
type Config struct {
	// Get returns the value last set under name.
	Get func(name string) ([]byte, error)
	// Set replaces the value under name, whole or not at all, durably on
	// return. It must work also where Get answers ErrKeyLost.
	Set func(name string, value []byte) error
	// Delete removes a name.
	Delete func(name string) error

	// Tenant is the whole publishable key.
	Tenant string
	// Item names the record among others of the tenant, as in filevault.
	Item string
	// Prefix begins every name; empty means "perennial.". Names have letters,
	// digits, dots and dashes, and at most 100 characters beyond the prefix.
	Prefix string
	// MaxValue is the largest value the store takes, in bytes as handed to
	// Set; zero means no limit, anything below 256 is refused. A host that
	// encodes values as text subtracts what the encoding adds.
	MaxValue int
	// LockDir is a folder that all processes sharing the store can write to
	// (on iOS that of the app group). Without it only one process may use the
	// store at a time.
	LockDir string
}

// Vault is a [vault.Vault] over three functions.
type Vault struct {
	*filevault.Vault
	shared bool // by several processes
}

var _ vault.Vault = (*Vault)(nil)

// minMaxValue leaves room for the head of a value in parts.
const minMaxValue = 256

// Open checks the configuration and calls no function.
func Open(config Config) (*Vault, error) {
	if config.Get == nil || config.Set == nil || config.Delete == nil {
		return nil, errors.New("callbackvault: the three functions are needed")
	}
	if config.MaxValue != 0 && config.MaxValue < minMaxValue {
		return nil, errors.New("callbackvault: values of fewer than 256 bytes are too small to use")
	}
	if config.Prefix == "" {
		config.Prefix = "perennial."
	}
	files, err := filevault.Open(filevault.Config{
		Dir: virtualDir, Tenant: config.Tenant, Item: config.Item, Disk: newStore(config),
	})
	if err != nil {
		return nil, err
	}
	return &Vault{files, config.LockDir != ""}, nil
}

var errAlone = errors.New("callbackvault: without a folder for locks there is one process, which has nothing to share")

// Item implements [vault.Shelf], where several processes use the store. A host's
// store is not written to without need.
func (v *Vault) Item(name string) (vault.Vault, error) {
	if !v.shared {
		return nil, errAlone
	}
	return v.Vault.Item(name)
}

// locks exclude the goroutines of this process where no folder for a lock that
// processes share was given. They are named as the values are.
var locks = struct {
	sync.Mutex
	held map[string]chan struct{}
}{held: map[string]chan struct{}{}}

// lockHere takes the process-wide lock name.
func lockHere(ctx context.Context, name string) (func(), error) {
	locks.Lock()
	held := locks.held[name]
	if held == nil {
		held = make(chan struct{}, 1)
		locks.held[name] = held
	}
	locks.Unlock()
	select {
	case held <- struct{}{}:
		return sync.OnceFunc(func() { <-held }), nil
	case <-ctx.Done():
		return nil, disk.ErrBusy
	}
}
