package filevault_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// ordinary is a user without any right of root.
const ordinary = 4242

// foreignFolder names a folder of the ordinary user in which one slot belongs to
// somebody else.
const foreignFolder = "PERENNIAL_FILEVAULT_FOREIGN"

// Modes mean nothing to root, as which tests are often run: so those that are
// about modes are run once more as somebody else.
func TestAsOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the tests run as an ordinary user anyway")
	}
	home, err := os.MkdirTemp("", "perennial-ordinary-") //nolint:usetesting // the folder of a test is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	foreign := filepath.Join(home, "foreign")
	store(t, mustOpen(filevault.Config{Dir: foreign, Tenant: tenant}), "of somebody else")
	binary := filepath.Join(home, "test")
	self, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(binary, self, 0o755) //nolint:gosec // another user runs it
	}
	for _, name := range append(glob(t, foreign, "*"), foreign, home) {
		if err == nil {
			err = os.Chown(name, ordinary, ordinary)
		}
	}
	slot := only(t, foreign, "session-*.a")
	if err == nil {
		err = os.Chown(slot, ordinary+1, ordinary+1)
	}
	if err == nil {
		err = os.Chmod(slot, 0o644) //nolint:gosec // readable, and still not ours
	}
	if err != nil {
		t.Skipf("cannot give files away here: %v", err)
	}
	command := exec.Command(binary, "-test.v", "-test.run=^(TestReadOnlyFolder|TestModesChangeInUse|TestFileOfSomebodyElse|TestConformance|TestAtomicity)$")
	command.Dir = home
	command.Env = append(os.Environ(), "TMPDIR="+home, "HOME="+home, foreignFolder+"="+foreign)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinary, Gid: ordinary}}
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("as an ordinary user: %v\n%s", err, output)
	}
	for _, name := range []string{"TestReadOnlyFolder", "TestModesChangeInUse", "TestFileOfSomebodyElse", "TestConformance", "TestAtomicity"} {
		if !strings.Contains(string(output), "--- PASS: "+name) {
			t.Errorf("%s did not run:\n%s", name, output)
		}
	}
}

// Whatever permission is taken away while the vault is in use, the answer is
// that access is denied, and with the permission the record is back.
func TestModesChangeInUse(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root ignores modes")
	}
	dir := filepath.Join(t.TempDir(), "state")
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	next := vault.Change{
		Previous: vault.Version{Lineage: "first", Generation: 1}, Next: vault.Version{Lineage: "first", Generation: 2}, Body: []byte("two"),
	}
	for what, name := range map[string]string{
		"the folder": dir, "the slot": only(t, dir, "session-*.a"), "the key": only(t, dir, "vault.key"),
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, 0); err != nil {
			t.Fatal(err)
		}
		if got := v.Load(t.Context()); got.Answer != vault.AccessDenied {
			t.Errorf("%s has no mode: load answered %+v", what, got)
		}
		if got := v.Save(t.Context(), next); got.Answer != vault.AccessDenied {
			t.Errorf("%s has no mode: save answered %+v", what, got)
		}
		if err := os.Chmod(name, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
		if got := v.Load(t.Context()); string(got.Body) != "one" {
			t.Errorf("%s is as it was: load answered %+v", what, got)
		}
	}
	if got := v.Save(t.Context(), next); got.Answer != vault.Stored {
		t.Errorf("save answered %+v", got)
	}
}

// A slot that belongs to another user is not believed, although it can be read.
func TestFileOfSomebodyElse(t *testing.T) {
	dir := os.Getenv(foreignFolder)
	if dir == "" {
		t.Skip("needs a folder that root made")
	}
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	if got := v.Load(t.Context()); got.Answer != vault.AccessDenied {
		t.Errorf("load answered %+v", got)
	}
	got := v.Save(t.Context(), vault.Change{Next: vault.Version{Lineage: "mine", Generation: 1}, Body: []byte("mine")})
	if got.Answer != vault.AccessDenied {
		t.Errorf("save answered %+v", got)
	}
}

// A file system that was mounted read-only, or has become so after an error of
// the disk, is one that cannot be written: the record stays readable.
func TestReadOnlyFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=1m,mode=0700"); err != nil {
		t.Skipf("cannot mount read-only here: %v", err)
	}
	if got := v.Load(t.Context()); string(got.Body) != "one" {
		t.Errorf("load answered %+v", got)
	}
	change := vault.Change{
		Previous: vault.Version{Lineage: "first", Generation: 1}, Next: vault.Version{Lineage: "first", Generation: 2}, Body: []byte("two"),
	}
	if got := v.Save(t.Context(), change); got.Answer != vault.Failed && got.Answer != vault.AccessDenied {
		t.Errorf("save answered %+v", got)
	}
	if got := v.Load(t.Context()); string(got.Body) != "one" {
		t.Errorf("load after the save answered %+v", got)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=1m,mode=0700"); err != nil {
		t.Fatal(err)
	}
	if got := v.Save(t.Context(), change); got.Answer != vault.Stored {
		t.Errorf("save to what can be written again answered %+v", got)
	}
}
