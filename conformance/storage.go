package conformance

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/callbackvault"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
	"github.com/perennialauth/perennial/device/vault/filevault"
	"github.com/perennialauth/perennial/device/vault/keyringvault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// Storage names what a device keeps its record in.
type Storage string

// What a device can keep its record in.
const (
	Memory      Storage = ""             // a record in memory, with a fault for each operation
	Files       Storage = "files"        // sealed files on a disk whose power can fail
	Keyring     Storage = "keyring"      // the same, sealed under a key in a secret store
	SmallValues Storage = "small-values" // named values of a limited size
)

// storage is what outlives the processes of a device.
type storage struct {
	kind    Storage
	memory  *memvault.Store
	disk    *crashdisk.Disk
	secrets *secrets
	values  *values
}

func newStorage(kind Storage) *storage {
	return &storage{
		kind: kind, memory: memvault.NewStore(), disk: crashdisk.New(),
		secrets: &secrets{items: map[string]string{}}, values: &values{items: map[string][]byte{}},
	}
}

// open returns the storage as one more process has it.
func (s *storage) open(tenant string) (vault.Vault, error) {
	const dir = "/device"
	switch s.kind {
	case Files:
		return filevault.Open(filevault.Config{Dir: dir, Tenant: tenant, Disk: s.disk})
	case Keyring:
		return keyringvault.Open(keyringvault.Config{
			Dir: dir, Tenant: tenant, Disk: s.disk, Secrets: s.secrets, Limit: 200 * time.Millisecond,
		})
	case SmallValues:
		return callbackvault.Open(callbackvault.Config{
			Get: s.values.get, Set: s.values.set, Delete: s.values.delete, Tenant: tenant, MaxValue: s.values.limit,
		})
	default:
		return s.memory.Vault(), nil
	}
}

// afterKill is the storage without the process that was killed: what that one
// does from now on reaches a copy that nobody looks at.
func (s *storage) afterKill() *storage {
	next := *s
	next.memory = memvault.NewStore()
	if version, body, present := s.memory.Peek(); present {
		next.memory.Put(version, body)
	}
	ways := s.disk.Survivors()
	next.disk = ways[len(ways)-2] // every name, and everything that was written
	next.values = s.values.copy()
	return &next
}

// afterPowerCut is the storage as one of the ways of losing what had not been
// flushed leaves it.
func (s *storage) afterPowerCut(way int) *storage {
	next := *s
	ways := s.disk.Survivors()
	next.disk = ways[way%len(ways)]
	return &next
}

// secrets is the secret store of an operating system, which may be away.
type secrets struct {
	mu    sync.Mutex
	items map[string]string
	state string
}

// States of a secret store.
const (
	secretsWork    = "work"
	secretsMissing = "missing" // no such service
	secretsLocked  = "locked"
	secretsDenied  = "denied"
)

func (s *secrets) become(state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

// enter takes the lock, unless the store refuses.
func (s *secrets) enter() error {
	s.mu.Lock()
	answers := map[string]vault.Answer{
		secretsMissing: vault.Failed, secretsLocked: vault.Locked, secretsDenied: vault.AccessDenied,
	}
	if answer, refuses := answers[s.state]; refuses {
		s.mu.Unlock()
		return &keyringvault.Refusal{Answer: answer, Detail: s.state}
	}
	return nil
}

// Get implements [keyringvault.Secrets].
func (s *secrets) Get(name string) (string, error) {
	if err := s.enter(); err != nil {
		return "", err
	}
	defer s.mu.Unlock()
	if secret, ok := s.items[name]; ok {
		return secret, nil
	}
	return "", keyringvault.ErrNoSecret
}

// Set implements [keyringvault.Secrets].
func (s *secrets) Set(name, secret string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.items[name] = secret
	return nil
}

// Delete implements [keyringvault.Secrets].
func (s *secrets) Delete(name string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	delete(s.items, name)
	return nil
}

// values is a store of named values that refuses long ones.
type values struct {
	mu    sync.Mutex
	items map[string][]byte
	limit int
	// largest is the longest value that was ever stored, and cut counts the
	// values that were refused for being longer than the limit.
	largest, refused int
}

var errTooLong = errors.New("the value is too long")

func (v *values) get(name string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	value, ok := v.items[name]
	if !ok {
		return nil, callbackvault.ErrAbsent
	}
	return value, nil
}

func (v *values) set(name string, value []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(value) > v.limit {
		v.refused++
		return errTooLong
	}
	v.items[name] = append([]byte(nil), value...)
	v.largest = max(v.largest, len(value))
	return nil
}

func (v *values) delete(name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.items, name)
	return nil
}

func (v *values) copy() *values {
	v.mu.Lock()
	defer v.mu.Unlock()
	return &values{items: maps.Clone(v.items), limit: v.limit, largest: v.largest, refused: v.refused}
}

// otherTenant is the key of another instance whose last five characters are
// those of key.
func otherTenant(key string) (string, error) {
	own, err := publishablekey.Parse(key)
	if err != nil {
		return "", err
	}
	other, err := publishablekey.New("ab."+own.Host, false) // three bytes are four characters
	if err != nil {
		return "", err
	}
	if text := other.String(); text != key && strings.HasSuffix(text, key[len(key)-5:]) {
		return text, nil
	}
	return "", fmt.Errorf("%s and %s do not end alike", key, other)
}
