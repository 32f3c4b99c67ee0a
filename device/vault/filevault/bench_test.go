package filevault

import (
	"fmt"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
)

func sprint(verb string, value any) []byte { return fmt.Appendf(nil, verb, value) }

// BenchmarkLoad is the storage part of a cold start: open, read, verify, unseal.
func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	v, err := Open(Config{Dir: dir, Tenant: "tenant"})
	if err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 6<<10)
	for n := uint64(1); n <= 2; n++ {
		v.Save(b.Context(), vault.Change{
			Previous: vault.Version{Lineage: lineageBefore(n), Generation: n - 1},
			Next:     vault.Version{Lineage: "l", Generation: n}, Body: body,
		})
	}
	for b.Loop() {
		v, err := Open(Config{Dir: dir, Tenant: "tenant"})
		if err != nil {
			b.Fatal(err)
		}
		if got := v.Load(b.Context()); got.Answer != vault.Found {
			b.Fatal(got.Answer)
		}
	}
}

func lineageBefore(n uint64) string {
	if n == 1 {
		return ""
	}
	return "l"
}

// BenchmarkSave is one durable, read-back replacement.
func BenchmarkSave(b *testing.B) {
	v, err := Open(Config{Dir: b.TempDir(), Tenant: "tenant"})
	if err != nil {
		b.Fatal(err)
	}
	previous := vault.Version{}
	body := make([]byte, 6<<10)
	for b.Loop() {
		next := vault.Version{Lineage: "l", Generation: previous.Generation + 1}
		if got := v.Save(b.Context(), vault.Change{Previous: previous, Next: next, Body: body}); got.Answer != vault.Stored {
			b.Fatal(got)
		}
		previous = next
	}
}
