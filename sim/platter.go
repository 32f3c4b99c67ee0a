package sim

import (
	"fmt"
	"path"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// platter is the disk of a whole run: the file vault that ships, over a file
// system whose power can fail.
type platter struct {
	disk   *crashdisk.Disk
	vaults [tenants]*lasting
}

// lasting is a vault that outlives the file system it is on: after a power cut
// it is opened anew on what is left.
type lasting struct{ vault.Vault }

// NewPlatter implements [Config.Disk].
func NewPlatter() Disk {
	p := &platter{disk: crashdisk.New()}
	for i := range p.vaults {
		p.vaults[i] = &lasting{}
	}
	p.mount()
	return p
}

func (p *platter) mount() {
	for i := range p.vaults {
		v, err := filevault.Open(filevault.Config{Dir: "/device", Tenant: fmt.Sprintf("pk_test_%d", i), Disk: p.disk})
		if err != nil {
			panic(fmt.Sprintf("simulation: open vault: %v", err))
		}
		p.vaults[i].Vault = v
	}
}

// Vault implements [Disk].
func (p *platter) Vault(tenant int) vault.Vault { return p.vaults[tenant] }

// CutNext implements [Disk].
func (p *platter) CutNext(n int) { p.disk.CutAfter(n) }

// Fill makes the disk full, or ends that.
func (p *platter) Fill(full bool) { p.disk.Fill(full) }

// PowerCut implements [Disk].
func (p *platter) PowerCut(way uint64) {
	ways := p.disk.Survivors()
	p.disk = ways[way%uint64(len(ways))]
	p.mount()
}

// Destroy implements [Disk].
func (p *platter) Destroy(what string) {
	for _, name := range p.disk.Names() {
		if isKey := path.Base(name) == "vault.key"; isKey != (what == "key") {
			continue
		}
		if what == "key" {
			_ = p.disk.Remove(name)
			_ = p.disk.SyncDir("/device")
			continue
		}
		_ = p.disk.Damage(name, 100)
	}
}
