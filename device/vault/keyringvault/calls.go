package keyringvault

import (
	"context"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device/vault"
)

// calls performs calls to a secret store that may answer late or never. Each
// runs in a goroutine of its own, which stays behind when the wait is over; the
// answer that comes after all serves the next caller who asks the same.
type calls struct {
	secrets Secrets
	limit   time.Duration

	mu      sync.Mutex
	pending map[string]*pending
	running int
}

// pending is a read that has not been answered, or not been collected.
type pending struct {
	done   chan struct{}
	since  time.Time
	secret string
	err    error
}

const (
	// maxRunning bounds the goroutines that a dead store can collect.
	maxRunning = 8
	// abandonAfter is when an unanswered read is given up and asked anew: the
	// store may have been restarted and forgotten the first question.
	abandonAfter = 20 * time.Second
)

func newCalls(secrets Secrets, limit time.Duration) *calls {
	return &calls{secrets: secrets, limit: limit, pending: map[string]*pending{}}
}

// get reads a secret, sharing a read that is still running.
func (c *calls) get(name string) (string, error) {
	p, err := c.join(name)
	if err != nil {
		return "", err
	}
	timer := time.NewTimer(c.limit)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.secret, p.err
	case <-timer.C:
		return "", c.late()
	}
}

func (c *calls) join(name string) (*pending, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.pending[name]; p != nil && time.Since(p.since) < abandonAfter {
		return p, nil
	}
	p := &pending{done: make(chan struct{}), since: time.Now()}
	err := c.startLocked(func() {
		p.secret, p.err = c.secrets.Get(name)
		c.mu.Lock()
		if c.pending[name] == p {
			delete(c.pending, name)
		}
		c.mu.Unlock()
		close(p.done)
	})
	if err != nil {
		return nil, err
	}
	c.pending[name] = p
	return p, nil
}

// change performs a call that writes.
func (c *calls) change(call func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.limit)
	defer cancel()
	return c.run(ctx, call)
}

func (c *calls) run(ctx context.Context, call func() error) error {
	done := make(chan error, 1)
	c.mu.Lock()
	err := c.startLocked(func() { done <- call() })
	c.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return c.late()
	}
}

func (c *calls) startLocked(call func()) error {
	if c.running >= maxRunning {
		return &Refusal{Answer: vault.Failed, Detail: "the secret store has left many calls unanswered"}
	}
	c.running++
	go func() {
		call()
		c.mu.Lock()
		c.running--
		c.mu.Unlock()
	}()
	return nil
}

// ask has the store open itself, if it can.
func (c *calls) ask(ctx context.Context) error {
	if opener, ok := c.secrets.(Opener); ok {
		return c.run(ctx, opener.Ask)
	}
	return nil
}

func (c *calls) late() error {
	return &Refusal{Answer: vault.Failed, Detail: "the secret store did not answer in time"}
}
