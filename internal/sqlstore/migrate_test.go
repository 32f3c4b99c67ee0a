package sqlstore_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/sqlstore"
)

// TestNewestSchemaIsTheLastMigration keeps the number that a file is refused by
// in step with the files.
func TestNewestSchemaIsTheLastMigration(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			t.Errorf("%s is not number %d", f.Name(), i+1)
		}
	}
	if int64(len(files)) != sqlstore.NewestSchema {
		t.Errorf("%d migrations, but the newest schema is %d", len(files), sqlstore.NewestSchema)
	}
}

// TestUpgrade opens a file that lacks every migration.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	mustExec(t, path, `PRAGMA application_id=1348825710; PRAGMA journal_mode=WAL;
		CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
			is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`)
	s := mustOpen(t, path)
	if err := add(t, s, 0); err != nil {
		t.Fatal(err)
	}
	mustHold(t, s, 1)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLargeFileIsInspected damages a file that is too large to check whole at
// each start: what the start reads is refused, the rest is found by Check.
func TestLargeFileIsInspected(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	s, err := sqlstore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 900 {
		if err := s.Commit(t.Context(), person{0, 0, n}.changes()[0]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("a sound file: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound := mustRead(t, path)
	if len(sound) < 1<<20 {
		t.Fatalf("only %d bytes", len(sound))
	}
	found := 0
	for page := 1; page < len(sound)/4096; page += 7 {
		damaged := append([]byte(nil), sound...)
		copy(damaged[page*4096:], strings.Repeat("garbage!", 512))
		mustWrite(t, path, damaged)
		s, err := sqlstore.Open(t.Context(), path)
		if err != nil {
			if !strings.Contains(err.Error(), path) {
				t.Errorf("page %d: %v", page, err)
			}
			found++
			continue
		}
		if err := s.Check(t.Context()); err == nil {
			t.Errorf("page %d: damage was not found", page)
		}
		if err := s.Close(); err != nil {
			t.Errorf("page %d: %v", page, err)
		}
	}
	t.Logf("%d damaged files were refused at once, the others by Check", found)
}
