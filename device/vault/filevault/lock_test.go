package filevault_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
)

// lockless is a network file system whose lock service is gone.
type lockless struct {
	disk.Disk
	err error
}

func (d lockless) Lock(context.Context, string) (func(), error) { return nil, d.err }

// Without a lock nothing is written, what is there can still be read, and the
// answer is one that ends nothing.
func TestLockFailure(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want vault.Answer
	}{
		{syscall.ENOLCK, vault.Failed},
		{syscall.EOPNOTSUPP, vault.Failed},
		{syscall.EACCES, vault.AccessDenied},
		{disk.ErrBusy, vault.Locked},
		{errors.New("something new"), vault.Failed},
	} {
		d := crashdisk.New()
		store(t, onDisk(d), "one")
		v := onDisk(lockless{d, test.err})
		got := v.Save(t.Context(), vault.Change{
			Previous: vault.Version{Lineage: "first", Generation: 1},
			Next:     vault.Version{Lineage: "first", Generation: 2}, Body: []byte("two"),
		})
		if got.Answer != test.want {
			t.Errorf("%v: save answered %+v, want %s", test.err, got, test.want)
		}
		if got := v.Load(t.Context()); string(got.Body) != "one" {
			t.Errorf("%v: load answered %+v", test.err, got)
		}
		if _, answer := v.Hold(t.Context()); answer != test.want {
			t.Errorf("%v: hold answered %s, want %s", test.err, answer, test.want)
		}
	}
}

// A process that was stopped while it held the lock makes others wait no longer
// than they allow.
func TestStoppedHolderDoesNotStopOthers(t *testing.T) {
	t.Parallel()
	d := crashdisk.New()
	v := onDisk(d)
	store(t, v, "one")
	release, err := d.Lock(t.Context(), "/vault/vault.lock")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if got := v.Load(t.Context()); string(got.Body) != "one" {
		t.Errorf("load waits for the lock: %+v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	got := v.Save(ctx, vault.Change{Previous: vault.Version{Lineage: "first", Generation: 1}, Next: vault.Version{Lineage: "first", Generation: 2}})
	if got.Answer != vault.Locked && got.Answer != vault.Failed {
		t.Errorf("save: got %+v, want locked or failed", got)
	}
	if got := v.Load(t.Context()); string(got.Body) != "one" {
		t.Errorf("load afterwards: %+v", got)
	}
}
