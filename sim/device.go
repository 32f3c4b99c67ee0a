package sim

import (
	"slices"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
)

// Disk is the storage of one device. Its vaults hold what processes saved, each
// for one publishable key.
type Disk interface {
	// Vault returns the vault of a publishable key, by number.
	Vault(tenant int) vault.Vault
	// CutNext lets a save stop after n writing calls, as when its process is
	// killed inside; a negative n ends that.
	CutNext(n int)
	// PowerCut loses what was not durable, in one of several ways.
	PowerCut(way uint64)
	// Destroy ruins what is stored for good: "record" or "key".
	Destroy(what string)
}

// device is one machine: a disk, a clock, a way to the network, and processes.
type device struct {
	world     *World
	index     int
	disk      Disk
	places    [tenants]*place
	tenant    int                              // of the next launch
	clock     core.Wall                        // what the wall clock is ahead of the true time
	moved     bool                             // the clock was set, once at least
	processes [maxProcesses + tenants]*process // the last ones only in peace
	net       []netFault                       // of the next exchanges
	store     diskFault
	requests  uint64
}

// place is where a device keeps the one record of a publishable key, and what
// is known about it from outside.
type place struct {
	vault vault.Vault
	// acked is what was last acknowledged as durable. A version whose save was
	// not acknowledged may be there instead: maybe.
	acked stored
	maybe []stored
	// asked are the sessions that a person asked to sign out of.
	asked []string
	// over are sessions that were stored here and are no longer, in the order
	// in which they went.
	over []string
	// signedOut are those of them that a durable sign-out ended.
	signedOut []string
	signIns   int
	// adopted are sessions whose credential a host handed over.
	adopted []string
	ruined  bool
}

// sessions are those that are or were stored here, or have to be ended.
func (place *place) sessions() []string {
	list := slices.Clone(place.over)
	for _, s := range append(slices.Clone(place.maybe), place.acked) {
		list = append(list, s.record.SessionID)
		for rev := range s.record.Queued() {
			list = append(list, rev.SessionID)
		}
	}
	return list
}

// stored is one version of the record.
type stored struct {
	version core.Version
	data    core.Secret
	record  core.Record
}

// diskFault is what the storage does instead of working, for a time.
type diskFault struct {
	kind  string
	until core.Instant
	times int // of a corrupt read: how many are left
}

// Faults of a disk.
const (
	diskLocked  = "locked"
	diskFailed  = "failed"
	diskDenied  = "denied"
	diskCorrupt = "corrupt" // three bad reads, and then good ones
	diskFull    = "full"
	diskLying   = "lying" // saves are done and reported as failed
	diskSlow    = "slow"
)

// DiskFaults lists them.
func DiskFaults() []string {
	return []string{diskLocked, diskFailed, diskDenied, diskCorrupt, diskFull, diskLying, diskSlow}
}

func newDevice(w *World, index int) *device {
	d := &device{world: w, index: index}
	if w.config.Disk == nil {
		d.disk = newMemory()
	} else {
		d.disk = w.config.Disk()
	}
	for i := range d.places {
		d.places[i] = &place{vault: d.disk.Vault(i)}
	}
	return d
}

func (d *device) process(n int) *process {
	if d.processes[n-1] == nil {
		d.processes[n-1] = &process{device: d, world: d.world, index: n}
	}
	return d.processes[n-1]
}

// current is the place of the publishable key in use.
func (d *device) current() *place { return d.places[d.tenant] }

func (d *device) wall() core.Wall { return d.world.wall() + d.clock }

func (d *device) do(c Command) {
	w := d.world
	switch c.Op {
	case OpClock:
		d.setClock(c)
	case OpNet:
		d.net = append(d.net, netFault{kind: c.Arg, times: max(int(c.N), 1)})
	case OpDisk:
		d.store = diskFault{kind: c.Arg, until: w.now + core.Instant(c.N), times: 3}
	case OpSwitchKey:
		d.killAll()
		d.tenant = int(c.N) % tenants
	case OpPowerCut:
		d.killAll()
		d.disk.PowerCut(uint64(c.N))
	case OpDestroy:
		d.disk.Destroy(c.Arg)
		d.current().ruined = true
	default:
		w.fail("no such command for a device: %s", c)
	}
}

// Years to which a clock can be set, and their first millisecond.
const (
	clock1970 = "1970"
	clock2100 = "2100"

	year2100 core.Wall = 4_102_444_800_000
)

func (d *device) setClock(c Command) {
	d.moved = true
	switch c.Arg {
	case clock1970:
		d.clock = -d.world.wall()
	case clock2100:
		d.clock = year2100 - d.world.wall()
	default:
		d.clock += core.Wall(c.N)
	}
}

func (d *device) killAll() {
	for _, p := range d.processes {
		if p != nil {
			p.kill()
		}
	}
}

// fault is what the storage does now.
func (d *device) fault(save bool) string {
	f := &d.store
	if f.kind == "" || d.world.now >= f.until {
		return ""
	}
	if f.kind == diskCorrupt {
		if save || f.times == 0 {
			return ""
		}
		f.times--
	}
	return f.kind
}

// slow reports whether the storage takes its time. Unlike fault it uses nothing
// up.
func (d *device) slow() bool { return d.store.kind == diskSlow && d.world.now < d.store.until }

// peersNotice tells the other processes of a place that the record changed,
// within the second that looking for it takes.
func (d *device) peersNotice(by *process) {
	for _, p := range d.processes {
		if p != nil && p.alive && p.place == by.place {
			after := int64(d.world.dice.roll(askPeer, uint64(d.index), uint64(p.index), uint64(d.world.now)) % 1000)
			d.world.plan(after, due{process: p, life: p.life, event: core.PeerChanged{}})
		}
	}
}
