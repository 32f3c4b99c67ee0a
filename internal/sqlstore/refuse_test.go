package sqlstore_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

// TestOpenRefuses opens files that are not sound databases of ours. Each is
// refused by name and keeps every byte.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		says string
	}{
		"text":              {func(t *testing.T, path string) { mustWrite(t, path, []byte("hello, this is a diary\n")) }, "not a database"},
		"an empty file":     {func(t *testing.T, path string) { mustWrite(t, path, nil) }, "not a database"},
		"another program's": {func(t *testing.T, path string) { mustExec(t, path, "CREATE TABLE t (a)") }, "another application"},
		"a folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "not a file"},
		"cut short": {func(t *testing.T, path string) {
			mustFill(t, path)
			if err := os.Truncate(path, 8192); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
		"a page overwritten": {func(t *testing.T, path string) {
			mustFill(t, path)
			b := mustRead(t, path)
			copy(b[3*4096:], strings.Repeat("garbage!", 512))
			mustWrite(t, path, b)
		}, "damaged"},
		"the schema overwritten": {func(t *testing.T, path string) {
			mustFill(t, path)
			b := mustRead(t, path)
			copy(b[100:], strings.Repeat("garbage!", 400))
			mustWrite(t, path, b)
		}, "damaged"},
		"our mark but not our tables": {func(t *testing.T, path string) {
			mustExec(t, path, "PRAGMA application_id=1348825710; CREATE TABLE t (a)")
		}, "damaged"},
		"a newer schema": {func(t *testing.T, path string) {
			mustFill(t, path)
			mustExec(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		}, "9999"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "perennial.db")
			test.make(t, path)
			before := sum(t, path)
			s, err := sqlstore.Open(t.Context(), path)
			if err == nil {
				_ = s.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error %q does not name the file and say %q", err, test.says)
			}
			if sum(t, path) != before {
				t.Error("the file was touched")
			}
			if left, _ := filepath.Glob(path + "-*"); len(left) > 0 {
				t.Errorf("%v was left beside it", left)
			}
		})
	}
}

func TestOpenNeedsItsFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "absent", "perennial.db")
	if _, err := sqlstore.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestSecondOpenerIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	s := mustOpen(t, path)
	if _, err := sqlstore.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another process") || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if err := s.Commit(t.Context(), auth.Change{}); err != nil {
		t.Errorf("the first is disturbed: %v", err)
	}
}

// TestInterruptedCreation leaves what a process leaves that died while it made
// the database.
func TestInterruptedCreation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	for _, suffix := range []string{".creating", ".creating-wal", ".creating-shm"} {
		mustWrite(t, path+suffix, []byte("half of something"))
	}
	mustOpen(t, path)
}

// mustFill makes a database with a few pages of content.
func mustFill(t *testing.T, path string) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 50 {
		for _, ch := range (person{0, 0, n}).changes() {
			if err := s.Commit(t.Context(), ch); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustExec(t *testing.T, path, sql string) {
	t.Helper()
	c, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Exec(sql); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustWrite(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sum is the content of a file; a folder has none.
func sum(t *testing.T, path string) [32]byte {
	t.Helper()
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return [32]byte{}
	}
	return sha256.Sum256(mustRead(t, path))
}
