package token_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/token"
)

// beside runs limit and work in turn and reports the cost of work as ns/op and
// in limits. In turn, because on a shared machine the two halves of a run see
// different neighbours.
func beside(b *testing.B, unit string, limit, work func()) {
	b.Helper()
	var limits, works time.Duration
	for b.Loop() {
		t0 := time.Now()
		limit()
		t1 := time.Now()
		work()
		limits += t1.Sub(t0)
		works += time.Since(t1)
	}
	b.ReportMetric(float64(works.Nanoseconds())/float64(b.N), "ns/op")
	b.ReportMetric(float64(works)/float64(limits), unit)
}

// BenchmarkSessionToken compares handing out a session token with its
// physical limit, the bare RSA-2048 signature.
func BenchmarkSessionToken(b *testing.B) {
	keys := mustKeys(b, &memStore{}, mustMaster(b), time.Now)
	private, err := rsa.GenerateKey(rand.Reader, token.KeyBits)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("x"))
	signature := func() {
		if _, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
	iss := token.NewIssuer(keys, issuerURL, time.Now)
	mint := func(r token.SessionRequest) {
		if _, err := iss.Session(r); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("fresh", func(b *testing.B) {
		r, n := request("sess_1"), int64(0)
		beside(b, "signatures", signature, func() {
			n++
			r.Session.FirstFactorAt = time.UnixMilli(n) // another cache key each time
			mint(r)
		})
	})
	b.Run("reused", func(b *testing.B) {
		beside(b, "signatures", signature, func() { mint(request("sess_1")) })
	})
}

func BenchmarkParseClientToken(b *testing.B) {
	tokens := token.NewClientTokens(mustMaster(b))
	text, _, err := tokens.New(rand.Reader, "client_2yJXZ0aBcDeFgHiJkLmNoPqRsTu")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := tokens.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
