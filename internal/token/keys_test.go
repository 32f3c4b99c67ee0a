package token_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/token"
)

// clock is a settable time source.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 5, 12, 8, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func mustMaster(t testing.TB) *secret.MasterKey {
	t.Helper()
	k, err := secret.NewMasterKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustKeys(t testing.TB, store token.Store, master *secret.MasterKey, now func() time.Time) *token.Keys {
	t.Helper()
	k, err := token.LoadKeys(t.Context(), store, master, now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

type publishedKey struct{ Use, Kty, Kid, Alg, N, E string }

func published(t testing.TB, k *token.Keys) []publishedKey {
	t.Helper()
	var doc struct{ Keys []publishedKey }
	if err := json.Unmarshal(k.JWKS(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Keys
}

func TestKeysAreKeptAndSealed(t *testing.T) {
	t.Parallel()
	store, master := &memStore{}, mustMaster(t)
	first := mustKeys(t, store, master, time.Now)
	again := mustKeys(t, store, master, time.Now)
	if !bytes.Equal(first.JWKS(), again.JWKS()) {
		t.Error("a second start published other keys")
	}
	raw, err := store.InstanceValue(t.Context(), "signing_keys")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("PRIVATE KEY")) {
		t.Error("private key is stored in clear")
	}
	_, err = token.LoadKeys(t.Context(), store, mustMaster(t), time.Now)
	if !errors.Is(err, secret.ErrSealed) {
		t.Errorf("another master key: err = %v, want ErrSealed", err)
	}
	after, _ := store.InstanceValue(t.Context(), "signing_keys")
	if !bytes.Equal(raw, after) {
		t.Error("keys that could not be opened were replaced")
	}
}

func TestJWKSIsWhatPublishedVerifiersNeed(t *testing.T) {
	t.Parallel()
	k := mustKeys(t, &memStore{}, mustMaster(t), time.Now)
	keys := published(t, k)
	if len(keys) != 1 {
		t.Fatalf("%d keys published", len(keys))
	}
	got := keys[0]
	if got.Use != "sig" || got.Kty != "RSA" || got.Alg != "RS256" || got.E != "AQAB" || got.Kid != k.CurrentID() {
		t.Errorf("published %+v", got)
	}
	n, err := base64.RawURLEncoding.DecodeString(got.N)
	if err != nil || len(n) != 256 {
		t.Errorf("modulus has %d bytes, %v; want 256", len(n), err)
	}
	block, _ := pem.Decode(k.PublicPEM())
	if block == nil || block.Type != "PUBLIC KEY" {
		t.Errorf("PEM block %+v", block)
	}
}

func TestFirstStartRacesAgreeOnOneKey(t *testing.T) {
	t.Parallel()
	store, master := &memStore{}, mustMaster(t)
	var wg sync.WaitGroup
	ids := make([]string, 4)
	for i := range ids {
		wg.Go(func() {
			k, err := token.LoadKeys(t.Context(), store, master, time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = k.CurrentID()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("different current keys: %v", ids)
		}
	}
}

func TestRotationOverlaps(t *testing.T) {
	t.Parallel()
	store, master, c := &memStore{}, mustMaster(t), newClock()
	k := mustKeys(t, store, master, c.Now)
	replica := mustKeys(t, store, master, c.Now)
	v := token.NewVerifier(k, "https://clerk.test", c.Now)
	before, err := token.NewIssuer(k, "https://clerk.test", c.Now).Session(request("sess_1"))
	if err != nil {
		t.Fatal(err)
	}
	oldID := k.CurrentID()
	if err := k.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k.CurrentID() == oldID {
		t.Fatal("rotation kept the current key")
	}
	if _, err := v.Session(before.JWT); err != nil {
		t.Errorf("token of the retired key: %v", err)
	}
	if got := published(t, k); len(got) != 2 {
		t.Errorf("%d keys published after rotation, want 2", len(got))
	}
	if err := replica.Reload(t.Context()); err != nil || replica.CurrentID() != k.CurrentID() {
		t.Errorf("replica did not follow: %v", err)
	}
	c.Add(token.RetiredFor + time.Minute)
	if err := k.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range published(t, k) {
		if p.Kid == oldID {
			t.Error("a key retired beyond the overlap is still published")
		}
	}
}

func TestRotationNeedsTheStoredValue(t *testing.T) {
	t.Parallel()
	store := &conflictStore{}
	k := mustKeys(t, store, mustMaster(t), time.Now)
	store.refuse = true
	id := k.CurrentID()
	if err := k.Rotate(t.Context()); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("err = %v, want conflict", err)
	}
	if k.CurrentID() != id {
		t.Error("a lost rotation changed the key in memory")
	}
}

// While keys rotate, every token handed out verifies, and those handed out
// after a rotation are signed by the new key.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, &memStore{}, mustMaster(t), time.Now)
	iss := token.NewIssuer(keys, issuerURL, time.Now)
	v := token.NewVerifier(keys, issuerURL, time.Now)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				s, err := iss.Session(request("sess_1"))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := v.Session(s.JWT); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 2 {
		if err := keys.Rotate(t.Context()); err != nil {
			t.Error(err)
		}
		s, err := iss.Session(request("sess_1"))
		if err != nil {
			t.Fatal(err)
		}
		if header, _ := parts(t, s.JWT); header["kid"] != keys.CurrentID() {
			t.Error("a token signed by a retired key was handed out after the rotation")
		}
	}
	close(stop)
	wg.Wait()
}
