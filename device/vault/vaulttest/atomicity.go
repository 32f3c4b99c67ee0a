package vaulttest

import (
	"fmt"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
)

// OnDisk opens the adapter's one store on a given disk.
type OnDisk func(d disk.Disk) vault.Vault

// Atomicity saves generation 5 over generation 4 again and again, cutting the
// power one file-system call later each time, and looks at every disk that may
// be left: each must hold exactly generation 4 or exactly generation 5, and
// generation 5 if the save had answered Stored; the next save must work.
//
// A final save must also work where there is no space but that of the two slots.
func Atomicity(t *testing.T, open OnDisk) {
	for _, way := range []struct{ final, full bool }{{}, {final: true}, {final: true, full: true}} {
		t.Run(fmt.Sprintf("final=%v,full=%v", way.final, way.full), func(t *testing.T) {
			t.Parallel()
			checked := 0
			for cut := 0; ; cut++ {
				saved, d := saveUntilCut(t, open, cut, way.final, way.full)
				if way.full && saved.Answer != vault.Stored && d.Calls() <= cut {
					t.Fatalf("final save on a full disk: got %+v, want stored", saved)
				}
				for _, survivor := range d.Survivors() {
					checked++
					checkSurvivor(t, open(survivor), cut, saved.Answer)
				}
				if saved.Answer == vault.Stored && d.Calls() <= cut {
					t.Logf("%d power cuts, %d disks", cut, checked)
					break
				}
			}
		})
	}
}

func saveUntilCut(t *testing.T, open OnDisk, cut int, final, full bool) (vault.Saved, *crashdisk.Disk) {
	t.Helper()
	d := crashdisk.New()
	v := open(d)
	mustSave(t, v, vault.Version{}, generation(3), []byte("three"))
	mustSave(t, v, generation(3), generation(4), []byte("four"))
	d.Fill(full)
	d.CutAfter(cut)
	return v.Save(within(t), vault.Change{Previous: generation(4), Next: generation(5), Body: []byte("five"), Final: final}), d
}

func checkSurvivor(t *testing.T, v vault.Vault, cut int, answered vault.Answer) {
	t.Helper()
	got := v.Load(within(t))
	four := got.Version == generation(4) && string(got.Body) == "four"
	five := got.Version == generation(5) && string(got.Body) == "five"
	if got.Answer != vault.Found || (!four && !five) {
		t.Fatalf("cut at call %d: restart found %s %v %q %s", cut, got.Answer, got.Version, got.Body, got.Detail)
	}
	if answered == vault.Stored && !five {
		t.Fatalf("cut at call %d: the save had answered stored and the restart found generation 4", cut)
	}
	mustSave(t, v, got.Version, generation(6), []byte("six"))
	mustLoad(t, v, generation(6), []byte("six"))
}

// FirstSave cuts the power during the very first save: the restart must find
// nothing or the record, and must be able to save.
func FirstSave(t *testing.T, open OnDisk) {
	for cut := 0; ; cut++ {
		d := crashdisk.New()
		d.CutAfter(cut)
		saved := open(d).Save(within(t), vault.Change{Next: generation(1), Body: []byte("one")})
		for _, survivor := range d.Survivors() {
			v := open(survivor)
			got := v.Load(within(t))
			if got.Answer != vault.Found && (got.Answer != vault.Absent || saved.Answer == vault.Stored) {
				t.Fatalf("cut at call %d after %s: restart answered %s %s", cut, saved.Answer, got.Answer, got.Detail)
			}
			mustSave(t, v, got.Version, generation(2), []byte("two"))
		}
		if saved.Answer == vault.Stored && d.Calls() <= cut {
			return
		}
	}
}

// NoSpace fills the disk at every call of a save: the predecessor must stay,
// and the same save must work once there is space.
func NoSpace(t *testing.T, open OnDisk) {
	d := crashdisk.New()
	v := open(d)
	mustSave(t, v, vault.Version{}, generation(4), []byte("four"))
	d.Fill(true)
	change := vault.Change{Previous: generation(4), Next: generation(5), Body: []byte("five")}
	if got := v.Save(within(t), change); got.Answer != vault.Failed {
		t.Fatalf("save on a full disk: got %+v, want failed", got)
	}
	mustLoad(t, v, generation(4), []byte("four"))
	d.Fill(false)
	mustSave(t, v, change.Previous, change.Next, change.Body)
	mustLoad(t, open(d), generation(5), []byte("five"))
}
