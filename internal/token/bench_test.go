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

// BenchmarkSessionToken compares making a session token with its physical
// limit, the bare RSA-2048 signature, measured in the same run. The metric
// "sigs" is the cost in signatures.
func BenchmarkSessionToken(b *testing.B) {
	keys := mustKeys(b, &memStore{}, mustMaster(b), time.Now)
	private, err := rsa.GenerateKey(rand.Reader, token.KeyBits)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("x"))
	bare := func() {
		if _, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
	start := time.Now()
	const calibrate = 200
	for range calibrate {
		bare()
	}
	limit := float64(time.Since(start).Nanoseconds()) / calibrate
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/limit, "sigs")
	}
	b.Run("bare-signature", func(b *testing.B) {
		for b.Loop() {
			bare()
		}
		report(b)
	})
	b.Run("fresh", func(b *testing.B) {
		iss := token.NewIssuer(keys, issuerURL, time.Now)
		r := request("sess_1")
		for n := int64(0); b.Loop(); n++ {
			r.Session.FirstFactorAt = time.UnixMilli(n) // another cache key each time
			if _, err := iss.Session(r); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
	b.Run("reused", func(b *testing.B) {
		iss := token.NewIssuer(keys, issuerURL, time.Now)
		for b.Loop() {
			if _, err := iss.Session(request("sess_1")); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
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
