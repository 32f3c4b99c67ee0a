package token_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/token"
)

const issuerURL = "https://clerk.test"

func request(id auth.SessionID) token.SessionRequest {
	return token.SessionRequest{
		Session: auth.Session{ID: id, User: "user_1", Status: auth.SessionActive},
		Version: token.V2,
	}
}

// parts decodes header and claims without verifying.
func parts(t testing.TB, jwt string) (header, claims map[string]any) {
	t.Helper()
	fields := strings.Split(jwt, ".")
	if len(fields) != 3 {
		t.Fatalf("%d parts in %q", len(fields), jwt)
	}
	for i, dst := range []*map[string]any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(fields[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, dst); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func TestSessionTokenClaims(t *testing.T) {
	t.Parallel()
	c := newClock()
	k := mustKeys(t, &memStore{}, mustMaster(t), c.Now)
	iss := token.NewIssuer(k, issuerURL, c.Now)
	at := float64(c.Now().Unix())
	org := &token.Organization{ID: "org_1", Slug: "acme", Role: "org:admin", Permissions: []string{"org:p:read"}}
	base := map[string]any{
		"iss": issuerURL, "sub": "user_1", "sid": "sess_1",
		"iat": at, "exp": at + 60, "nbf": at - 10, "fva": []any{5.0, -1.0},
	}
	v2 := map[string]any{"v": 2.0, "sts": "active"}
	tests := []struct {
		name string
		edit func(*token.SessionRequest)
		want map[string]any
	}{
		{"v2 native", func(*token.SessionRequest) {}, v2},
		{"v1 native", func(r *token.SessionRequest) { r.Version = token.V1 }, map[string]any{}},
		{
			"v2 browser", func(r *token.SessionRequest) { r.AuthorizedParty = "https://app.test" },
			map[string]any{"v": 2.0, "sts": "active", "azp": "https://app.test"},
		},
		{
			"v2 pending", func(r *token.SessionRequest) { r.Session.Status = auth.SessionPending },
			map[string]any{"v": 2.0, "sts": "pending"},
		},
		{
			"v2 organization", func(r *token.SessionRequest) { r.Organization = org },
			map[string]any{"v": 2.0, "sts": "active", "fea": "o:p", "o": map[string]any{
				"id": "org_1", "slg": "acme", "rol": "admin", "per": "read", "fpm": "1",
			}},
		},
		{
			"v1 organization", func(r *token.SessionRequest) { r.Version, r.Organization = token.V1, org },
			map[string]any{
				"org_id": "org_1", "org_slug": "acme", "org_role": "org:admin", "org_permissions": []any{"org:p:read"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request("sess_1")
			r.Session.FirstFactorAt = c.Now().Add(-5*time.Minute - time.Second)
			tt.edit(&r)
			signed, err := iss.Session(r)
			if err != nil {
				t.Fatal(err)
			}
			header, claims := parts(t, signed.JWT)
			if id, _ := claims["jti"].(string); len(id) < 16 {
				t.Errorf("jti = %q", id)
			}
			delete(claims, "jti")
			want := map[string]any{}
			for _, m := range []map[string]any{base, tt.want} {
				for name, v := range m {
					want[name] = v
				}
			}
			if d := cmp.Diff(want, claims); d != "" {
				t.Errorf("claims mismatch (-want +got):\n%s", d)
			}
			wantHeader := map[string]any{
				"alg": "RS256", "typ": "JWT", "kid": k.CurrentID(), "cat": "cl_B7d4PD111AAA", "oiat": at,
			}
			if d := cmp.Diff(wantHeader, header); d != "" {
				t.Errorf("header mismatch (-want +got):\n%s", d)
			}
		})
	}
}

func TestClaimsVersionFor(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]token.ClaimsVersion{
		"": token.V2, "garbage": token.V2, "2021-02-05": token.V1, "2025-04-09": token.V1,
		"2025-04-10": token.V2, "2026-05-12": token.V2, "2099-01-01": token.V2, "2025-4-1": token.V2,
	} {
		if got := token.ClaimsVersionFor(version); got != want {
			t.Errorf("ClaimsVersionFor(%q) = %d, want %d", version, got, want)
		}
	}
}

func TestReuse(t *testing.T) {
	t.Parallel()
	c := newClock()
	iss := token.NewIssuer(mustKeys(t, &memStore{}, mustMaster(t), c.Now), issuerURL, c.Now)
	mint := func(r token.SessionRequest) token.Signed {
		t.Helper()
		s, err := iss.Session(r)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	r := request("sess_1")
	first := mint(r)
	c.Add(14 * time.Second)
	if mint(r) != first {
		t.Error("a token with 46 s left was not reused")
	}
	browser := r
	browser.AuthorizedParty = "https://app.test"
	if mint(browser).JWT == first.JWT {
		t.Error("another authorized party got the same token")
	}
	for name, edit := range map[string]func(*token.SessionRequest){
		"status":  func(r *token.SessionRequest) { r.Session.Status = auth.SessionPending },
		"version": func(r *token.SessionRequest) { r.Version = token.V1 },
		"factor":  func(r *token.SessionRequest) { r.Session.FirstFactorAt = c.Now() },
		"org":     func(r *token.SessionRequest) { r.Organization = &token.Organization{ID: "org_1"} },
		"sign-in": func(r *token.SessionRequest) { r.NotBefore = c.Now() },
	} {
		changed := r
		edit(&changed)
		if mint(changed).JWT == first.JWT {
			t.Errorf("a changed %s got the old token", name)
		}
	}
	c.Add(2 * time.Second)
	second := mint(r)
	if second == first {
		t.Error("a token with 44 s left was reused")
	}
	c.Add(-time.Hour)
	if mint(r) == second {
		t.Error("a token from the future was reused after the clock was set back")
	}
}

func TestOriginalIssueTimeNeverGoesBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	iss := token.NewIssuer(mustKeys(t, &memStore{}, mustMaster(t), c.Now), issuerURL, c.Now)
	last := 0.0
	for _, step := range []time.Duration{0, time.Minute, -time.Hour, time.Minute, 2 * time.Hour} {
		c.Add(step)
		s, err := iss.Session(request("sess_1"))
		if err != nil {
			t.Fatal(err)
		}
		header, _ := parts(t, s.JWT)
		if at := header["oiat"].(float64); at < last {
			t.Errorf("oiat went from %f to %f", last, at)
		} else {
			last = at
		}
	}
}

func TestConcurrentCallersShareOneSignature(t *testing.T) {
	t.Parallel()
	c := newClock()
	iss := token.NewIssuer(mustKeys(t, &memStore{}, mustMaster(t), c.Now), issuerURL, c.Now)
	var mu sync.Mutex
	seen := map[string]int{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			s, err := iss.Session(request("sess_1"))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			seen[s.JWT]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Errorf("%d different tokens for 16 simultaneous callers", len(seen))
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	c := newClock()
	store, master := &memStore{}, mustMaster(t)
	k := mustKeys(t, store, master, c.Now)
	v := token.NewVerifier(k, issuerURL, c.Now)
	mint := func(k *token.Keys, url string) string {
		s, err := token.NewIssuer(k, url, c.Now).Session(request("sess_1"))
		if err != nil {
			t.Fatal(err)
		}
		return s.JWT
	}
	good := mint(k, issuerURL)
	claims, err := v.Session(good)
	if err != nil || claims.SessionID != "sess_1" || claims.Subject != "user_1" {
		t.Fatalf("claims %+v, %v", claims, err)
	}
	f := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + f[1] + "."
	for name, text := range map[string]string{
		"empty":            "",
		"garbage":          "a.b.c",
		"no signature":     f[0] + "." + f[1] + ".",
		"alg none":         none,
		"altered":          f[0] + "." + f[1][:len(f[1])-2] + "AA." + f[2],
		"foreign key":      mint(mustKeys(t, &memStore{}, master, c.Now), issuerURL),
		"another issuer":   mint(k, "https://other.test"),
		"trailing garbage": good + "A",
	} {
		if _, err := v.Session(text); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: err = %v, want ErrInvalid", name, err)
		}
	}
	c.Add(2 * time.Minute)
	claims, err = v.Session(good)
	if !errors.Is(err, token.ErrExpired) || claims.SessionID != "sess_1" {
		t.Errorf("expired: %+v, %v", claims, err)
	}
}

func TestCustomLifetimeIsNeverReused(t *testing.T) {
	t.Parallel()
	c := newClock()
	iss := token.NewIssuer(mustKeys(t, &memStore{}, mustMaster(t), c.Now), issuerURL, c.Now)
	r := request("sess_1")
	r.Lifetime = time.Hour
	seen := map[string]bool{}
	for range 2 {
		s, err := iss.Session(r)
		if err != nil {
			t.Fatal(err)
		}
		if s.ExpireAt.Sub(s.IssuedAt) != time.Hour {
			t.Errorf("valid for %v", s.ExpireAt.Sub(s.IssuedAt))
		}
		_, claims := parts(t, s.JWT)
		if claims["exp"].(float64)-claims["iat"].(float64) != 3600 {
			t.Errorf("claims %v", claims)
		}
		seen[s.JWT] = true
	}
	r.Lifetime = 0
	if s, err := iss.Session(r); err != nil || seen[s.JWT] || s.ExpireAt.Sub(s.IssuedAt) != time.Minute {
		t.Errorf("ordinary token after a long one: %+v, %v", s, err)
	}
	if len(seen) != 2 {
		t.Error("a token with its own lifetime was reused")
	}
}
