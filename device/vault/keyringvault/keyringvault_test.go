package keyringvault_test

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
	"github.com/perennialauth/perennial/device/vault/keyringvault"
	"github.com/perennialauth/perennial/device/vault/vaulttest"
)

const tenant = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"

func TestConformance(t *testing.T) {
	t.Parallel()
	conditions := map[string]func(*box){
		"store works":   func(*box) {},
		"store missing": func(b *box) { b.refusal = missing },
		"store locked":  func(b *box) { b.refusal = locked },
		"store denies":  func(b *box) { b.refusal = denied },
		"store forgets": func(b *box) { b.forgets = "vault" },
		"store hangs":   func(b *box) { b.gate = make(chan struct{}) },
	}
	for name, condition := range conditions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vaulttest.Run(t, func(t *testing.T) vaulttest.Opener {
				secrets := newBox()
				condition(secrets)
				dir := filepath.Join(t.TempDir(), "vault")
				if secrets.gate != nil {
					return func() vault.Vault { return openWithin(dir, secrets, shortLimit) }
				}
				return func() vault.Vault { return open(t, dir, secrets) }
			})
		})
	}
}

func TestPowerCuts(t *testing.T) {
	t.Parallel()
	secrets := newBox()
	onDisk := func(d disk.Disk) vault.Vault {
		return mustOpen(keyringvault.Config{Dir: "/vault", Tenant: tenant, Disk: d, Secrets: secrets})
	}
	vaulttest.Atomicity(t, onDisk)
	vaulttest.FirstSave(t, onDisk)
	vaulttest.NoSpace(t, onDisk)
}

// The record never goes to the secret store, whose items may be limited to one
// or two kilobytes.
func TestOnlyASmallKeyGoesToTheStore(t *testing.T) {
	t.Parallel()
	secrets, dir := newBox(), t.TempDir()
	v := open(t, dir, secrets)
	save(t, v, vault.Version{}, version(1), strings.Repeat("r", 100_000))
	items := secrets.contents()
	if len(items) != 2 {
		t.Errorf("%d items, want the key and its canary", len(items))
	}
	for name, secret := range items {
		if len(secret) > 64 || len(name) > 64 {
			t.Errorf("item %q has %d bytes", name, len(secret))
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "vault.key")); !os.IsNotExist(err) {
		t.Errorf("a key file was made although the secret store works: %v", err)
	}
	if backend, reason := v.Backend(); backend != keyringvault.Keyring || reason != "" {
		t.Errorf("backend %q %q, want keyring", backend, reason)
	}
}

func TestRefusalsAreNeverAbsent(t *testing.T) {
	t.Parallel()
	for _, refusal := range []*keyringvault.Refusal{missing, locked, denied} {
		t.Run(refusal.Detail, func(t *testing.T) {
			t.Parallel()
			secrets, dir := newBox(), t.TempDir()
			save(t, open(t, dir, secrets), vault.Version{}, version(4), "four")
			before := contents(t, dir)

			secrets.refuse(refusal)
			v := open(t, dir, secrets)
			if got := v.Load(t.Context()); got.Answer != refusal.Answer || !strings.Contains(got.Detail, refusal.Detail) {
				t.Errorf("load: got %s %q, want %s", got.Answer, got.Detail, refusal.Answer)
			}
			if got := v.Save(t.Context(), vault.Change{Next: version(1), Body: []byte("x")}); got.Answer != refusal.Answer {
				t.Errorf("save: got %s, want %s", got.Answer, refusal.Answer)
			}
			if after := contents(t, dir); after != before {
				t.Errorf("files changed while the store refused:\n%s\n%s", before, after)
			}
			secrets.refuse(nil)
			mustFind(t, v, version(4), "four")
		})
	}
}

func TestLateStore(t *testing.T) {
	t.Parallel()
	secrets, dir := newBox(), t.TempDir()
	save(t, open(t, dir, secrets), vault.Version{}, version(4), "four")
	gate := make(chan struct{})
	secrets.set(func(b *box) { b.gate = gate })
	v := openWithin(dir, secrets, shortLimit)
	started := time.Now()
	if got := v.Load(t.Context()); got.Answer != vault.Failed {
		t.Errorf("while late: got %s %s, want failed", got.Answer, got.Detail)
	}
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("the load waited %v", took)
	}
	var reads int
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		v.Load(ctx)
		cancel()
	}
	secrets.set(func(b *box) { reads = b.reads })
	if reads > 3 {
		t.Errorf("%d questions were put to a store that answers none", reads)
	}
	// The answer that was given up on arrives after all.
	close(gate)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for v.Load(ctx).Answer == vault.Failed && ctx.Err() == nil {
		// On a busy machine an open store may still be late.
	}
	mustFind(t, openWithin(dir, secrets, 10*time.Second), version(4), "four")
	mustFind(t, v, version(4), "four")
}

// fallback-store-split-brain: generation 3 sealed under the store's key,
// generation 5 under the key file; the newest wins whatever the store says.
func TestNewestWinsWhateverSealedIt(t *testing.T) {
	t.Parallel()
	conditions := map[string]func(*box){
		"readable":       func(b *box) { b.refusal = nil },
		"locked":         func(b *box) { b.refusal = locked },
		"denied":         func(b *box) { b.refusal = denied },
		"missing":        func(b *box) { b.refusal = missing },
		"another store":  func(b *box) { b.refusal, b.items = nil, map[string]string{} },
		"key taken away": func(b *box) { b.refusal = nil; removeKeys(b) },
	}
	for name, condition := range conditions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secrets, dir := newBox(), t.TempDir()
			splitBrain(t, dir, secrets)
			secrets.set(condition)
			mustFind(t, open(t, dir, secrets), version(5), "five")

			change := vault.Change{Previous: version(5), Next: version(6), Body: []byte("tombstone"), Final: true}
			if got := open(t, dir, secrets).Save(t.Context(), change); got.Answer != vault.Stored {
				t.Fatalf("sign-out: got %s %s", got.Answer, got.Detail)
			}
			mustFind(t, open(t, dir, secrets), version(6), "tombstone")
			eitherSlotHolds(t, dir, secrets, version(6))
		})
	}
}

// splitBrain leaves generation 3 under the store's key and generation 5 under
// the key file, as when the store went away between two sign-ins.
func splitBrain(t *testing.T, dir string, secrets *box) {
	t.Helper()
	v := open(t, dir, secrets)
	save(t, v, vault.Version{}, version(3), "three")
	secrets.refuse(missing)
	// A process that has never seen the key, over a record that it cannot
	// read: it may only write beside it.
	beside := vault.Change{Next: version(5), Body: []byte("five"), Beside: true}
	other := open(t, dir, secrets)
	if got := other.Save(t.Context(), beside); got.Answer != vault.Stored {
		t.Fatalf("beside: got %s %s", got.Answer, got.Detail)
	}
	restoreAside(t, dir)
	if backend, _ := other.Backend(); backend != keyringvault.Keyring {
		t.Errorf("one failed probe changed the choice to %q", backend)
	}
}

// restoreAside puts the slot that was set aside back beside its successor, as
// an older program without set-aside would have left it.
func restoreAside(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.quarantine-*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("set aside: %v %v", names, err)
	}
	slot, _, _ := strings.Cut(names[0], ".quarantine-")
	if _, err := os.Stat(slot); err == nil {
		slot = otherSlot(slot)
	}
	if err := os.Rename(names[0], slot); err != nil {
		t.Fatal(err)
	}
}

func otherSlot(path string) string {
	if base, ok := strings.CutSuffix(path, ".a"); ok {
		return base + ".b"
	}
	return strings.TrimSuffix(path, ".b") + ".a"
}

// eitherSlotHolds damages one slot at a time and looks what comes back.
func eitherSlotHolds(t *testing.T, dir string, secrets *box, want vault.Version) {
	t.Helper()
	for _, suffix := range []string{".a", ".b"} {
		names, _ := filepath.Glob(filepath.Join(dir, "session-*"+suffix))
		if len(names) != 1 {
			t.Fatalf("slot %s: %v", suffix, names)
		}
		kept, err := os.ReadFile(names[0])
		if err != nil {
			t.Fatal(err)
		}
		write(t, names[0], kept[:len(kept)/2])
		if got := open(t, dir, secrets).Load(t.Context()); got.Answer != vault.Found || got.Version != want {
			t.Errorf("without slot %s: got %s %v %s, want %v", suffix, got.Answer, got.Version, got.Detail, want)
		}
		write(t, names[0], kept)
	}
}

func TestBackToTheStoreOnceItWorks(t *testing.T) {
	t.Parallel()
	secrets, dir := newBox(), t.TempDir()
	secrets.refuse(missing)
	v := open(t, dir, secrets)
	save(t, v, vault.Version{}, version(1), "one")
	if backend, reason := v.Backend(); backend != keyringvault.KeyFile || reason != missing.Detail {
		t.Errorf("backend %q %q, want file and the reason", backend, reason)
	}
	secrets.refuse(nil)
	next := open(t, dir, secrets)
	mustFind(t, next, version(1), "one")
	save(t, next, version(1), version(2), "two")
	if backend, _ := next.Backend(); backend != keyringvault.Keyring {
		t.Errorf("backend %q, want keyring: one failed probe may not decide for good", backend)
	}
	mustFind(t, open(t, dir, secrets), version(2), "two")
}

// decryption-key-gone: only the canary that was written with the key proves
// that the key is gone; then a sign-in works under a fresh name.
func TestKeyGone(t *testing.T) {
	t.Parallel()
	secrets, dir := newBox(), t.TempDir()
	save(t, open(t, dir, secrets), vault.Version{}, version(4), "four")
	secrets.set(removeKeys)
	v := open(t, dir, secrets)
	if got := v.Load(t.Context()); got.Answer != vault.KeyMissing {
		t.Fatalf("got %s %s, want key-missing", got.Answer, got.Detail)
	}
	fresh := vault.Version{Lineage: "second", Generation: 1}
	if got := v.Save(t.Context(), vault.Change{Next: fresh, Body: []byte("new"), Beside: true}); got.Answer != vault.Stored {
		t.Fatalf("sign-in: got %s %s", got.Answer, got.Detail)
	}
	mustFind(t, open(t, dir, secrets), fresh, "new")
	if backend, _ := v.Backend(); backend != keyringvault.Keyring {
		t.Errorf("backend %q, want keyring", backend)
	}
}

// store-bound-to-changed-principal: a store without the key and without the
// canary is another principal's.
func TestAnotherPrincipalsStore(t *testing.T) {
	t.Parallel()
	ours, theirs, dir := newBox(), newBox(), t.TempDir()
	save(t, open(t, dir, ours), vault.Version{}, version(4), "four")
	if got := open(t, dir, theirs).Load(t.Context()); got.Answer != vault.AccessDenied {
		t.Errorf("got %s %s, want access-denied", got.Answer, got.Detail)
	}
	if items := theirs.contents(); len(items) != 0 {
		t.Errorf("a read left %d items in the other store", len(items))
	}
	mustFind(t, open(t, dir, ours), version(4), "four")
}

func TestFailedProbeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	secrets, dir := newBox(), t.TempDir()
	secrets.set(func(b *box) { b.forgets = "vault canary" })
	v := open(t, dir, secrets)
	save(t, v, vault.Version{}, version(1), "one")
	if items := secrets.contents(); len(items) != 0 {
		t.Errorf("%d items stayed behind", len(items))
	}
	if backend, _ := v.Backend(); backend != keyringvault.KeyFile {
		t.Errorf("backend %q, want file", backend)
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	secrets, dir := newBox(), t.TempDir()
	v := mustOpen(keyringvault.Config{Dir: dir, Tenant: tenant, Secrets: secrets, Require: true})
	secrets.refuse(locked)
	if got := v.Save(t.Context(), vault.Change{Next: version(1), Body: []byte("x")}); got.Answer != vault.Locked {
		t.Errorf("got %s %s, want locked", got.Answer, got.Detail)
	}
	if _, err := os.Stat(filepath.Join(dir, "vault.key")); !os.IsNotExist(err) {
		t.Errorf("a key file was made although it was refused by name: %v", err)
	}
	if err := v.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if secrets.asked != 1 {
		t.Errorf("asked %d times, want once", secrets.asked)
	}
	again := mustOpen(keyringvault.Config{Dir: dir, Tenant: tenant, Secrets: secrets, Require: true})
	save(t, again, vault.Version{}, version(1), "x")
}

// store-migration-loses-session: from files to the secret store, back to files,
// and to the secret store again.
func TestChangeOfVault(t *testing.T) {
	t.Parallel()
	secrets, dir := newBox(), t.TempDir()
	files := func() vault.Vault {
		v, err := filevault.Open(filevault.Config{Dir: dir, Tenant: tenant})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	save(t, files(), vault.Version{}, version(1), "one")
	v := open(t, dir, secrets)
	mustFind(t, v, version(1), "one")
	save(t, v, version(1), version(2), "two")
	if got := files().Load(t.Context()); got.Answer != vault.AccessDenied {
		t.Errorf("files without the secret store: got %s %v %s, want access-denied", got.Answer, got.Version, got.Detail)
	}
	mustFind(t, open(t, dir, secrets), version(2), "two")
}

func TestPointerDamage(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"empty": "", "not json": "{", "another shape": `{"format":"x"}`, "no format": `{}`, "newer": `{"format":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secrets, dir := newBox(), t.TempDir()
			save(t, open(t, dir, secrets), vault.Version{}, version(1), "one")
			write(t, filepath.Join(dir, "vault.keyring"), []byte(damage))
			v := open(t, dir, secrets)
			mustFind(t, v, version(1), "one")
			save(t, v, version(1), version(2), "two")
			mustFind(t, open(t, dir, secrets), version(2), "two")
		})
	}
}

func open(t testing.TB, dir string, secrets keyringvault.Secrets) *keyringvault.Vault {
	t.Helper()
	return openWithin(dir, secrets, 10*time.Second)
}

// shortLimit is for stores that do not answer.
const shortLimit = 50 * time.Millisecond

func openWithin(dir string, secrets keyringvault.Secrets, limit time.Duration) *keyringvault.Vault {
	return mustOpen(keyringvault.Config{Dir: dir, Tenant: tenant, Secrets: secrets, Limit: limit})
}

func mustOpen(config keyringvault.Config) *keyringvault.Vault {
	v, err := keyringvault.Open(config)
	if err != nil {
		panic(err)
	}
	return v
}

func version(n uint64) vault.Version { return vault.Version{Lineage: "first", Generation: n} }

func save(t *testing.T, v vault.Vault, previous, next vault.Version, body string) {
	t.Helper()
	got := v.Save(t.Context(), vault.Change{Previous: previous, Next: next, Body: []byte(body)})
	if got.Answer != vault.Stored {
		t.Fatalf("save of %v: got %s %s", next, got.Answer, got.Detail)
	}
}

func mustFind(t *testing.T, v vault.Vault, want vault.Version, body string) {
	t.Helper()
	got := v.Load(t.Context())
	if got.Answer != vault.Found || got.Version != want || string(got.Body) != body {
		t.Fatalf("load: got %s %v %q %s, want %v %q", got.Answer, got.Version, got.Body, got.Detail, want, body)
	}
}

func removeKeys(b *box) {
	for name := range b.items {
		if strings.HasPrefix(name, "vault key ") {
			delete(b.items, name)
		}
	}
}

// contents prints every file of the folder but the lock.
func contents(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(filepath.Base(name) + "=" + string(data) + "\n")
	}
	return all.String()
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
