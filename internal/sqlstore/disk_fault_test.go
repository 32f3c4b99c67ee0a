package sqlstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

const (
	diskPeople = 3
	// diskStride is how many operations lie between two that fail in the
	// default run; the variable makes every one fail in turn.
	diskStride    = 17
	everyFaultEnv = "PERENNIAL_EVERY_FAULT"
)

// TestEveryWriteFails lets each write and flush fail in turn: before it had its
// effect or after, once or for good. After a retry, and after a restart, all
// that was acknowledged is there and nothing is there by half.
func TestEveryWriteFails(t *testing.T) {
	t.Parallel()
	stride := diskStride
	if os.Getenv(everyFaultEnv) != "" {
		stride = 1
	}
	template := filepath.Join(t.TempDir(), "perennial.db")
	mustFill(t, template)
	sound := mustRead(t, template)

	whole := &disk{}
	runOnDisk(t, sound, whole) // to count
	if whole.ops < 50 {
		t.Fatalf("only %d operations", whole.ops)
	}
	runs, unavailable := 0, 0
	for _, persisted := range []bool{false, true} {
		for _, dead := range []bool{false, true} {
			for at := 1 + runs%stride; at <= whole.ops; at += stride {
				unavailable += runOnDisk(t, sound, &disk{failAt: at, persisted: persisted, dead: dead})
				runs++
				if t.Failed() {
					t.Fatalf("when operation %d of %d fails, persisted %t, for good %t", at, whole.ops, persisted, dead)
				}
			}
		}
	}
	if unavailable == 0 {
		t.Error("no fault was ever seen")
	}
	t.Logf("%d faults among %d operations, %d changes unavailable, none lost", runs, whole.ops, unavailable)
}

// runOnDisk takes people through their steps on this disk, restarts on a good
// one, and checks. It returns how many changes could not be answered.
func runOnDisk(t *testing.T, sound []byte, d *disk) (unavailable int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "perennial.db")
	mustWrite(t, path, sound)
	vfs.Register(path, d)
	defer vfs.Unregister(path)
	sqlstore.PutOnDisk(path, path)

	told := [diskPeople]int{}
	unsure := [diskPeople]bool{}
	s, err := sqlstore.Open(t.Context(), path)
	if err == nil {
		for n := range diskPeople {
			told[n], unsure[n] = stepOnDisk(t, s, n)
			if unsure[n] {
				unavailable++
			}
		}
		_ = s.Close() // may fail for the same reason
	}

	d.heal()
	s, err = sqlstore.Open(t.Context(), path)
	if err != nil {
		t.Errorf("after a restart: %v", err)
		return unavailable
	}
	defer func() { _ = s.Close() }()
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	for n := range diskPeople {
		steps, err := person{1, 0, n}.stored(t.Context(), s)
		switch {
		case err != nil:
			t.Errorf("person %d: %v", n, err)
		case steps != told[n] && !(unsure[n] && steps == told[n]+1):
			t.Errorf("person %d was told %d steps, and %d are stored", n, told[n], steps)
		}
	}
	return unavailable
}

// stepOnDisk takes one person as far as the disk lets it, repeating what could
// not be answered once. Unsure says that the next step may be stored as well.
func stepOnDisk(t *testing.T, s *sqlstore.Store, n int) (told int, unsure bool) {
	t.Helper()
	for _, ch := range (person{1, 0, n}).changes() {
		err := s.Commit(t.Context(), ch)
		if errors.Is(err, auth.ErrUnavailable) {
			err = s.Commit(t.Context(), ch)
			if errors.Is(err, auth.ErrExists) || errors.Is(err, auth.ErrConflict) {
				err = nil // the first one was durable after all
			}
		}
		if errors.Is(err, auth.ErrUnavailable) {
			return told, true
		}
		if err != nil {
			t.Error(fmt.Errorf("step %d of person %d: %w", told+1, n, err))
			return told, true
		}
		told++
	}
	return told, false
}
