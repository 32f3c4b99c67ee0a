package token

import (
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// reuseCapacity bounds each of the two generations of the cache. A token is
// about one kilobyte, so the cache stays below ten megabytes.
const reuseCapacity = 4096

// cacheKey is everything a session token is made of besides the clock.
type cacheKey struct {
	kid           string
	session       auth.SessionID
	user          auth.UserID
	status        auth.SessionStatus
	azp           string
	version       ClaimsVersion
	org           string
	actor         auth.Actor
	custom        [32]byte // hash of the instance's own claims
	first, second int64
}

// slot holds one signature, made once by whoever comes first.
type slot struct {
	once   sync.Once
	signed Signed
	err    error
}

// reusable says whether the token is valid long enough and new enough.
func (s *slot) reusable(now, notBefore time.Time) bool {
	return !now.Before(s.signed.IssuedAt) &&
		s.signed.ExpireAt.Sub(now) >= ReuseMinimum &&
		!s.signed.IssuedAt.Before(notBefore.Truncate(time.Second))
}

// reuseCache keeps slots for about the time a token may be reused. Two
// generations replace an eviction list: entries only matter for seconds, so
// dropping all older ones at once costs nothing.
type reuseCache struct {
	capacity int

	mu       sync.Mutex
	young    map[cacheKey]*slot
	old      map[cacheKey]*slot
	turnedAt time.Time
}

func newReuseCache(capacity int) *reuseCache {
	return &reuseCache{capacity: capacity, young: make(map[cacheKey]*slot)}
}

// slot returns the slot of key, an empty one when there is none.
func (c *reuseCache) slot(key cacheKey, now time.Time) *slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := now.Sub(c.turnedAt); len(c.young) >= c.capacity || age > SessionLifetime-ReuseMinimum || age < 0 {
		c.old, c.young, c.turnedAt = c.young, make(map[cacheKey]*slot), now
	}
	s := c.young[key]
	if s == nil {
		s = c.old[key]
	}
	if s == nil {
		s = &slot{}
		c.young[key] = s
	}
	return s
}

// drop forgets s, unless somebody has replaced it already.
func (c *reuseCache) drop(key cacheKey, s *slot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young[key] == s {
		delete(c.young, key)
	}
	if c.old[key] == s {
		delete(c.old, key)
	}
}
