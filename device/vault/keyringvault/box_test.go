package keyringvault_test

import (
	"maps"
	"strings"
	"sync"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/keyringvault"
)

// box is a secret store in memory that several vaults share, with the faults
// that real ones have been seen with.
type box struct {
	mu      sync.Mutex
	items   map[string]string
	refusal *keyringvault.Refusal // answers everything
	gate    chan struct{}         // if not nil, every call waits for it
	forgets string                // Set of names with this prefix answers well and stores nothing
	asked   int                   // how often it was told to show a prompt
	reads   int
}

func newBox() *box { return &box{items: map[string]string{}} }

var (
	missing = &keyringvault.Refusal{Answer: vault.Failed, Detail: "no service"}
	locked  = &keyringvault.Refusal{Answer: vault.Locked, Detail: "locked"}
	denied  = &keyringvault.Refusal{Answer: vault.AccessDenied, Detail: "denied"}
)

func (b *box) enter() error {
	b.mu.Lock()
	gate, refusal := b.gate, b.refusal
	b.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if refusal != nil {
		return refusal
	}
	return nil
}

func (b *box) Get(name string) (string, error) {
	b.mu.Lock()
	b.reads++
	b.mu.Unlock()
	if err := b.enter(); err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if secret, ok := b.items[name]; ok {
		return secret, nil
	}
	return "", keyringvault.ErrNoSecret
}

func (b *box) Set(name, secret string) error {
	if err := b.enter(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.forgets == "" || !strings.HasPrefix(name, b.forgets) {
		b.items[name] = secret
	}
	return nil
}

func (b *box) Delete(name string) error {
	if err := b.enter(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.items[name]; !ok {
		return keyringvault.ErrNoSecret
	}
	delete(b.items, name)
	return nil
}

func (b *box) Ask() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	b.refusal = nil
	return nil
}

// set changes the box under its lock.
func (b *box) set(change func(b *box)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

func (b *box) refuse(refusal *keyringvault.Refusal) { b.set(func(b *box) { b.refusal = refusal }) }

func (b *box) contents() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.items)
}
