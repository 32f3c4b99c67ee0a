package callbackvault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// virtualDir is the folder that package filevault believes it works in; only
// the last elements of its paths become names.
const virtualDir = "store"

// store is a [disk.Disk] over a host's three functions. A file that is being
// written stays in memory until it is renamed into place, so that the host sees
// one Set for it.
type store struct {
	config Config

	mu     sync.Mutex
	drafts map[string][]byte
	marked bool // the canary is known to be there
}

var _ disk.Disk = (*store)(nil)

func newStore(config Config) *store {
	return &store{config: config, drafts: map[string][]byte{}}
}

func (s *store) name(path string) string { return s.config.Prefix + filepath.Base(path) }

// Read implements [disk.Disk].
func (s *store) Read(path string, limit int64) ([]byte, error) {
	data, err := s.getWhole(s.name(path))
	if errors.Is(err, ErrAbsent) {
		if err := s.provenOpen(); err != nil {
			return nil, err
		}
		return nil, &fs.PathError{Op: "get", Path: filepath.Base(path), Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, fault(err)
	}
	if int64(len(data)) > limit {
		return nil, disk.ErrTooLarge
	}
	return data, nil
}

// Create implements [disk.Disk].
func (s *store) Create(path string) (disk.File, error) { return &draft{store: s, path: path}, nil }

// Rename implements [disk.Disk]. What is moved is stored under its new name
// before the old one is deleted.
func (s *store) Rename(from, to string) error {
	s.mu.Lock()
	data, drafted := s.drafts[from]
	delete(s.drafts, from)
	s.mu.Unlock()
	if drafted {
		return s.put(s.name(to), data)
	}
	data, err := s.getWhole(s.name(from))
	switch {
	case errors.Is(err, ErrAbsent):
		return &fs.PathError{Op: "get", Path: filepath.Base(from), Err: fs.ErrNotExist}
	case errors.Is(err, ErrKeyLost):
		// Nobody can read it to copy it, nor will anybody ever.
		_ = s.remove(s.name(from))
		return nil
	case err != nil:
		return fault(err)
	}
	if err := s.put(s.name(to), data); err != nil {
		return err
	}
	return s.remove(s.name(from))
}

// Remove implements [disk.Disk].
func (s *store) Remove(path string) error {
	s.mu.Lock()
	_, drafted := s.drafts[path]
	delete(s.drafts, path)
	s.mu.Unlock()
	if drafted || strings.HasSuffix(path, ".new") {
		return nil // a draft never reached the host
	}
	return s.remove(s.name(path))
}

// MakeDir implements [disk.Disk].
func (s *store) MakeDir(string) error { return nil }

// SyncDir implements [disk.Disk]: Set is durable on return.
func (s *store) SyncDir(string) error { return nil }

// Lock implements [disk.Disk].
func (s *store) Lock(ctx context.Context, path string) (func(), error) {
	if s.config.LockDir == "" {
		return lockHere(ctx, s.name(path))
	}
	if err := (disk.OS{}).MakeDir(s.config.LockDir); err != nil {
		return nil, err
	}
	return disk.OS{}.Lock(ctx, filepath.Join(s.config.LockDir, s.name(path)))
}

func (s *store) put(name string, data []byte) error {
	if err := s.mark(); err != nil {
		return fault(err)
	}
	return fault(s.setWhole(name, data))
}

func (s *store) remove(name string) error {
	err := s.deleteWhole(name)
	if errors.Is(err, ErrAbsent) {
		return &fs.PathError{Op: "delete", Path: name, Err: fs.ErrNotExist}
	}
	return fault(err)
}

// fault gives a host's error the form in which package filevault knows it.
func fault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrLocked):
		return fmt.Errorf("%w: %w", ErrLocked, disk.ErrBusy)
	case errors.Is(err, ErrDenied):
		return fmt.Errorf("%w: %w", ErrDenied, fs.ErrPermission)
	case errors.Is(err, ErrKeyLost):
		return fmt.Errorf("%w: %w", ErrKeyLost, filevault.ErrNoKey)
	default:
		// The text is the host's and might hold anything.
		return errHost
	}
}

var errHost = errors.New("the host's store failed")

// draft is a file being written.
type draft struct {
	store *store
	path  string
	data  bytes.Buffer
}

// Write implements [disk.File].
func (d *draft) Write(p []byte) (int, error) { return d.data.Write(p) }

// Sync implements [disk.File].
func (d *draft) Sync() error { return nil }

// Close implements [disk.File].
func (d *draft) Close() error {
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	d.store.drafts[d.path] = d.data.Bytes()
	return nil
}
