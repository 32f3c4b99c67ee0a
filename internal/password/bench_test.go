package password_test

import (
	"encoding/base64"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/perennialauth/perennial/internal/password"
)

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// BenchmarkVerify compares a password check with the bare hash, run in turn;
// the metric "hashes" is its cost in bare hashes.
func BenchmarkVerify(b *testing.B) {
	h := mustHasher(b, password.Default())
	hash, err := h.Hash(b.Context(), "a long enough phrase")
	if err != nil {
		b.Fatal(err)
	}
	salt := make([]byte, 16)
	var bare, checked time.Duration
	for b.Loop() {
		t0 := time.Now()
		argon2.IDKey([]byte("a long enough phrase"), salt, 2, 19*1024, 1, 32)
		t1 := time.Now()
		if ok, err := h.Verify(b.Context(), hash, "a long enough phrase"); !ok || err != nil {
			b.Fatal(ok, err)
		}
		bare += t1.Sub(t0)
		checked += time.Since(t1)
	}
	b.ReportMetric(float64(checked.Nanoseconds())/float64(b.N), "ns/op")
	b.ReportMetric(float64(checked)/float64(bare), "hashes")
}
