package callbackvault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/callbackvault"
	"github.com/perennialauth/perennial/device/vault/vaulttest"
)

const tenant = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{"no limit": 0, "256 bytes": 256, "2048 bytes": 2048} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vaulttest.Run(t, func(*testing.T) vaulttest.Opener {
				h := newHost()
				h.limit = limit
				return func() vault.Vault { return open(h) }
			})
		})
	}
	t.Run("lock folder", func(t *testing.T) {
		t.Parallel()
		vaulttest.Run(t, func(t *testing.T) vaulttest.Opener {
			h, dir := newHost(), t.TempDir()
			return func() vault.Vault {
				config := h.config()
				config.LockDir = dir
				return mustOpen(config)
			}
		})
	})
}

// torn-write, at every writing call of the host's store, done and not done.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 256} {
		for _, applied := range []bool{false, true} {
			t.Run(fmt.Sprintf("limit %d, cut call applied %v", limit, applied), func(t *testing.T) {
				t.Parallel()
				for cut := 1; saveUntilCut(t, limit, cut, applied); cut++ {
				}
			})
		}
	}
}

// saveUntilCut reports whether the power failed before the save ended.
func saveUntilCut(t *testing.T, limit, cut int, applied bool) bool {
	t.Helper()
	h := newHost()
	h.limit = limit
	four, five := strings.Repeat("4", 3000), strings.Repeat("5", 2500)
	save(t, open(h), vault.Version{}, version(3), strings.Repeat("3", 3500))
	save(t, open(h), version(3), version(4), four)
	h.change(func(h *host) { h.calls, h.cut, h.applied = 0, cut, applied })
	saved := open(h).Save(t.Context(), vault.Change{Previous: version(4), Next: version(5), Body: []byte(five)})

	restarted := h.clone()
	got := open(restarted).Load(t.Context())
	isFour := got.Version == version(4) && string(got.Body) == four
	isFive := got.Version == version(5) && string(got.Body) == five
	if !isFour && !isFive || saved.Answer == vault.Stored && !isFive {
		t.Fatalf("cut at call %d, save answered %s: restart found %s %v %s", cut, saved.Answer, got.Answer, got.Version, got.Detail)
	}
	save(t, open(restarted), got.Version, version(6), "six")
	mustFind(t, open(restarted), version(6), "six")
	return h.powerOut
}

// value-size-limit: records around the limit, in parts measured in bytes.
func TestSizesAroundTheLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1024, 1280, 2048, 2560} {
		h := newHost()
		h.limit = limit
		previous := vault.Version{}
		for i, size := range []int{limit - 1, limit, limit + 1, 10 * limit, 3} {
			body := strings.Repeat("é", size/2+1)[:size]
			next := version(uint64(i + 1))
			save(t, open(h), previous, next, body)
			mustFind(t, open(h), next, body)
			previous = next
		}
		save(t, open(h), previous, version(9), "small")
		save(t, open(h), version(9), version(10), "small")
		for _, name := range h.names() {
			if strings.Contains(name, ".0-") || strings.Contains(name, ".1-") {
				t.Errorf("limit %d: part %s stayed behind", limit, name)
			}
		}
	}
}

func TestRefusalsAreNeverAbsent(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		break_ func(h *host)
		want   vault.Answer
	}{
		"locked":          {func(h *host) { h.fault = fmt.Errorf("errSec: %w", callbackvault.ErrLocked) }, vault.Locked},
		"denied":          {func(h *host) { h.fault = callbackvault.ErrDenied }, vault.AccessDenied},
		"failed":          {func(h *host) { h.fault = errors.New("sk_secret in an error text") }, vault.Failed},
		"panics":          {func(h *host) { h.panics = true }, vault.Failed},
		"reads as empty":  {func(h *host) { h.empty = true }, vault.Locked},
		"reads as blank":  {func(h *host) { h.blank = true }, vault.Failed},
		"key of all gone": {loseAll, vault.KeyMissing},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost()
			save(t, open(h), vault.Version{}, version(4), "four")
			before := h.clone()
			h.change(c.break_)
			got := open(h).Load(t.Context())
			if got.Answer != c.want || strings.Contains(got.Detail, "sk_secret") {
				t.Errorf("load: got %s %q, want %s", got.Answer, got.Detail, c.want)
			}
			if got := open(h).Save(t.Context(), vault.Change{Next: version(1), Body: []byte("x")}); got.Answer != c.want {
				t.Errorf("save: got %s %q, want %s", got.Answer, got.Detail, c.want)
			}
			if diff := cmp.Diff(before.values, h.values); diff != "" {
				t.Errorf("values changed (-before +after):\n%s", diff)
			}
			h.change(func(h *host) {
				h.fault, h.panics, h.empty, h.blank, h.lost = nil, false, false, false, map[string]bool{}
			})
			mustFind(t, open(h), version(4), "four")
		})
	}
}

// A first run on a store that is closed: it answers absent to everything.
func TestClosedStoreOnFirstRun(t *testing.T) {
	t.Parallel()
	h := newHost()
	h.empty = true
	if got := open(h).Load(t.Context()); got.Answer != vault.Locked {
		t.Errorf("got %s, want locked", got.Answer)
	}
	h.change(func(h *host) { h.empty = false })
	if got := open(h).Load(t.Context()); got.Answer != vault.Absent {
		t.Errorf("open and empty: got %s %s, want absent", got.Answer, got.Detail)
	}
	if names := h.names(); len(names) != 0 {
		t.Errorf("the probe left %v", names)
	}
}

// decryption-key-gone: once said, and a sign-in works.
func TestKeyLost(t *testing.T) {
	t.Parallel()
	h := newHost()
	save(t, open(h), vault.Version{}, version(4), "four")
	h.change(loseAll)
	got := open(h).Save(t.Context(), vault.Change{Next: version(1), Body: []byte("new"), Beside: true})
	if got.Answer != vault.Stored {
		t.Fatalf("sign-in: got %s %s", got.Answer, got.Detail)
	}
	mustFind(t, open(h.clone()), version(1), "new")
}

func TestDamageIsSetAside(t *testing.T) {
	t.Parallel()
	h := newHost()
	save(t, open(h), vault.Version{}, version(4), "four")
	damaged := []byte("w damaged")
	h.change(func(h *host) {
		for name := range h.values {
			if strings.HasPrefix(name, "session-") {
				h.values[name] = damaged
			}
		}
	})
	if got := open(h).Load(t.Context()); got.Answer != vault.Corrupt {
		t.Fatalf("got %s %s, want corrupt", got.Answer, got.Detail)
	}
	if got := open(h).Save(t.Context(), vault.Change{Next: version(1), Body: []byte("new"), Beside: true}); got.Answer != vault.Stored {
		t.Fatalf("sign-in: got %s %s", got.Answer, got.Detail)
	}
	kept := 0
	h.change(func(h *host) {
		for name, value := range h.values {
			if strings.Contains(name, "quarantine") && bytes.Equal(value, damaged) {
				kept++
			}
		}
	})
	if kept == 0 {
		t.Errorf("the damaged value was not kept: %v", h.names())
	}
}

func TestHangingHost(t *testing.T) {
	t.Parallel()
	h := newHost()
	save(t, open(h), vault.Version{}, version(4), "four")
	hang := make(chan struct{})
	h.hang = hang
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got := open(h).Load(ctx); got.Answer != vault.Failed {
		t.Errorf("got %s, want failed", got.Answer)
	}
	close(hang)
	mustFind(t, open(h), version(4), "four")
}

func TestOpenRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	good := newHost().config()
	for name, spoil := range map[string]func(*callbackvault.Config){
		"no get":    func(c *callbackvault.Config) { c.Get = nil },
		"no set":    func(c *callbackvault.Config) { c.Set = nil },
		"no delete": func(c *callbackvault.Config) { c.Delete = nil },
		"no tenant": func(c *callbackvault.Config) { c.Tenant = "" },
		"tiny":      func(c *callbackvault.Config) { c.MaxValue = 10 },
		"bad item":  func(c *callbackvault.Config) { c.Item = "A/B" },
	} {
		config := good
		spoil(&config)
		if _, err := callbackvault.Open(config); err == nil {
			t.Errorf("%s: open succeeded", name)
		}
	}
}

// Names must be fit for the narrowest store there is.
func TestNames(t *testing.T) {
	t.Parallel()
	h := newHost()
	h.limit = 256
	save(t, open(h), vault.Version{}, version(1), strings.Repeat("x", 5000))
	for _, name := range h.names() {
		const allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-"
		if strings.Trim(name, allowed) != "" || len(name) > 100 {
			t.Errorf("name %q", name)
		}
	}
}

func open(h *host) *callbackvault.Vault { return mustOpen(h.config()) }

func mustOpen(config callbackvault.Config) *callbackvault.Vault {
	v, err := callbackvault.Open(config)
	if err != nil {
		panic(err)
	}
	return v
}

func version(n uint64) vault.Version { return vault.Version{Lineage: "first", Generation: n} }

func loseAll(h *host) {
	for name := range h.values {
		h.lost[name] = true
	}
}

func save(t *testing.T, v vault.Vault, previous, next vault.Version, body string) {
	t.Helper()
	got := v.Save(t.Context(), vault.Change{Previous: previous, Next: next, Body: []byte(body)})
	if got.Answer != vault.Stored {
		t.Fatalf("save of %v: got %s %s", next, got.Answer, got.Detail)
	}
}

func mustFind(t *testing.T, v vault.Vault, want vault.Version, body string) {
	t.Helper()
	got := v.Load(t.Context())
	if got.Answer != vault.Found || got.Version != want || string(got.Body) != body {
		t.Fatalf("load: got %s %v (%d bytes) %s, want %v (%d bytes)",
			got.Answer, got.Version, len(got.Body), got.Detail, want, len(body))
	}
}
