package memvault_test

import (
	"context"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
	"github.com/perennialauth/perennial/device/vault/vaulttest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	vaulttest.Run(t, func(*testing.T) vaulttest.Opener {
		store := memvault.NewStore()
		return func() vault.Vault { return store.Vault() }
	})
}

var (
	one = vault.Version{Lineage: "l", Generation: 1}
	two = vault.Version{Lineage: "l", Generation: 2}
)

func TestFaultsAreUsedUpInOrder(t *testing.T) {
	t.Parallel()
	v := memvault.New()
	v.Store().Put(one, []byte("one"))
	v.Store().Inject(memvault.Load, memvault.Fault{Answer: vault.Locked, Times: 2})
	v.Store().Inject(memvault.Load, memvault.Fault{Answer: vault.Absent, Times: 1})
	for i, want := range []vault.Answer{vault.Locked, vault.Locked, vault.Absent, vault.Found, vault.Found} {
		if got := v.Load(context.Background()); got.Answer != want {
			t.Errorf("load %d: got %s, want %s", i, got.Answer, want)
		}
	}
	if got := v.Store().Calls(memvault.Load); got != 5 {
		t.Errorf("got %d calls, want 5", got)
	}
}

func TestPersistedButFailed(t *testing.T) {
	t.Parallel()
	v := memvault.New()
	v.Store().Put(one, []byte("one"))
	v.Store().Inject(memvault.Save, memvault.Fault{Answer: vault.Failed, Persist: true, Times: 1})
	change := vault.Change{Previous: one, Next: two, Body: []byte("two")}
	if got := v.Save(context.Background(), change); got.Answer != vault.Failed {
		t.Fatalf("got %+v, want failed", got)
	}
	if version, body, _ := v.Store().Peek(); version != two || string(body) != "two" {
		t.Fatalf("store holds %v %q, want the record that was reported as failed", version, body)
	}
	if got := v.Save(context.Background(), change); got.Answer != vault.Stored {
		t.Errorf("repeated save: got %+v, want stored", got)
	}
}

func TestTornSave(t *testing.T) {
	t.Parallel()
	v := memvault.New()
	v.Store().Put(one, []byte("one"))
	v.Store().Inject(memvault.Save, memvault.Fault{Torn: true, Times: 1})
	change := vault.Change{Previous: one, Next: two, Body: []byte("two")}
	if got := v.Save(context.Background(), change); got.Answer != vault.Failed {
		t.Errorf("torn save: got %+v, want failed", got)
	}
	if got := v.Load(context.Background()); got.Answer != vault.Corrupt {
		t.Errorf("load: got %+v, want corrupt", got)
	}
	if got := v.Save(context.Background(), change); got.Answer != vault.Corrupt {
		t.Errorf("plain save: got %+v, want corrupt", got)
	}
	change.Beside = true
	if got := v.Save(context.Background(), change); got.Answer != vault.Stored {
		t.Errorf("save beside: got %+v, want stored", got)
	}
}

func TestUnreadableIsSetAsideNotLost(t *testing.T) {
	t.Parallel()
	for _, answer := range vault.Answers() {
		if !answer.Unreadable() {
			continue
		}
		v := memvault.New()
		v.Store().Put(one, []byte("one"))
		v.Store().MakeUnreadable(answer, 2)
		change := vault.Change{Next: vault.Version{Lineage: "m", Generation: 1}, Body: []byte("new")}
		if got := v.Save(context.Background(), change); got.Answer != answer {
			t.Errorf("%s: plain save answered %s", answer, got.Answer)
		}
		change.Beside = true
		if got := v.Save(context.Background(), change); got.Answer != vault.Stored {
			t.Errorf("%s: save beside answered %s", answer, got.Answer)
		}
		if aside := v.Store().Aside(); len(aside) != 1 || string(aside[0]) != "one" {
			t.Errorf("%s: remains are %q, want the old record", answer, aside)
		}
	}
}

func TestBlockedOperationEndsWithItsContext(t *testing.T) {
	t.Parallel()
	v := memvault.New()
	v.Store().Inject(memvault.Load, memvault.Fault{Wait: make(chan struct{})})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan vault.Loaded, 1)
	go func() { done <- v.Load(ctx) }()
	cancel()
	if got := <-done; got.Answer != vault.Failed {
		t.Errorf("got %+v, want failed", got)
	}
}
