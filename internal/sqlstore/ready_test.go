package sqlstore_test

import (
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/perennialauth/perennial/internal/sqlstore"
)

// A store that can be read and not written is not ready, and is again once the
// disk works.
func TestReadyNeedsWrites(t *testing.T) {
	t.Parallel()
	template := filepath.Join(t.TempDir(), "perennial.db")
	mustFill(t, template)
	path := filepath.Join(t.TempDir(), "perennial.db")
	mustWrite(t, path, mustRead(t, template))
	d := &disk{}
	vfs.Register(path, d)
	t.Cleanup(func() { vfs.Unregister(path) })
	sqlstore.PutOnDisk(path, path)
	s := mustOpen(t, path)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatalf("at first: %v", err)
	}
	d.mu.Lock()
	d.failAt, d.dead = d.ops+1, true // from now on nothing can be written
	d.mu.Unlock()
	if err := add(t, s, 7000); err == nil {
		t.Fatal("a dead disk took a change")
	}
	mustBeUnavailable(t, s.Ready(t.Context()))
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("reads: %v", err)
	}
	d.heal()
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("after the disk was healed: %v", err)
	}
}
