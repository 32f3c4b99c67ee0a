package proof_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/proof"
)

var (
	t0    = time.Unix(1_790_000_000, 0)
	about = proof.Request{Method: "GET", Host: "127.0.0.1:4343", Path: "/v1/client", Credential: "pcb_credential"}
)

type members map[string]any

// with returns a copy with members replaced; nil removes one.
func (m members) with(more members) members {
	m = maps.Clone(m)
	maps.Copy(m, more)
	for name, value := range m {
		if value == nil {
			delete(m, name)
		}
	}
	return m
}

func encode(v any) string {
	b, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// signer makes proofs with one key.
type signer struct {
	header members
	sign   func(message []byte) []byte
}

func ed25519Signer(t testing.TB) signer {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{
		members{"typ": "dpop+jwt", "alg": "EdDSA", "jwk": members{"kty": "OKP", "crv": "Ed25519", "x": b64(public)}},
		func(message []byte) []byte { return ed25519.Sign(private, message) },
	}
}

func p256Signer(t testing.TB) signer {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return signer{
		members{"typ": "dpop+jwt", "alg": "ES256", "jwk": members{
			"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:]),
		}},
		func(message []byte) []byte {
			sum := sha256.Sum256(message)
			r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			out := make([]byte, 64)
			r.FillBytes(out[:32])
			s.FillBytes(out[32:])
			return out
		},
	}
}

func (s signer) text(header, claims members) string {
	message := encode(header) + "." + encode(claims)
	return message + "." + b64(s.sign([]byte(message)))
}

var ids int

// claims are those of a good proof.
func claims() members {
	ids++
	hash := sha256.Sum256([]byte(about.Credential))
	return members{
		"jti": fmt.Sprintf("request-%012d", ids), "htm": "GET", "htu": "https://127.0.0.1:4343/v1/client", "iat": t0.Unix(),
		"ath": b64(hash[:]),
	}
}

// checker is one of a process that has been running for a while.
func checker(now *time.Time) *proof.Checker {
	return started(now).BeganAt(now.Add(-time.Hour))
}

func started(now *time.Time) *proof.Checker {
	return proof.NewChecker("https://clerk.example.com/prefix", []byte("key"), func() time.Time { return *now })
}

// What a process has seen before it ended, the next one takes neither for its
// time of day nor for its nonce, at no time and with no clock.
func TestNothingIsReplayedOverARestart(t *testing.T) {
	t.Parallel()
	s := ed25519Signer(t)
	for _, clock := range []time.Duration{-5 * time.Minute, -time.Minute, 0, 30 * time.Second, time.Minute, -50 * 365 * 24 * time.Hour} {
		for _, before := range []time.Duration{0, time.Second, time.Minute, 9 * time.Minute} {
			now := t0.Add(before)
			first := checker(&now)
			captured := s.text(s.header, claims().with(members{"iat": now.Add(clock).Unix(), "nonce": first.Nonce()}))
			if _, err := first.Check(captured, about); err != nil {
				t.Fatalf("clock %v: %v", clock, err)
			}
			now = now.Add(time.Second)
			second := started(&now)
			for end := now.Add(20 * time.Minute); now.Before(end); now = now.Add(7 * time.Second) {
				if _, err := second.Check(captured, about); !errors.Is(err, proof.ErrNonce) {
					t.Fatalf("clock %v, seen %v before, again at %v: %v", clock, before, now.Sub(t0), err)
				}
				if now.Before(end.Add(-15 * time.Minute)) {
					fresh := s.text(s.header, claims().with(members{"iat": 0, "nonce": second.Nonce()}))
					if _, err := second.Check(fresh, about); err != nil {
						t.Fatalf("the nonce of the second process, %v: %v", now.Sub(t0), err)
					}
				}
			}
		}
	}
}

func TestGoodProofs(t *testing.T) {
	now := t0
	c := checker(&now)
	for name, s := range map[string]signer{"Ed25519": ed25519Signer(t), "P-256": p256Signer(t)} {
		var keys []proof.Key
		for _, more := range []members{
			{}, {"rotate": true}, {"htu": "http://127.0.0.1:4343/v1/client"}, {"unknown": []int{1}},
			{"htu": "https://CLERK.example.com/prefix/v1/client"},
			{"iat": t0.Add(50 * time.Second).Unix()}, {"iat": t0.Add(-4 * time.Minute).Unix()},
			{"iat": 0, "nonce": c.Nonce()}, {"iat": 4102444800, "nonce": c.Nonce()}, {"iat": nil, "nonce": c.Nonce()},
			{"nonce": "a stale one"},
		} {
			got, err := c.Check(s.text(s.header, claims().with(more)), about)
			if err != nil {
				t.Errorf("%s with %v: %v", name, more, err)
			}
			if got.Rotate != (more["rotate"] == true) {
				t.Errorf("%s with %v: rotate %v", name, more, got.Rotate)
			}
			keys = append(keys, got.Key)
		}
		for _, key := range keys {
			if !key.Equal(keys[0]) || key.Equal(proof.Key{}) {
				t.Errorf("%s: one key has thumbprints %v", name, keys)
			}
		}
	}
}

// TestPublishedThumbprint is the example of RFC 8037, appendix A.3.
func TestPublishedThumbprint(t *testing.T) {
	now := t0
	seed, err := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	s := signer{
		members{"typ": "dpop+jwt", "alg": "EdDSA", "jwk": members{
			"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
		}},
		func(message []byte) []byte { return ed25519.Sign(private, message) },
	}
	got, err := checker(&now).Check(s.text(s.header, claims()), about)
	if want := "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; err != nil || got.Key.String() != want {
		t.Errorf("thumbprint %s, %v; want %s", got.Key, err, want)
	}
}

func TestBadProofs(t *testing.T) {
	now := t0
	c, s, other := checker(&now), ed25519Signer(t), ed25519Signer(t)
	ec := p256Signer(t)
	good := func() string { return s.text(s.header, claims()) }
	otherHash := sha256.Sum256([]byte("pcb_another"))
	jwk, _ := s.header["jwk"].(members)
	header := func(more members) string { return s.text(s.header.with(more), claims()) }
	claim := func(more members) string { return s.text(s.header, claims().with(more)) }
	for name, text := range map[string]string{
		"empty":                    "",
		"not a token":              "hello",
		"two parts":                "e30.e30",
		"huge":                     strings.Repeat("a", 1<<20),
		"padded":                   good() + "=",
		"another type":             header(members{"typ": "JWT"}),
		"no algorithm":             header(members{"alg": "none"}),
		"an HMAC":                  header(members{"alg": "HS256"}),
		"the algorithm of another": header(members{"alg": "ES256"}),
		"critical extensions":      header(members{"crit": []string{"x"}}),
		"no key":                   header(members{"jwk": nil}),
		"a private key":            header(members{"jwk": jwk.with(members{"d": "AA"})}),
		"a short key":              header(members{"jwk": jwk.with(members{"x": "AA"})}),
		"an unknown curve":         header(members{"jwk": jwk.with(members{"crv": "X25519"})}),
		"the key of another":       s.text(other.header, claims()),
		"a point off the curve": ec.text(ec.header.with(members{"jwk": members{
			"kty": "EC", "crv": "P-256", "x": b64(make([]byte, 32)), "y": b64(make([]byte, 32)),
		}}), claims()),
		"a signature of nothing": good()[:strings.LastIndex(good(), ".")+1],
		"another method":         claim(members{"htm": "POST"}),
		"another path":           claim(members{"htu": "https://127.0.0.1:4343/v1/me"}),
		"another host":           claim(members{"htu": "https://evil.example.com/v1/client"}),
		"a query":                claim(members{"htu": "https://127.0.0.1:4343/v1/client?a=b"}),
		"a user":                 claim(members{"htu": "https://u@127.0.0.1:4343/v1/client"}),
		"another scheme":         claim(members{"htu": "ftp://127.0.0.1:4343/v1/client"}),
		"the prefix on our host": claim(members{"htu": "https://127.0.0.1:4343/prefix/v1/client"}),
		"another credential":     claim(members{"ath": b64(otherHash[:])}),
		"no credential":          claim(members{"ath": nil}),
		"a short id":             claim(members{"jti": "1"}),
		"a long id":              claim(members{"jti": strings.Repeat("1", 129)}),
		"no id":                  claim(members{"jti": nil}),
	} {
		if _, err := c.Check(text, about); !errors.Is(err, proof.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	relayed := about
	relayed.Host = "evil.example.com"
	if _, err := c.Check(claim(members{"htu": "https://evil.example.com/v1/client"}), relayed); !errors.Is(err, proof.ErrInvalid) {
		t.Errorf("a proof for another host was passed on: %v", err)
	}
	bare := about
	bare.Credential = ""
	if _, err := c.Check(good(), bare); !errors.Is(err, proof.ErrUnaccompanied) {
		t.Errorf("a proof about a credential came without one: %v", err)
	}
}

func TestStaleProofsNeedANonce(t *testing.T) {
	now := t0
	c, s := checker(&now), ed25519Signer(t)
	check := func(more members) error {
		_, err := c.Check(s.text(s.header, claims().with(more)), about)
		return err
	}
	for _, iat := range []int64{0, t0.Add(-6 * time.Minute).Unix(), t0.Add(6 * time.Minute).Unix(), -1 << 62, 1 << 62} {
		if err := check(members{"iat": iat}); !errors.Is(err, proof.ErrNonce) {
			t.Errorf("iat %d: %v", iat, err)
		}
	}
	nonce := c.Nonce()
	now = t0.Add(5 * time.Minute)
	if err := check(members{"iat": 0, "nonce": nonce}); err != nil {
		t.Errorf("the nonce before: %v", err)
	}
	now = t0.Add(10 * time.Minute)
	if err := check(members{"iat": 0, "nonce": nonce}); !errors.Is(err, proof.ErrNonce) {
		t.Errorf("a nonce of ten minutes: %v", err)
	}
	if other := proof.NewChecker("", []byte("another key"), func() time.Time { return now }).BeganAt(t0.Add(-time.Hour)); check(members{"iat": 0, "nonce": other.Nonce()}) == nil {
		t.Error("the nonce of another instance was accepted")
	}
}

// A captured request is worth nothing to whoever sends it again, for as long as
// its proof could be good.
func TestAProofIsGoodOnce(t *testing.T) {
	now := t0
	c, s, other := checker(&now), ed25519Signer(t), ed25519Signer(t)
	one := claims().with(members{"nonce": c.Nonce(), "iat": t0.Add(5 * time.Minute).Unix()})
	text := s.text(s.header, one)
	if _, err := c.Check(text, about); err != nil {
		t.Fatal(err)
	}
	for now = t0; now.Before(t0.Add(15 * time.Minute)); now = now.Add(time.Minute) {
		if _, err := c.Check(text, about); !errors.Is(err, proof.ErrNonce) {
			t.Fatalf("again after %v: %v", now.Sub(t0), err)
		}
	}
	now = t0
	if _, err := c.Check(other.text(other.header, one), about); err != nil {
		t.Errorf("another device with the same id: %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	now := t0
	s := ed25519Signer(f)
	f.Add(s.text(s.header, claims()))
	f.Add(s.text(s.header, claims().with(members{"iat": -1})))
	f.Add("e30.e30.e30")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		c := checker(&now)
		if got, err := c.Check(text, about); err == nil && got.ID == "" {
			t.Errorf("a proof without a name: %+v", got)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	now := t0
	for name, s := range map[string]signer{"Ed25519": ed25519Signer(b), "P-256": p256Signer(b)} {
		b.Run(name, func(b *testing.B) {
			text := s.text(s.header, claims())
			b.ReportAllocs()
			for b.Loop() {
				_, _ = checker(&now).Check(text, about)
			}
		})
	}
}
