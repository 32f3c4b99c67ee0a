package ratelimit_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/perennialauth/perennial/internal/ratelimit"
)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestTake(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	l := ratelimit.New(ratelimit.Config{Burst: 3, Every: 10 * time.Second, Now: c.now})
	for i := range 3 {
		if _, ok := l.Take("a"); !ok {
			t.Fatalf("action %d of the burst refused", i+1)
		}
	}
	wait, ok := l.Take("a")
	if ok || wait != 10*time.Second {
		t.Fatalf("fourth action: %v, %v", wait, ok)
	}
	if _, ok := l.Take("b"); !ok {
		t.Error("another key was limited")
	}
	c.add(wait - time.Nanosecond)
	if _, ok := l.Take("a"); ok {
		t.Error("allowed before the announced time")
	}
	c.add(time.Nanosecond)
	if _, ok := l.Take("a"); !ok {
		t.Error("refused after the announced time")
	}
	c.add(time.Hour)
	for i := range 3 {
		if _, ok := l.Take("a"); !ok {
			t.Fatalf("after a pause, action %d refused", i+1)
		}
	}
	if _, ok := l.Take("a"); ok {
		t.Error("a long pause saved up more than the burst")
	}
	c.add(-24 * time.Hour)
	if wait, ok := l.Take("a"); ok || wait > 10*time.Second {
		t.Errorf("after the clock was set back: %v, %v; the wait must stay bounded", wait, ok)
	}
}

// Whatever the rhythm, no key gets more than burst + elapsed/every.
func TestNeverMoreThanTheRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{at: time.Unix(1_700_000_000, 0)}
		burst := rapid.IntRange(1, 5).Draw(t, "burst")
		every := time.Duration(rapid.IntRange(1, 1000).Draw(t, "every")) * time.Millisecond
		l := ratelimit.New(ratelimit.Config{Burst: burst, Every: every, Now: c.now})
		start, allowed := c.at, map[string]int{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			c.add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "gap")) * time.Millisecond)
			key := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key")
			if _, ok := l.Take(key); ok {
				allowed[key]++
			}
			if limit := burst + int(c.at.Sub(start)/every); allowed[key] > limit {
				t.Fatalf("%d allowed, limit %d", allowed[key], limit)
			}
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	l := ratelimit.New(ratelimit.Config{Burst: 2, Every: time.Hour, MaxKeys: 100, Now: c.now})
	for i := range 10_000 {
		if _, ok := l.Take(fmt.Sprint(i)); !ok {
			t.Fatal("a fresh key was refused")
		}
	}
	if n := ratelimit.Keys(l); n > 100 {
		t.Errorf("%d keys kept, bound 100", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	l := ratelimit.New(ratelimit.Config{Burst: 10, Every: time.Hour})
	var wg sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for range 64 {
		wg.Go(func() {
			if _, ok := l.Take("a"); ok {
				mu.Lock()
				allowed++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if allowed != 10 {
		t.Errorf("%d of 64 allowed, want 10", allowed)
	}
}

func TestAddressKey(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "": "unknown", "nonsense": "unknown",
	} {
		if got := ratelimit.AddressKey(address); got != want {
			t.Errorf("AddressKey(%q) = %q, want %q", address, got, want)
		}
	}
}
