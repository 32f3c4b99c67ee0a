package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a held lock is tried again. Holders keep it for a few
// file-system calls, so a short poll is cheaper than a late wake-up.
const lockPoll = 2 * time.Millisecond

// OS is the file system of the operating system.
type OS struct{}

var _ Disk = OS{}

// Read implements [Disk].
func (OS) Read(name string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|openNoFollow, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || !ownedByUs(info) {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(name), ErrForeign)
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 && modesMatter {
		// A copy or a restored backup forgot the mode. Where it cannot be put
		// right (a read-only medium) the contents are still this user's.
		_ = f.Chmod(info.Mode().Perm() &^ loose)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(name), ErrTooLarge)
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(name), ErrTooLarge)
	}
	return data, err
}

// Create implements [Disk].
func (OS) Create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|openNoFollow, 0o600)
	if err != nil {
		return nil, err
	}
	// A run as root in a user's folder must not leave files behind that the
	// user cannot read: that would end the session at the next ordinary run.
	if err := matchOwner(f, filepath.Dir(name)); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return f, nil
}

// Rename implements [Disk].
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements [Disk].
func (OS) Remove(name string) error { return os.Remove(name) }

// MakeDir implements [Disk].
func (d OS) MakeDir(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return d.makeMissingDir(dir)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() || !ownedByUs(info) {
		return fmt.Errorf("folder %s: %w", filepath.Base(dir), ErrForeign)
	}
	if info.Mode().Perm()&0o077 != 0 && modesMatter {
		return os.Chmod(dir, 0o700)
	}
	return nil
}

func (d OS) makeMissingDir(dir string) error {
	parent := filepath.Dir(dir)
	if parent != dir {
		if _, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
			if err := d.makeMissingDir(parent); err != nil {
				return err
			}
		}
	}
	// Two first starts may race here; the loser finds the folder made.
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.SyncDir(parent)
}

// SyncDir implements [Disk].
func (OS) SyncDir(dir string) error { return syncDir(dir) }

// Lock implements [Disk] with flock(2) or its Windows equal: the kernel drops
// the lock when its holder dies, so there is no stale lock to recover.
func (d OS) Lock(ctx context.Context, name string) (func(), error) {
	// Create gives the lock file its owner; it usually exists already.
	if f, err := d.Create(name); err == nil {
		_ = f.Close()
	}
	// A fresh handle each time: the lock belongs to the open file, so two
	// goroutines of one process exclude each other as two processes do.
	lock := flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR|openNoFollow), flock.SetPermissions(0o600))
	held, err := lock.TryLockContext(ctx, lockPoll)
	switch {
	case held:
		return func() { _ = lock.Close() }, nil
	case err == nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return nil, fmt.Errorf("lock %s: %w", filepath.Base(name), ErrBusy)
	default:
		return nil, err
	}
}
