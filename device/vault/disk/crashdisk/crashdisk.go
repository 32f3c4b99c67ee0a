// Package crashdisk owns a model of a file system whose power can fail at any
// call.
//
// It offers [New], a [disk.Disk] in memory that separates what a program sees
// from what has reached the platter, [Disk.CutAfter] to choose the instant, and
// [Disk.Survivors], every disk that a restart may find then: folder entries up
// to any prefix of the unflushed ones, contents flushed, unflushed or torn.
//
// It refuses to be clever about probability: it enumerates.
package crashdisk

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"sync"

	"github.com/perennialauth/perennial/device/vault/disk"
)

// ErrPowerCut is returned by the call at which the power failed, and by every
// later one.
var ErrPowerCut = errors.New("power cut")

// Disk is the model. Make it with [New].
type Disk struct {
	mu      sync.Mutex
	locks   map[string]chan struct{}
	visible map[string]*inode // names as the running program sees them
	flushed map[string]*inode // names as the platter has them
	pending []change          // name changes not flushed, oldest first
	calls   int
	cut     int // fail at this call; zero means never
	full    bool
}

// inode is one file's contents, as written and as flushed.
type inode struct{ written, flushed []byte }

// change sets a name (node not nil) or removes it.
type change struct {
	set    map[string]*inode
	remove string
}

var (
	_ disk.Disk       = (*Disk)(nil)
	_ disk.Overwriter = (*Disk)(nil)
)

// New returns an empty disk with power.
func New() *Disk {
	return &Disk{locks: map[string]chan struct{}{}, visible: map[string]*inode{}, flushed: map[string]*inode{}}
}

// CutAfter lets n more writing calls succeed and fails the next one; n < 0
// means never. A write that is cut leaves half its bytes.
func (d *Disk) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls, d.cut = 0, n+1
}

// Calls counts the writing calls since CutAfter.
func (d *Disk) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// Fill makes every write fail for want of space (or ends that).
func (d *Disk) Fill(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

// step counts a writing call. The caller holds mu.
func (d *Disk) stepLocked() error {
	d.calls++
	if d.cut > 0 && d.calls >= d.cut {
		return ErrPowerCut
	}
	return nil
}

// Read implements [disk.Disk].
func (d *Disk) Read(name string, limit int64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cut > 0 && d.calls >= d.cut {
		return nil, ErrPowerCut
	}
	node, ok := d.visible[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if int64(len(node.written)) > limit {
		return nil, disk.ErrTooLarge
	}
	return append([]byte{}, node.written...), nil
}

// Create implements [disk.Disk].
func (d *Disk) Create(name string) (disk.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.stepLocked(); err != nil {
		return nil, err
	}
	if d.full {
		return nil, errFull
	}
	if _, ok := d.visible[name]; ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
	}
	node := &inode{}
	d.changeLocked(change{set: map[string]*inode{name: node}})
	return &file{disk: d, node: node}, nil
}

// Rename implements [disk.Disk].
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.stepLocked(); err != nil {
		return err
	}
	node, ok := d.visible[from]
	if !ok {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	d.changeLocked(change{set: map[string]*inode{to: node}, remove: from})
	return nil
}

// Remove implements [disk.Disk].
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.stepLocked(); err != nil {
		return err
	}
	if _, ok := d.visible[name]; !ok {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	d.changeLocked(change{remove: name})
	return nil
}

// MakeDir implements [disk.Disk]; folders exist by being named.
func (d *Disk) MakeDir(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stepLocked()
}

// SyncDir implements [disk.Disk].
func (d *Disk) SyncDir(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.stepLocked(); err != nil {
		return err
	}
	d.flushed, d.pending = maps.Clone(d.visible), nil
	return nil
}

// Lock implements [disk.Disk] among the goroutines that share this model.
func (d *Disk) Lock(ctx context.Context, name string) (func(), error) {
	d.mu.Lock()
	if d.cut > 0 && d.calls >= d.cut {
		d.mu.Unlock()
		return nil, ErrPowerCut
	}
	lock, ok := d.locks[name]
	if !ok {
		lock = make(chan struct{}, 1)
		d.locks[name] = lock
	}
	d.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, disk.ErrBusy
	}
}

func (d *Disk) changeLocked(c change) {
	c.apply(d.visible)
	d.pending = append(d.pending, c)
}

func (c change) apply(names map[string]*inode) {
	if c.remove != "" {
		delete(names, c.remove)
	}
	maps.Copy(names, c.set)
}
