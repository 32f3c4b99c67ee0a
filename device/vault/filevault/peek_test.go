package filevault_test

import (
	"testing"

	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

func TestPeekTellsThatSomethingWasSaved(t *testing.T) {
	t.Parallel()
	config := filevault.Config{Dir: t.TempDir(), Tenant: tenant}
	here, there := mustOpen(config), mustOpen(config)
	before, ok := here.Peek()
	if !ok {
		t.Fatal("an empty folder has no mark")
	}
	for range 4 {
		if again, _ := here.Peek(); again != before {
			t.Fatal("the mark moved although nothing was saved")
		}
		store(t, there, "x")
		after, ok := here.Peek()
		if !ok || after == before {
			t.Fatalf("the mark did not move: %q", after)
		}
		before = after
	}
	if _, ok := mustOpen(filevault.Config{Dir: "/vault", Tenant: tenant, Disk: crashdisk.New()}).Peek(); ok {
		t.Error("a disk without marks has one")
	}
}
