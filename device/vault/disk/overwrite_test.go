package disk_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/perennialauth/perennial/device/vault/disk"
)

func TestOverwriteKeepsTheFileAndNothingOfItsContents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, bytes.Repeat([]byte("old"), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := disk.OS{}.Mark(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"new", "longer than before"} {
		if err := (disk.OS{}).Overwrite(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
	if after, err := (disk.OS{}).Mark(path); err != nil || after.File != before.File {
		t.Errorf("it is another file now: %v", err)
	}
}

func TestOverwriteMakesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := (disk.OS{}).Overwrite(path, []byte("x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want not-exist", err)
	}
}
