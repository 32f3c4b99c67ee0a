package sim

import (
	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// memory is the disk of a fast run: what is saved is there at once or not at
// all.
type memory struct {
	stores [tenants]*memvault.Store
}

func newMemory() *memory {
	m := &memory{}
	for i := range m.stores {
		m.stores[i] = memvault.NewStore()
	}
	return m
}

// Vault implements [Disk].
func (m *memory) Vault(tenant int) vault.Vault { return m.stores[tenant].Vault() }

// CutNext implements [Disk]: a save that gets anywhere gets to its end or
// nowhere.
func (m *memory) CutNext(n int) {
	if n < 0 || n >= 7 {
		return
	}
	for _, store := range m.stores {
		store.Inject(memvault.Save, memvault.Fault{Answer: vault.Failed, Times: 1})
	}
}

// PowerCut implements [Disk]: everything that was said to be durable is.
func (m *memory) PowerCut(uint64) {}

// Destroy implements [Disk].
func (m *memory) Destroy(what string) {
	answer := vault.Corrupt
	if what == "key" {
		answer = vault.KeyMissing
	}
	for _, store := range m.stores {
		store.MakeUnreadable(answer, 0)
	}
}
