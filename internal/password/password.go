// Package password owns how passwords are hashed, compared and judged.
//
// It offers [Hasher], which runs argon2id in a bounded pool and does the same
// work for an account that does not exist as for one that does, and the rules
// a new password must meet.
//
// It refuses to hash without bound (each hash takes tens of milliseconds and
// megabytes, so a flood of sign-ins would stop the server), to know whose
// password it is, and to keep one in clear.
package password

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Config sets the cost of new hashes and the bounds of the pool. Zero values
// take the defaults of [Default].
type Config struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
	Workers   int // hashes computed at once
	Queue     int // callers that may wait for a worker
	Entropy   io.Reader
	// Idle, if not nil, is called when a burst of hashes is over for a few
	// seconds. Each leaves megabytes of garbage, and a process that then does
	// little would keep them: nothing else makes it collect soon.
	Idle func()
}

// idleAfter is how long a pause must be to count as the end of a burst.
const idleAfter = 5 * time.Second

// Default is the cost recommended for argon2id where memory is shared with
// other work (19 MiB, two passes, one lane), as many workers as processors,
// and a queue that is worked off within about two seconds.
func Default() Config {
	workers := runtime.GOMAXPROCS(0)
	return Config{MemoryKiB: 19 * 1024, Passes: 2, Threads: 1, Workers: workers, Queue: 64 * workers, Entropy: rand.Reader}
}

// Cheapest is [Default] at the lowest cost argon2id permits, for tests and
// simulations where the hash itself is not the subject.
func Cheapest() Config {
	c := Default()
	c.MemoryKiB, c.Passes = 8, 1
	return c
}

// Hasher hashes and verifies passwords. It is safe for concurrent use.
type Hasher struct {
	params  params
	entropy io.Reader
	workers chan struct{} // one token per running hash
	waiting atomic.Int64
	queue   int64
	dummy   auth.PasswordHash
	idle    *time.Timer // nil when nobody wants to know

	hashes, verifies atomic.Int64
}

// NewHasher returns a hasher.
func NewHasher(c Config) (*Hasher, error) {
	d := Default()
	if c.MemoryKiB == 0 {
		c.MemoryKiB, c.Passes, c.Threads = d.MemoryKiB, d.Passes, d.Threads
	}
	if c.Workers <= 0 {
		c.Workers = d.Workers
	}
	if c.Queue <= 0 {
		c.Queue = 64 * c.Workers
	}
	if c.Entropy == nil {
		c.Entropy = d.Entropy
	}
	h := &Hasher{
		params:  params{variant: argon2id, memory: c.MemoryKiB, passes: c.Passes, threads: c.Threads},
		entropy: c.Entropy, workers: make(chan struct{}, c.Workers), queue: int64(c.Queue),
	}
	// The stand-in is random bytes in the form of a hash: comparing with it
	// costs what any comparison does, no password equals it, and it costs
	// nothing at start.
	random := make([]byte, 16+hashSize)
	if _, err := io.ReadFull(h.entropy, random); err != nil {
		return nil, fmt.Errorf("read entropy for password stand-in: %w", err)
	}
	h.dummy = h.params.encode(random[:16], random[16:])
	if c.Idle != nil {
		h.idle = time.AfterFunc(idleAfter, c.Idle)
		h.idle.Stop() // nothing was hashed yet
	}
	return h, nil
}

// Stats counts the work done, so that tests can prove that two requests that
// must look alike did the same.
type Stats struct {
	Hashes   int64 // new hashes
	Verifies int64 // comparisons, those against the stand-in included
}

// Stats returns the work done so far.
func (h *Hasher) Stats() Stats { return Stats{h.hashes.Load(), h.verifies.Load()} }

// Hash returns the hash of a new password. It does not judge it, see
// [CheckNew]. When the pool is full it returns an error matching
// [auth.ErrUnavailable]; when ctx ends first, its error.
func (h *Hasher) Hash(ctx context.Context, plain string) (auth.PasswordHash, error) {
	salt, err := h.salt()
	if err != nil {
		return auth.PasswordHash{}, err
	}
	if err := h.acquire(ctx); err != nil {
		return auth.PasswordHash{}, err
	}
	defer h.release()
	h.hashes.Add(1)
	return h.params.hash(plain, salt), nil
}

// Verify says whether plain is the password of the hash. An empty hash, an
// account without a password or no account at all, costs the same and is
// never right. Errors are those of [Hasher.Hash], and one for a stored hash
// that cannot be read.
func (h *Hasher) Verify(ctx context.Context, hash auth.PasswordHash, plain string) (bool, error) {
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer h.release()
	h.verifies.Add(1)
	if hash.Empty() || cheap(hash.Reveal()) {
		if _, err := compare(h.dummy.Reveal(), plain); hash.Empty() || err != nil {
			return false, err
		}
	}
	return compare(hash.Reveal(), plain)
}

// compare says whether plain made encoded, in time that depends on the stored
// parameters only. Imported hashes are compared as what they are.
func compare(encoded, plain string) (bool, error) {
	verify, err := read(encoded)
	if err != nil {
		return false, err
	}
	return verify(plain)
}

// Outdated says whether a hash that verified should be replaced by a new one:
// it was imported from another system or made at another cost.
func (h *Hasher) Outdated(hash auth.PasswordHash) bool {
	p, _, _, err := parseArgon2(hash.Reveal())
	return err != nil || p != h.params
}

// acquire waits for a worker. The wait is bounded by the queue, so that under
// a flood callers are told at once to come back instead of timing out.
func (h *Hasher) acquire(ctx context.Context) error {
	select {
	case h.workers <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > h.queue {
		h.waiting.Add(-1)
		return &auth.Error{Code: auth.CodeServiceUnavailable, Retry: 2 * time.Second, Cause: errBusy}
	}
	defer h.waiting.Add(-1)
	select {
	case h.workers <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errBusy = fmt.Errorf("password hashing is at capacity: %w", auth.ErrUnavailable)

func (h *Hasher) release() {
	<-h.workers
	if h.idle != nil {
		h.idle.Reset(idleAfter)
	}
}

func (h *Hasher) salt() ([]byte, error) {
	salt := make([]byte, 16)
	if _, err := io.ReadFull(h.entropy, salt); err != nil {
		return nil, fmt.Errorf("read entropy for password salt: %w", err)
	}
	return salt, nil
}
