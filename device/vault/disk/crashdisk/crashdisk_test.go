package crashdisk_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
)

// contents lists what a file may hold after a power cut now; "-" means absent.
func contents(t *testing.T, d *crashdisk.Disk, name string) []string {
	t.Helper()
	var all []string
	for _, survivor := range d.Survivors() {
		data, err := survivor.Read(name, 1<<20)
		text := string(data)
		if err != nil {
			text = "-"
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func mustWrite(t *testing.T, d *crashdisk.Disk, name, text string, sync bool) {
	t.Helper()
	f, err := d.Create(name)
	if err == nil {
		_, err = f.Write([]byte(text))
	}
	if err == nil && sync {
		err = f.Sync()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: a restart may find %q, want %q", what, got, want)
	}
}

// The model must lose what a real disk may lose, or the vault's tests prove
// nothing.
func TestWhatIsNotFlushedMayBeLost(t *testing.T) {
	t.Parallel()
	d := crashdisk.New()
	mustWrite(t, d, "/a", "abcd", false)
	check(t, "nothing flushed", contents(t, d, "/a"), "-", "", "ab\x00\x00", "abcd")
	d = crashdisk.New()
	mustWrite(t, d, "/a", "abcd", true)
	check(t, "contents flushed", contents(t, d, "/a"), "-", "abcd")
	if err := d.SyncDir("/"); err != nil {
		t.Fatal(err)
	}
	check(t, "folder flushed too", contents(t, d, "/a"), "abcd")
}

func TestRenameMayOrMayNotHaveHappened(t *testing.T) {
	t.Parallel()
	d := crashdisk.New()
	mustWrite(t, d, "/a", "old", true)
	mustWrite(t, d, "/b", "new", true)
	if err := errors.Join(d.SyncDir("/"), d.Rename("/b", "/a")); err != nil {
		t.Fatal(err)
	}
	check(t, "target", contents(t, d, "/a"), "new", "old")
	check(t, "source", contents(t, d, "/b"), "-", "new")
}

func TestReplaceLeavesOldOrNew(t *testing.T) {
	t.Parallel()
	for cut := range 12 {
		d := crashdisk.New()
		mustWrite(t, d, "/a", "old", true)
		if err := d.SyncDir("/"); err != nil {
			t.Fatal(err)
		}
		d.CutAfter(cut)
		err := disk.Replace(d, "/a", []byte("new"))
		for _, text := range contents(t, d, "/a") {
			if text != "new" && (text != "old" || err == nil) {
				t.Errorf("cut at call %d (%v): a restart may find %q", cut, err, text)
			}
		}
	}
}

func TestNothingWorksAfterThePowerCut(t *testing.T) {
	t.Parallel()
	d := crashdisk.New()
	mustWrite(t, d, "/a", "x", true)
	d.CutAfter(0)
	if _, err := d.Create("/b"); !errors.Is(err, crashdisk.ErrPowerCut) {
		t.Errorf("create: %v", err)
	}
	if _, err := d.Read("/a", 10); !errors.Is(err, crashdisk.ErrPowerCut) {
		t.Errorf("read: %v", err)
	}
	if _, err := d.Lock(t.Context(), "/l"); !errors.Is(err, crashdisk.ErrPowerCut) {
		t.Errorf("lock: %v", err)
	}
}
