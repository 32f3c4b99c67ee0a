package sqlstore_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestDiskFull fills a small disk while the store runs, and frees it again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("NOT TESTED: a full disk needs the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := mustOpen(t, filepath.Join(disk, "perennial.db"))
	if err := add(t, s, 0); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	stored := 1
	for {
		if err := add(t, s, stored); err != nil {
			mustBeUnavailable(t, err)
			break
		}
		stored++ // pages that the file has already
		if stored > 1000 {
			t.Fatal("the disk never filled up")
		}
	}
	// What the failed write left free is taken, too, before anything was read.
	more := filepath.Join(disk, "more ballast")
	fill(t, more)
	mustHold(t, s, stored)
	mustBeUnavailable(t, s.Ready(t.Context()))
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("reads need no room: %v", err)
	}
	for _, path := range []string{ballast, more} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := add(t, s, 5000); err != nil {
		t.Errorf("with room again: %v", err)
	}
	mustHold(t, s, stored)
}

// fill writes until nothing fits any more.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 16; size > 0; size /= 2 {
		for err == nil {
			_, err = f.Write(make([]byte, size))
		}
		err = nil
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
