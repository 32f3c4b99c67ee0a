package filevault_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// A real file system without space: the predecessor stays, and the save works
// once there is room.
func TestRealDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k,mode=0700"); err != nil {
		t.Skipf("cannot mount a small tmpfs here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "four")
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	change := vault.Change{
		Previous: vault.Version{Lineage: "first", Generation: 1},
		Next:     vault.Version{Lineage: "first", Generation: 2}, Body: []byte(strings.Repeat("five", 3000)),
	}
	if got := v.Save(t.Context(), change); got.Answer != vault.Failed {
		t.Fatalf("save on a full disk: got %+v, want failed", got)
	}
	if got := v.Load(t.Context()); string(got.Body) != "four" {
		t.Fatalf("load on a full disk: got %+v", got)
	}
	if left := glob(t, dir, "*.new"); len(left) > 0 {
		t.Errorf("half-written files were left on a full disk: %v", left)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if got := v.Save(t.Context(), change); got.Answer != vault.Stored {
		t.Errorf("save with space again: got %+v", got)
	}
}

// fill writes until the disk has no block left.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	_ = f.Close()
}

const loadAs = "PERENNIAL_FILEVAULT_LOAD"

// loadIfAsked makes a copy of the test binary answer one load and exit.
func loadIfAsked() {
	if dir := os.Getenv(loadAs); dir != "" {
		v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
		saved := v.Save(bg(), vault.Change{Next: vault.Version{Lineage: "other", Generation: 1}, Body: []byte("x")})
		fmt.Println(v.Load(bg()).Answer, saved.Answer)
		os.Exit(0)
	}
}

// Another user of the machine is denied, which is not the same as absent, and
// leaves nothing behind.
func TestAnotherPrincipal(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root to become another user")
	}
	dir := filepath.Join(t.TempDir(), "state")
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	before := glob(t, dir, "*")
	binary := filepath.Join(t.TempDir(), "worker")
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, self, 0o755); err != nil { //nolint:gosec // another user runs it
		t.Fatal(err)
	}
	// The other user must reach the folder to be refused at it.
	for parent := filepath.Dir(dir); parent != os.TempDir() && len(parent) > 1; parent = filepath.Dir(parent) {
		_ = os.Chmod(parent, 0o755) //nolint:gosec // a test's own folder
	}
	for parent := filepath.Dir(binary); parent != os.TempDir() && len(parent) > 1; parent = filepath.Dir(parent) {
		_ = os.Chmod(parent, 0o755) //nolint:gosec // a test's own folder
	}
	command := exec.Command(binary, "-test.run=^$")
	command.Env = append(os.Environ(), loadAs+"="+dir)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 4242, Gid: 4242}}
	output, err := command.CombinedOutput()
	if err != nil {
		t.Skipf("cannot run as another user here: %v %s", err, output)
	}
	if got, want := strings.TrimSpace(string(output)), "access-denied access-denied"; got != want {
		t.Errorf("another user was answered %q, want %q", got, want)
	}
	if after := glob(t, dir, "*"); len(after) != len(before) {
		t.Errorf("the other user changed the folder: %v", after)
	}
	if got := v.Load(t.Context()); string(got.Body) != "one" {
		t.Errorf("back as the owner: got %+v", got)
	}
}
