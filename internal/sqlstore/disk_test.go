package sqlstore_test

import (
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// disk fails one write, truncation or flush of everything that is opened on it.
type disk struct {
	failAt    int  // which one, counted from 1; 0 for none
	persisted bool // it fails after it had its effect, not before
	dead      bool // everything after it fails too

	mu     sync.Mutex
	ops    int
	failed bool
}

// touch performs one operation, or fails it.
func (d *disk) touch(do func() error, failure error) error {
	d.mu.Lock()
	d.ops++
	hit := d.ops == d.failAt
	after := d.dead && d.failed
	d.failed = d.failed || hit
	d.mu.Unlock()
	switch {
	case after || hit && !d.persisted:
		return failure
	case hit:
		if err := do(); err != nil {
			return err
		}
		return failure
	default:
		return do()
	}
}

// heal makes the disk a good one.
func (d *disk) heal() {
	d.mu.Lock()
	d.failAt, d.failed = 0, false
	d.mu.Unlock()
}

// Open implements [vfs.VFS].
func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := vfs.Find("").Open(name, flags)
	return diskFile{f, d}, out, err
}

// OpenFilename implements [vfs.VFSFilename].
func (d *disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := vfsutil.WrapOpenFilename(vfs.Find(""), name, flags)
	return diskFile{f, d}, out, err
}

// Delete implements [vfs.VFS].
func (d *disk) Delete(name string, syncDir bool) error { return vfs.Find("").Delete(name, syncDir) }

// Access implements [vfs.VFS].
func (d *disk) Access(name string, flags vfs.AccessFlag) (bool, error) {
	return vfs.Find("").Access(name, flags)
}

// FullPathname implements [vfs.VFS].
func (d *disk) FullPathname(name string) (string, error) { return vfs.Find("").FullPathname(name) }

// diskFile is a file on a [disk].
type diskFile struct {
	vfs.File
	disk *disk
}

func (f diskFile) WriteAt(p []byte, off int64) (n int, err error) {
	err = f.disk.touch(func() error { n, err = f.File.WriteAt(p, off); return err }, sqlite3.IOERR_WRITE)
	return n, err
}

func (f diskFile) Truncate(size int64) error {
	return f.disk.touch(func() error { return f.File.Truncate(size) }, sqlite3.IOERR_TRUNCATE)
}

func (f diskFile) Sync(flags vfs.SyncFlag) error {
	return f.disk.touch(func() error { return f.File.Sync(flags) }, sqlite3.IOERR_FSYNC)
}

func (f diskFile) HasMoved() (bool, error)        { return vfsutil.WrapHasMoved(f.File) }
func (f diskFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
func (f diskFile) Unwrap() vfs.File               { return f.File }
