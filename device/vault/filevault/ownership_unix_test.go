//go:build unix

package filevault_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

func TestModes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	store(t, mustOpen(filevault.Config{Dir: dir, Tenant: tenant}), "one")
	for path, want := range map[string]os.FileMode{
		dir: 0o700, only(t, dir, "session-*.a"): 0o600, filepath.Join(dir, "vault.key"): 0o600, filepath.Join(dir, "vault.lock"): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", filepath.Base(path), got, want)
		}
	}
}

// A copy or a restored backup may forget the modes: reading puts them right.
func TestLoosenedModesAreTightened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	paths := []string{only(t, dir, "session-*.a"), filepath.Join(dir, "vault.key")}
	for _, path := range paths {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := v.Load(t.Context()); got.Answer != vault.Found {
		t.Fatalf("load: got %+v, want found", got)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(path), info.Mode(), err)
		}
	}
}

// A link planted where a record belongs is neither read nor written through.
func TestSymbolicLinkIsRefused(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "elsewhere")
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	slot := only(t, dir, "session-*.a")
	if err := os.Rename(slot, elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, slot); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Load(t.Context()); got.Answer != vault.AccessDenied {
		t.Fatalf("load: got %+v, want access-denied", got)
	}
	checkBeside(t, v, vault.AccessDenied)
	if after, err := os.ReadFile(elsewhere); err != nil || string(after) != string(before) {
		t.Errorf("the target of the link was touched: %v", err)
	}
}

func TestNamedPipeDoesNotStopTheReader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	slot := only(t, dir, "session-*.a")
	if err := os.Remove(slot); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(slot, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	if got := v.Load(t.Context()); got.Answer != vault.AccessDenied {
		t.Errorf("load: got %+v, want access-denied", got)
	}
}

// A run as root in a user's folder must leave the user able to read.
func TestRootKeepsTheOwnerOfTheFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 4242, 4242); err != nil {
		t.Skipf("cannot give files away here: %v", err)
	}
	store(t, mustOpen(filevault.Config{Dir: dir, Tenant: tenant}), "one")
	for _, name := range glob(t, dir, "*") {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 4242 {
			t.Errorf("%s belongs to user %d", filepath.Base(name), uid)
		}
	}
}

// A folder that cannot be written keeps the record readable, and a save says so.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root ignores modes")
	}
	dir := t.TempDir()
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) //nolint:gosec // so that it can be removed
	if got := v.Load(t.Context()); string(got.Body) != "one" {
		t.Errorf("load: got %+v", got)
	}
	got := v.Save(t.Context(), vault.Change{Previous: vault.Version{Lineage: "first", Generation: 1}, Next: vault.Version{Lineage: "first", Generation: 2}})
	if got.Answer != vault.AccessDenied {
		t.Errorf("save: got %+v, want access-denied", got)
	}
}
