package password_test

import (
	"encoding/base64"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/perennialauth/perennial/internal/password"
)

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// BenchmarkVerify compares a password check with the bare hash measured in
// the same run; the metric "hashes" is its cost in bare hashes.
func BenchmarkVerify(b *testing.B) {
	bare := func() { argon2.IDKey([]byte("a long enough phrase"), make([]byte, 16), 2, 19*1024, 1, 32) }
	start := time.Now()
	const calibrate = 20
	for range calibrate {
		bare()
	}
	limit := float64(time.Since(start).Nanoseconds()) / calibrate
	h := mustHasher(b, password.Default())
	hash, err := h.Hash(b.Context(), "a long enough phrase")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, err := h.Verify(b.Context(), hash, "a long enough phrase"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/limit, "hashes")
}
