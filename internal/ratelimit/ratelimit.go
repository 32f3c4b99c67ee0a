// Package ratelimit owns how often something may happen per key: per client
// address, per account, per identifier.
//
// It offers [Limiter], a bounded set of token buckets in memory, and
// [AddressKey], which groups the addresses one attacker can use at will.
//
// It refuses to be a verdict about anything but frequency, to keep state
// across restarts, and to grow with the number of keys it sees.
package ratelimit

import (
	"net/netip"
	"sync"
	"time"
)

// Config describes the buckets of a [Limiter].
type Config struct {
	Burst   int              // actions allowed at once
	Every   time.Duration    // time in which one more becomes allowed
	MaxKeys int              // bound on remembered keys; zero means 100,000
	Now     func() time.Time // zero means time.Now
}

const defaultMaxKeys = 100_000

// Limiter limits per key. It is safe for concurrent use.
type Limiter struct {
	burst   time.Duration // the whole bucket, as time
	every   time.Duration
	maxKeys int
	now     func() time.Time

	mu sync.Mutex
	// Two generations bound memory without a list of last uses. A bucket that
	// was not used for as long as it takes to refill equals an absent one, so
	// dropping a generation of that age forgets nothing.
	young, old map[string]time.Time
	turnedAt   time.Time
}

// New returns a limiter. It panics on a configuration that could never allow
// anything.
func New(c Config) *Limiter {
	if c.Burst < 1 || c.Every <= 0 {
		panic("ratelimit: internal error: burst and interval must be positive")
	}
	if c.MaxKeys == 0 {
		c.MaxKeys = defaultMaxKeys
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Limiter{
		burst: time.Duration(c.Burst) * c.Every, every: c.Every, maxKeys: c.MaxKeys, now: c.Now,
		young: make(map[string]time.Time),
	}
}

// Take asks for one action of key. When it is not allowed, wait is the time
// until it would be; a refused action costs nothing, so that a client which
// honours Retry-After always gets through.
//
// A bucket is stored as one instant: when it will be full again. It lies at
// most one whole bucket ahead of now.
func (l *Limiter) Take(key string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.turn(now)
	full, known := l.young[key]
	if !known {
		full = l.old[key]
	}
	if full.Before(now) {
		full = now
	}
	if limit := now.Add(l.burst); full.After(limit) {
		full = limit // the clock was set back: never punish for longer than a whole bucket
	}
	full = full.Add(l.every)
	if over := full.Sub(now) - l.burst; over > 0 {
		return over, false
	}
	l.young[key] = full
	return 0, true
}

// turn starts a new generation when the current one is full or older than a
// whole bucket. Under more keys than the bound, the least recently used ones
// get a fresh bucket: an attacker with that many keys is not limited by any of
// them anyway, and memory stays bounded.
func (l *Limiter) turn(now time.Time) {
	age := now.Sub(l.turnedAt)
	if len(l.young) < l.maxKeys/2 && age < l.burst && age >= 0 {
		return
	}
	l.old, l.young, l.turnedAt = l.young, make(map[string]time.Time), now
}

// AddressKey is the key to limit a client address by: an IPv4 address itself,
// and the /64 network of an IPv6 address, as one household or server owns at
// least that many.
func AddressKey(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
