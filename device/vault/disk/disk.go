// Package disk owns the seam between the file vaults and the file system: the
// few system calls from which a durable write is built.
//
// It offers the [Disk] interface and [OS], the real one; package crashdisk
// offers a model that cuts the power at any of these calls.
//
// It refuses to decide: what is written in which order is the vault's business.
package disk

import (
	"context"
	"errors"
	"io"
)

// Disk is a file system as a durable writer sees it. Names are full paths.
//
//   - Absent: Read, Rename and Remove answer an error that matches
//     fs.ErrNotExist.
//   - Durable: nothing is, until [File.Sync] for contents and SyncDir for names.
//   - Atomic: Rename replaces its target in one step for all readers.
//   - Concurrent use: safe; two writers of one name must hold Lock.
//   - An implementation may not follow a symbolic link in the last element of a
//     name, and may not retry.
type Disk interface {
	// Read returns the contents of a regular file of at most limit bytes. Where
	// it can it takes the file's mode away from everybody but the owner.
	// A file that fails the ownership rule matches ErrForeign; a longer one,
	// ErrTooLarge.
	Read(name string, limit int64) ([]byte, error)
	// Create makes a new file, mode 0600, and fails if the name exists.
	Create(name string) (File, error)
	// Rename moves from to to, replacing what is there.
	Rename(from, to string) error
	// Remove deletes one name.
	Remove(name string) error
	// MakeDir makes dir with its missing parents, mode 0700, durably, and
	// tightens its mode if this user owns it.
	MakeDir(dir string) error
	// SyncDir makes the names in dir durable.
	SyncDir(dir string) error
	// Lock takes the exclusive lock file name, waiting until ctx ends. The lock
	// ends with release or with the life of the process.
	Lock(ctx context.Context, name string) (release func(), err error)
}

// File is a file being written.
type File interface {
	io.WriteCloser
	// Sync makes the contents durable.
	Sync() error
}

var (
	// ErrForeign reports a file that another user owns, or that is not a
	// regular file (a symbolic link, a device, a directory).
	ErrForeign = errors.New("file is not a regular file of this user")
	// ErrTooLarge reports a file longer than the caller's limit.
	ErrTooLarge = errors.New("file is larger than the limit")
	// ErrBusy reports a lock that was still held when the context ended.
	ErrBusy = errors.New("lock is held by another process")
)
