package filevault_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
)

// A save beside unreadable remains, with the power cut at every call: a restart
// must find the remains as unreadable as before, or the new record. It must
// never find an empty store, which would be proof that nobody was signed in.
func TestPowerCutWhileSavingBeside(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, d *crashdisk.Disk){
		"both slots damaged": func(t *testing.T, d *crashdisk.Disk) {
			a, b := slotNames(t, d)
			mustDamage(t, d, a)
			mustDamage(t, d, b)
		},
		"key file damaged": func(t *testing.T, d *crashdisk.Disk) { mustDamage(t, d, "/vault/vault.key") },
		"key file removed": func(t *testing.T, d *crashdisk.Disk) {
			if err := d.Remove("/vault/vault.key"); err != nil {
				t.Fatal(err)
			}
			if err := d.SyncDir("/vault"); err != nil {
				t.Fatal(err)
			}
		},
		"one slot newer": func(t *testing.T, d *crashdisk.Disk) {
			_, b := slotNames(t, d)
			if err := disk.Replace(d, b, newerFile(99)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for cut := 0; ; cut++ {
				d := crashdisk.New()
				store(t, onDisk(d), "one")
				store(t, onDisk(d), "two")
				spoil(t, d)
				before := onDisk(d).Load(t.Context()).Answer
				if !before.Unreadable() {
					t.Fatalf("the remains answer %s", before)
				}
				d.CutAfter(cut)
				saved := onDisk(d).Save(t.Context(), vault.Change{
					Next: vault.Version{Lineage: "second", Generation: 1}, Body: []byte("new"), Beside: true,
				})
				for _, survivor := range d.Survivors() {
					checkBesideSurvivor(t, survivor, cut, saved.Answer, before)
				}
				if saved.Answer == vault.Stored && d.Calls() <= cut {
					break
				}
			}
		})
	}
}

func checkBesideSurvivor(t *testing.T, d *crashdisk.Disk, cut int, saved, before vault.Answer) {
	t.Helper()
	got := onDisk(d).Load(t.Context())
	if got.Answer == vault.Found && string(got.Body) == "new" {
		return
	}
	if saved == vault.Stored {
		t.Fatalf("cut at call %d: the save had answered stored, the restart %s %s", cut, got.Answer, got.Detail)
	}
	// A lost key stays lost: with a new key in place, the remains are sealed
	// under another one.
	if got.Answer != before {
		t.Fatalf("cut at call %d: the remains answered %s before and %s %q after: %s", cut, before, got.Answer, got.Body, got.Detail)
	}
	if before == vault.Corrupt || before == vault.TooNew {
		kept := 0
		for _, name := range d.Names() {
			if strings.Contains(name, "/session-") && !strings.HasSuffix(name, ".new") {
				kept++
			}
		}
		if kept < 2 {
			t.Fatalf("cut at call %d: of two remains %d are left", cut, kept)
		}
	}
}

func mustDamage(t *testing.T, d *crashdisk.Disk, name string) {
	t.Helper()
	if err := d.Damage(name, 90); err != nil {
		t.Fatal(err)
	}
}
