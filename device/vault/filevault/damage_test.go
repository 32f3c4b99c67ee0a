package filevault_test

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// Every single damaged byte of the newest slot must leave the other slot's
// record, and damage to both must be Corrupt, never absent.
func TestDamageFallsBackToTheOtherSlot(t *testing.T) {
	t.Parallel()
	d := crashdisk.New()
	v := onDisk(d)
	store(t, v, "one")
	store(t, v, "two")
	a, b := slotNames(t, d)
	for offset := range 120 {
		if err := d.Damage(b, offset); err != nil {
			t.Fatal(err)
		}
		if got := v.Load(t.Context()); string(got.Body) != "one" || got.Detail == "" {
			t.Fatalf("byte %d of slot b damaged: got %+v, want the record of slot a and a detail", offset, got)
		}
		_ = d.Damage(a, offset)
		if got := v.Load(t.Context()); got.Answer != vault.Corrupt && got.Answer != vault.KeyMissing {
			t.Fatalf("byte %d of both slots damaged: got %+v, want corrupt", offset, got)
		}
		_ = d.Damage(a, offset)
		_ = d.Damage(b, offset)
	}
}

func TestDamagedSlotIsSetAsideAtTheNextSave(t *testing.T) {
	t.Parallel()
	d := crashdisk.New()
	v := onDisk(d)
	store(t, v, "one")
	store(t, v, "two")
	_, b := slotNames(t, d)
	if err := d.Damage(b, 90); err != nil {
		t.Fatal(err)
	}
	store(t, v, "two again")
	if got := v.Load(t.Context()); string(got.Body) != "two again" {
		t.Fatalf("got %+v", got)
	}
	if n := count(d, ".quarantine-"); n != 1 {
		t.Errorf("%d files in quarantine, want 1", n)
	}
}

// A sign-out is a final save. Damage to its newest copy must not bring the
// credential back from the other slot.
func TestFinalSaveLeavesNoPredecessor(t *testing.T) {
	t.Parallel()
	d := crashdisk.New()
	v := onDisk(d)
	store(t, v, "credential")
	store(t, v, "credential 2")
	got := v.Save(t.Context(), vault.Change{
		Previous: vault.Version{Lineage: "first", Generation: 2},
		Next:     vault.Version{Lineage: "first", Generation: 3},
		Body:     []byte("tombstone"), Final: true,
	})
	if got.Answer != vault.Stored || got.Detail != "" {
		t.Fatalf("save: %+v", got)
	}
	a, b := slotNames(t, d)
	for _, name := range []string{a, b} {
		_ = d.Damage(name, 100)
		if got := v.Load(t.Context()); string(got.Body) != "tombstone" {
			t.Errorf("%s damaged: got %s %q, want the tombstone", filepath.Base(name), got.Answer, got.Body)
		}
		_ = d.Damage(name, 100)
	}
}

func TestKeyGone(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"removed":   os.Remove,
		"truncated": func(path string) error { return os.Truncate(path, 7) },
		"emptied":   func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
			store(t, v, "one")
			store(t, v, "two")
			if err := spoil(filepath.Join(dir, "vault.key")); err != nil {
				t.Fatal(err)
			}
			if got := v.Load(t.Context()); got.Answer != vault.KeyMissing {
				t.Fatalf("load: got %+v, want key-missing", got)
			}
			checkBeside(t, v, vault.KeyMissing)
			if n := len(glob(t, dir, "session-*.quarantine-*")); n != 2 {
				t.Errorf("%d record files in quarantine, want both", n)
			}
		})
	}
}

func TestForeignFilesAreNotDeleted(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"empty": "", "short": "PR", "text": "hello, this is not a record", "prelude only": "PRNV\x00\x00\x00\x01",
		"huge": strings.Repeat("x", vault.MaxBody+(1<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
			store(t, v, "one")
			overwrite(t, only(t, dir, "session-*.a"), []byte(data))
			if got := v.Load(t.Context()); got.Answer != vault.Corrupt {
				t.Fatalf("load: got %s %s, want corrupt", got.Answer, got.Detail)
			}
			checkBeside(t, v, vault.Corrupt)
			kept, err := os.ReadFile(only(t, dir, "session-*.quarantine-*"))
			if err != nil || string(kept) != data {
				t.Errorf("the foreign file did not survive: %v", err)
			}
		})
	}
}

// A record of format 2 with a later sequence number is newer and not damaged.
func TestNewerFormatIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	newer := newerFile(99)
	b := strings.TrimSuffix(only(t, dir, "session-*.a"), ".a") + ".b"
	overwrite(t, b, newer)
	if got := v.Load(t.Context()); got.Answer != vault.TooNew || got.Schema != 2 {
		t.Fatalf("load: got %+v, want too-new, schema 2", got)
	}
	got := v.Save(t.Context(), vault.Change{Previous: vault.Version{Lineage: "first", Generation: 1}, Next: vault.Version{Lineage: "first", Generation: 2}})
	if got.Answer != vault.TooNew {
		t.Fatalf("save: got %+v, want too-new", got)
	}
	if kept, err := os.ReadFile(b); err != nil || string(kept) != string(newer) {
		t.Fatalf("the newer record was touched: %v", err)
	}
	checkBeside(t, v, vault.TooNew)
}

// A newer format left behind by a rollback, older than the record in use, does
// not hide that record.
func TestOlderRemainsOfANewerFormatDoNotHideTheRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	v := mustOpen(filevault.Config{Dir: dir, Tenant: tenant})
	store(t, v, "one")
	overwrite(t, strings.TrimSuffix(only(t, dir, "session-*.a"), ".a")+".b", newerFile(0))
	if got := v.Load(t.Context()); string(got.Body) != "one" {
		t.Errorf("got %+v, want the readable record", got)
	}
}

// newerFile is a file of the next format: only its prelude is known today.
func newerFile(sequence uint64) []byte {
	data := []byte("PRNV\x00\x00\x00\x02")
	data = binary.BigEndian.AppendUint64(data, sequence)
	data = binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(data))
	return append(data, "whatever the future holds"...)
}

// checkBeside expects a plain save to be refused with the given answer and a
// save beside the remains to work and last.
func checkBeside(t *testing.T, v vault.Vault, refusal vault.Answer) {
	t.Helper()
	change := vault.Change{Next: vault.Version{Lineage: "second", Generation: 1}, Body: []byte("new sign-in")}
	if got := v.Save(t.Context(), change); got.Answer != refusal {
		t.Fatalf("plain save: got %+v, want %s", got, refusal)
	}
	change.Beside = true
	if got := v.Save(t.Context(), change); got.Answer != vault.Stored {
		t.Fatalf("save beside: got %+v, want stored", got)
	}
	if got := v.Load(t.Context()); got.Answer != vault.Found || got.Version != change.Next || string(got.Body) != "new sign-in" {
		t.Fatalf("load after the save beside: got %+v", got)
	}
}

func slotNames(t *testing.T, d *crashdisk.Disk) (a, b string) {
	t.Helper()
	for _, name := range d.Names() {
		switch {
		case strings.HasSuffix(name, ".a"):
			a = name
		case strings.HasSuffix(name, ".b"):
			b = name
		}
	}
	if a == "" || b == "" {
		t.Fatal("the two slots are not both there")
	}
	return a, b
}

func count(d *crashdisk.Disk, part string) int {
	n := 0
	for _, name := range d.Names() {
		if strings.Contains(name, part) {
			n++
		}
	}
	return n
}
