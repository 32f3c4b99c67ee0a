package password_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/password"
)

func mustHasher(t testing.TB, c password.Config) *password.Hasher {
	t.Helper()
	h, err := password.NewHasher(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	h := mustHasher(t, password.Cheapest())
	hash, err := h.Hash(t.Context(), "a long enough phrase")
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Hash(t.Context(), "a long enough phrase")
	if err != nil || again.Reveal() == hash.Reveal() {
		t.Error("two hashes of one password are equal: is there a salt?")
	}
	for plain, want := range map[string]bool{
		"a long enough phrase": true, "a long enough phrase ": false, "A long enough phrase": false, "": false,
	} {
		got, err := h.Verify(t.Context(), hash, plain)
		if err != nil || got != want {
			t.Errorf("Verify(%q) = %v, %v", plain, got, err)
		}
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", hash, hash, hash), hash.Reveal()[:10]) {
		t.Error("hash is printable")
	}
}

func TestDefaultCostIsEncoded(t *testing.T) {
	t.Parallel()
	hash, err := mustHasher(t, password.Config{}).Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("encoded as %s…", hash.Reveal()[:40])
	}
}

// An account that does not exist must cost what one that does costs.
func TestUnknownAccountDoesTheSameWork(t *testing.T) {
	t.Parallel()
	h := mustHasher(t, password.Cheapest())
	hash, err := h.Hash(t.Context(), "right")
	if err != nil {
		t.Fatal(err)
	}
	before := h.Stats()
	if ok, err := h.Verify(t.Context(), hash, "wrong"); ok || err != nil {
		t.Fatal(ok, err)
	}
	known := h.Stats().Verifies - before.Verifies
	for _, plain := range []string{"wrong", ""} {
		if ok, err := h.Verify(t.Context(), auth.PasswordHash{}, plain); ok || err != nil {
			t.Fatalf("empty hash with %q: %v, %v", plain, ok, err)
		}
	}
	if unknown := (h.Stats().Verifies - before.Verifies - known) / 2; unknown != known {
		t.Errorf("work for unknown %d, known %d", unknown, known)
	}
}

func TestForeignHashes(t *testing.T) {
	t.Parallel()
	h := mustHasher(t, password.Cheapest())
	bc, err := bcrypt.GenerateFromPassword([]byte("imported one"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	argon := fmt.Sprintf("$argon2i$v=19$m=64,t=3,p=2$c29tZXNhbHQ$%s",
		b64(argon2.Key([]byte("imported one"), []byte("somesalt"), 3, 64, 2, 24)))
	for name, encoded := range map[string]string{"bcrypt": string(bc), "argon2i": argon} {
		hash := auth.NewPasswordHash(encoded)
		if ok, err := h.Verify(t.Context(), hash, "imported one"); !ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		if ok, err := h.Verify(t.Context(), hash, "another"); ok || err != nil {
			t.Errorf("%s wrong password: %v, %v", name, ok, err)
		}
		if !h.Outdated(hash) {
			t.Errorf("%s would never be upgraded", name)
		}
	}
	own, err := h.Hash(t.Context(), "imported one")
	if err != nil || h.Outdated(own) {
		t.Errorf("own hash outdated, %v", err)
	}
}

func TestUnreadableHashes(t *testing.T) {
	t.Parallel()
	h := mustHasher(t, password.Cheapest())
	for _, encoded := range []string{
		"plain", "$argon2id$", "$argon2id$v=18$m=8,t=1,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=99999999,t=1,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=8,t=0,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=8,t=1,p=0$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=8,t=1,p=1,x=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$", "$2b$04$short",
	} {
		ok, err := h.Verify(t.Context(), auth.NewPasswordHash(encoded), "x")
		if ok || err == nil {
			t.Errorf("%q: %v, %v", encoded, ok, err)
		} else if strings.Contains(err.Error(), "c2Fsd") {
			t.Errorf("error shows the hash: %v", err)
		}
	}
}

func TestPoolIsBounded(t *testing.T) {
	t.Parallel()
	c := password.Cheapest()
	c.Workers, c.Queue = 1, 2
	synctest.Test(t, func(t *testing.T) {
		h := mustHasher(t, c) // inside the bubble, so that waiting on it counts as idle
		release := password.Occupy(h)
		var wg sync.WaitGroup
		results := make(chan error, 2)
		for range 2 {
			wg.Go(func() {
				_, err := h.Hash(t.Context(), "x")
				results <- err
			})
		}
		synctest.Wait()
		_, err := h.Hash(t.Context(), "x")
		var refused *auth.Error
		if !errors.Is(err, auth.ErrUnavailable) || !errors.As(err, &refused) || refused.Retry == 0 {
			t.Errorf("full queue: err = %v", err)
		}
		release()
		wg.Wait()
		for range 2 {
			if err := <-results; err != nil {
				t.Errorf("queued caller: %v", err)
			}
		}
	})
}

func TestIdleIsToldOncePerBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Int64
		c := password.Cheapest()
		c.Idle = func() { told.Add(1) }
		h := mustHasher(t, c)
		time.Sleep(time.Minute) // virtual
		if synctest.Wait(); told.Load() != 0 {
			t.Error("told without a burst")
		}
		for range 3 {
			if _, err := h.Hash(t.Context(), "x"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if synctest.Wait(); told.Load() != 0 {
			t.Error("told during the burst")
		}
		time.Sleep(time.Minute)
		if synctest.Wait(); told.Load() != 1 {
			t.Errorf("told %d times after the burst", told.Load())
		}
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	c := password.Cheapest()
	c.Workers = 1
	h := mustHasher(t, c)
	defer password.Occupy(h)()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Verify(ctx, auth.PasswordHash{}, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestCheckNew(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, plain string
		want        auth.Code
	}{
		{"good", "tangerine-orbit-17", ""},
		{"exactly eight", "xk3!mq9z", ""},
		{"eight letters outside ASCII", "пароль№1", ""},
		{"exactly 72", strings.Repeat("xy", 36), ""},
		{"seven", "xk3!mq9", auth.CodePasswordTooShort},
		{"empty", "", auth.CodePasswordTooShort},
		{"seven runes in 14 bytes", "яяяцццы", auth.CodePasswordTooShort},
		{"73", strings.Repeat("x", 73), auth.CodePasswordTooLong},
		{"common", "password123", auth.CodePasswordPwned},
		{"common in capitals", "QWERTYUIOP", auth.CodePasswordPwned},
		{"one character", "zzzzzzzzzzzz", auth.CodePasswordPwned},
		{"nul", "abc\x00defgh", auth.CodeParamFormatInvalid},
		{"invalid utf-8", "abcdefgh\xff", auth.CodeParamFormatInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := password.CheckNew(auth.PasswordSettings{}, tt.plain, "new_password")
			if tt.want == "" {
				if err != nil {
					t.Errorf("err = %v", err)
				}
				return
			}
			var e *auth.Error
			if !errors.As(err, &e) || e.Code != tt.want || e.Param != "new_password" {
				t.Errorf("err = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestCommonListIsUsable(t *testing.T) {
	t.Parallel()
	list := password.Common()
	if !slices.IsSorted(list) || len(list) < 300 {
		t.Error("list must be sorted and not empty")
	}
	for _, s := range list {
		if len(s) < password.MinLength || s != strings.ToLower(s) {
			t.Errorf("%q can never match", s)
		}
	}
}
