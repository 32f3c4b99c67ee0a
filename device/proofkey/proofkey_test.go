package proofkey_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/proofkey"
)

// TestPublishedVector is the key of RFC 8037, appendix A, with the thumbprint
// that A.3 gives for it.
func TestPublishedVector(t *testing.T) {
	t.Parallel()
	const reference = "ed25519:nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
	public, err := proofkey.Software{}.Public(t.Context(), reference)
	if err != nil || public.X != "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" {
		t.Fatalf("%+v, %v", public, err)
	}
	if got, want := public.Thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("thumbprint %s, want %s", got, want)
	}
}

func TestKeysAreMadeFromEntropy(t *testing.T) {
	t.Parallel()
	one, err := proofkey.Software{}.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	two, err := proofkey.Software{}.Make(t.Context())
	if err != nil || one == two || strings.ContainsAny(one, " \n\"") {
		t.Errorf("%v", err)
	}
	if _, err := (proofkey.Software{Entropy: strings.NewReader("short")}).Make(t.Context()); err == nil {
		t.Error("a key was made of five bytes")
	}
	fixed := proofkey.Software{Entropy: bytes.NewReader(bytes.Repeat([]byte{7}, 64))}
	a, _ := fixed.Make(t.Context())
	b, _ := fixed.Make(t.Context())
	if a != b {
		t.Error("the same entropy makes two keys")
	}
}

func TestReferencesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, reference := range []string{
		"", "ed25519:", "ed25519:AAAA", "ed25519:!!", "secure-enclave:1",
		"ed25519:" + strings.Repeat("A", 1<<20), "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
	} {
		if _, err := (proofkey.Software{}).Public(t.Context(), reference); !errors.Is(err, proofkey.ErrNoKey) {
			t.Errorf("%.20q: %v", reference, err)
		}
		_, _, err := proofkey.Proof{}.Text(t.Context(), proofkey.Software{}, reference, nil)
		if !errors.Is(err, proofkey.ErrNoKey) || reference != "" && strings.Contains(err.Error(), reference) {
			t.Errorf("%.20q: %v", reference, err)
		}
	}
}

func TestProofSaysWhatTheRequestIs(t *testing.T) {
	t.Parallel()
	keys := proofkey.Software{}
	reference, err := keys.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	about := proofkey.Proof{
		Method: "GET", URL: "https://h/v1/client", Credential: "pcb_x", IssuedAt: time.Unix(1_790_000_000, 0), Nonce: "n", Rotate: true,
	}
	text, public, err := about.Text(t.Context(), keys, reference, nil)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(text, ".")
	var raw [3][]byte
	for i := range raw {
		if raw[i], err = base64.RawURLEncoding.DecodeString(parts[i]); err != nil {
			t.Fatal(err)
		}
	}
	x, err := base64.RawURLEncoding.DecodeString(public.X)
	if err != nil || !ed25519.Verify(x, []byte(parts[0]+"."+parts[1]), raw[2]) {
		t.Errorf("the signature does not verify: %v", err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw[1], &claims); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"htm": "GET", "htu": "https://h/v1/client", "iat": 1_790_000_000.0, "nonce": "n", "rotate": true,
		"ath": "jkdY8pIKOdVj0SOufhnrF3z5UFQ0yCEiMqFm3YswSAM",
	} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	seed := strings.TrimPrefix(reference, "ed25519:")
	if strings.Contains(text, seed) || strings.Contains(string(raw[0])+string(raw[1]), seed) || claims["d"] != nil {
		t.Error("the private key is in the proof")
	}
	again, _, err := about.Text(t.Context(), keys, reference, nil)
	if err != nil || again == text {
		t.Error("two proofs have one name")
	}
}

func BenchmarkProof(b *testing.B) {
	keys := proofkey.Software{}
	reference, err := keys.Make(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	about := proofkey.Proof{Method: "GET", URL: "https://clerk.example.com/v1/client", Credential: strings.Repeat("c", 180)}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := about.Text(b.Context(), keys, reference, nil); err != nil {
			b.Fatal(err)
		}
	}
}
