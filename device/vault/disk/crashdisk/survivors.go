package crashdisk

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"syscall"
)

var errFull error = syscall.ENOSPC

// file is a [disk.File] over one inode.
type file struct {
	disk *Disk
	node *inode
}

func (f *file) Write(data []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.stepLocked(); err != nil {
		f.node.written = append(f.node.written, data[:len(data)/2]...)
		return len(data) / 2, err
	}
	if f.disk.full {
		return 0, errFull
	}
	f.node.written = append(f.node.written, data...)
	return len(data), nil
}

func (f *file) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.stepLocked(); err != nil {
		return err
	}
	f.node.flushed = append([]byte{}, f.node.written...)
	return nil
}

func (f *file) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return f.disk.stepLocked()
}

// Overwrite implements [disk.Overwriter]: on a full disk as far as the file's
// own blocks go.
func (d *Disk) Overwrite(name string, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	node, ok := d.visible[name]
	if !ok {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	old := node.written
	err := d.stepLocked()
	if err != nil {
		node.written = mixed(data[:len(data)/2], old)
		return err
	}
	if room := (len(old) + block - 1) / block * block; d.full && len(data) > room {
		node.written = mixed(data[:room], old)
		return errFull
	}
	node.written = mixed(data, old)
	if err := d.stepLocked(); err != nil {
		return err
	}
	node.written = append([]byte{}, data...)
	if err := d.stepLocked(); err != nil {
		return err
	}
	node.flushed = append([]byte{}, data...)
	return nil
}

// block is what space is handed out in, in bytes.
const block = 4096

// mixed is old with data written over its beginning.
func mixed(data, old []byte) []byte {
	out := append([]byte{}, data...)
	return append(out, old[min(len(data), len(old)):]...)
}

// Fate is what became of unflushed contents.
type Fate string

// The fates enumerated by [Disk.Survivors].
const (
	Lost Fate = "lost" // only flushed bytes are there
	Kept Fate = "kept" // everything written is there
	Torn Fate = "torn" // half of the unflushed bytes, then zeroes, or what was there before
)

// Survivors returns every disk that may be found after the power failed now:
// one for each number of unflushed name changes that made it and each fate of
// unflushed contents. Each is independent and has power.
func (d *Disk) Survivors() []*Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []*Disk
	for kept := 0; kept <= len(d.pending); kept++ {
		names := maps.Clone(d.flushed)
		for _, c := range d.pending[:kept] {
			c.apply(names)
		}
		for _, fate := range []Fate{Lost, Kept, Torn} {
			out = append(out, restart(names, fate))
		}
	}
	return out
}

func restart(names map[string]*inode, fate Fate) *Disk {
	d := New()
	for name, node := range names {
		data := node.after(fate)
		d.visible[name] = &inode{written: data, flushed: append([]byte{}, data...)}
	}
	d.flushed = maps.Clone(d.visible)
	return d
}

func (n *inode) after(fate Fate) []byte {
	switch fate {
	case Lost:
		return append([]byte{}, n.flushed...)
	case Torn:
		if !bytes.HasPrefix(n.written, n.flushed) { // written over in place
			return mixed(n.written[:len(n.written)/2], n.flushed)
		}
		data := append([]byte{}, n.written...)
		start := min(len(n.flushed), len(data))
		half := start + (len(data)-start)/2
		clear(data[half:])
		return data
	default:
		return append([]byte{}, n.written...)
	}
}

// Damage overwrites one byte of a file in place, as bit rot would, and reports
// whether the file exists.
func (d *Disk) Damage(name string, offset int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	node, ok := d.visible[name]
	if !ok || len(node.written) == 0 {
		return errors.New("no such file to damage")
	}
	node.written = append([]byte{}, node.written...)
	node.written[offset%len(node.written)] ^= 0x40
	node.flushed = node.written
	return nil
}

// Names lists the visible files.
func (d *Disk) Names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for name := range d.visible {
		names = append(names, name)
	}
	return names
}
