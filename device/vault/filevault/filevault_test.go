package filevault_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/filevault"
	"github.com/perennialauth/perennial/device/vault/vaulttest"
)

const tenant = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"

func TestMain(m *testing.M) {
	loadIfAsked()
	vaulttest.WorkIfAsked(func(dir string) vault.Vault { return mustOpen(filevault.Config{Dir: dir, Tenant: tenant}) })
	os.Exit(m.Run())
}

func mustOpen(config filevault.Config) *filevault.Vault {
	v, err := filevault.Open(config)
	if err != nil {
		panic(err)
	}
	return v
}

func onDisk(d disk.Disk) vault.Vault {
	return mustOpen(filevault.Config{Dir: "/vault", Tenant: tenant, Disk: d})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	vaulttest.Run(t, func(t *testing.T) vaulttest.Opener {
		dir := filepath.Join(t.TempDir(), "config", "perennial")
		return func() vault.Vault { return mustOpen(filevault.Config{Dir: dir, Tenant: tenant}) }
	})
}

func TestAtomicity(t *testing.T) { t.Parallel(); vaulttest.Atomicity(t, onDisk) }
func TestFirstSave(t *testing.T) { t.Parallel(); vaulttest.FirstSave(t, onDisk) }
func TestNoSpace(t *testing.T)   { t.Parallel(); vaulttest.NoSpace(t, onDisk) }

func TestProcesses(t *testing.T) {
	t.Parallel()
	vaulttest.Processes(t, func(dir string) vault.Vault {
		return mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	}, 700*time.Millisecond)
}

func TestOpenRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, config := range []filevault.Config{
		{}, {Dir: "x"}, {Tenant: tenant},
		{Dir: "x", Tenant: tenant, Item: "../up"}, {Dir: "x", Tenant: tenant, Item: "Ü"},
	} {
		if _, err := filevault.Open(config); err == nil {
			t.Errorf("open of %+v succeeded", config)
		}
	}
}

// Two development keys whose last characters are equal are the case that shared
// a slot in a published SDK.
func TestTenantsAndItemsAreSeparate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func(tenant, item string) *filevault.Vault {
		return mustOpen(filevault.Config{Dir: dir, Tenant: tenant, Item: item})
	}
	a, b := open("pk_test_AAAAAuZGV2JA", ""), open("pk_test_BBBBBuZGV2JA", "")
	store(t, a, "a")
	if got := b.Load(t.Context()); got.Answer != vault.Absent {
		t.Fatalf("tenant b: got %+v, want absent", got)
	}
	store(t, b, "b")
	store(t, open("pk_test_AAAAAuZGV2JA", "journal"), "journal of a")
	if got := a.Load(t.Context()); string(got.Body) != "a" {
		t.Errorf("tenant a: got %q", got.Body)
	}
}

// A file renamed to another tenant's or item's name must not answer there.
func TestRenamedFileIsNotBelieved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store(t, mustOpen(filevault.Config{Dir: dir, Tenant: "a"}), "secret of a")
	source := only(t, dir, "session-*.a")
	for _, target := range []filevault.Config{{Dir: dir, Tenant: "b"}, {Dir: dir, Tenant: "a", Item: "other"}} {
		store(t, mustOpen(target), "x")
		data, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range glob(t, dir, "*.a") {
			if name != source {
				overwrite(t, name, data)
			}
		}
		if got := mustOpen(target).Load(t.Context()); got.Answer != vault.Corrupt || got.Body != nil {
			t.Errorf("%+v: got %+v, want corrupt", target, got)
		}
		for _, name := range glob(t, dir, "*.a") {
			if name != source {
				_ = os.Remove(name)
			}
		}
	}
}

func TestNothingSecretInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store(t, mustOpen(filevault.Config{Dir: dir, Tenant: tenant}), "the-credential")
	for _, name := range glob(t, dir, "*") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "the-credential") {
			t.Errorf("%s holds the body in the clear", filepath.Base(name))
		}
	}
}

func bg() context.Context { return context.Background() }

func store(t testing.TB, v vault.Vault, body string) {
	t.Helper()
	loaded := v.Load(context.Background())
	next := vault.Version{Lineage: "first", Generation: loaded.Version.Generation + 1}
	saved := v.Save(context.Background(), vault.Change{Previous: loaded.Version, Next: next, Body: []byte(body)})
	if saved.Answer != vault.Stored {
		t.Fatalf("save: %+v", saved)
	}
}

func glob(t testing.TB, dir, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func only(t testing.TB, dir, pattern string) string {
	t.Helper()
	names := glob(t, dir, pattern)
	if len(names) != 1 {
		t.Fatalf("%d files match %s", len(names), pattern)
	}
	return names[0]
}

func overwrite(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
