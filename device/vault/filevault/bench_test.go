package filevault

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
)

const benchBody = 6 << 10

// BenchmarkLoad is the storage part of a cold start: open, read, verify, unseal.
// Its limit is reading the same three files and doing nothing with them.
func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	v := mustOpenBench(b, dir)
	advanceBench(b, v, advanceBench(b, v, vault.Version{}))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		b.Fatal(err)
	}
	var ours, limit time.Duration
	for b.Loop() {
		start := time.Now()
		if got := mustOpenBench(b, dir).Load(b.Context()); got.Answer != vault.Found {
			b.Fatal(got.Answer)
		}
		ours += time.Since(start)
		start = time.Now()
		for _, file := range files {
			if filepath.Ext(file) == ".lock" {
				continue
			}
			if _, err := os.ReadFile(file); err != nil {
				b.Fatal(err)
			}
		}
		limit += time.Since(start)
	}
	report(b, ours, limit, "x-reads")
}

// BenchmarkSave is one durable, read-back replacement. Its limit is replacing a
// file of the same size durably.
func BenchmarkSave(b *testing.B) {
	dir := b.TempDir()
	v := mustOpenBench(b, dir)
	version := advanceBench(b, v, vault.Version{})
	bare := filepath.Join(dir, "bare")
	var ours, limit time.Duration
	for b.Loop() {
		start := time.Now()
		version = advanceBench(b, v, version)
		ours += time.Since(start)
		start = time.Now()
		if err := disk.Replace(disk.OS{}, bare, make([]byte, benchBody)); err != nil {
			b.Fatal(err)
		}
		limit += time.Since(start)
	}
	report(b, ours, limit, "x-replace")
}

func report(b *testing.B, ours, limit time.Duration, name string) {
	b.Helper()
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N), "ns/op")
	b.ReportMetric(float64(ours)/float64(limit), name)
}

func mustOpenBench(b *testing.B, dir string) *Vault {
	b.Helper()
	v, err := Open(Config{Dir: dir, Tenant: "tenant"})
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func advanceBench(b *testing.B, v *Vault, previous vault.Version) vault.Version {
	b.Helper()
	next := vault.Version{Lineage: "l", Generation: previous.Generation + 1}
	saved := v.Save(b.Context(), vault.Change{Previous: previous, Next: next, Body: make([]byte, benchBody)})
	if saved.Answer != vault.Stored {
		b.Fatal(saved)
	}
	return next
}
