package sqlstore

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	// queueLimit bounds the changes that wait. Beyond it the store says at once
	// that it is unavailable, so that callers can shed load.
	queueLimit = 1024
	// batchLimit bounds one transaction, and with it the wait of its first change.
	batchLimit = 256
	// outcomeWait is how long a caller whose context ended still waits for the
	// outcome of a change that is being written.
	outcomeWait = 2 * time.Second
)

var errClosed = fmt.Errorf("the store is closed: %w", auth.ErrUnavailable)

// change is one unit of writing: all of apply becomes durable or none of it.
type change struct {
	apply   func(*conn) error
	touches touched
	state   atomic.Int32
	err     error // readable after done is closed
	done    chan struct{}
}

// States of a change.
const (
	waiting = iota
	claimed // the writer will write it
	dropped // its caller gave up first; it is never written
)

// write queues apply, which touches these clients, and returns once it is
// durable or failed. A context error means that nothing was or will be written.
// [auth.ErrUnavailable] says nothing about the outcome.
func (s *Store) write(ctx context.Context, op string, touches touched, apply func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &change{apply: apply, touches: touches, done: make(chan struct{})}
	if err := s.enqueue(c); err != nil {
		return failure(ctx, op, err)
	}
	select {
	case <-c.done:
		return failure(ctx, op, c.err)
	case <-ctx.Done():
	}
	if c.state.CompareAndSwap(waiting, dropped) {
		return ctx.Err()
	}
	late := time.NewTimer(outcomeWait)
	defer late.Stop()
	select {
	case <-c.done:
		return failure(ctx, op, c.err)
	case <-late.C:
		return fmt.Errorf("%s: outcome unknown: %w", op, auth.ErrUnavailable)
	}
}

func (s *Store) enqueue(c *change) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return errClosed
	}
	select {
	case s.queue <- c:
		return nil
	default:
		return fmt.Errorf("too many changes wait: %w", auth.ErrUnavailable)
	}
}

// writeLoop is the only goroutine that writes. It ends when the queue is closed
// and empty.
func (s *Store) writeLoop() {
	defer close(s.stopped)
	idle := time.NewTicker(watchInterval)
	defer idle.Stop()
	var batch []*change
	for {
		select {
		case <-idle.C:
			s.watch()
		case first, ok := <-s.queue:
			if !ok {
				return
			}
			if len(batch) > 1 {
				// The callers just answered are about to come back: let them, so
				// that they share this flush instead of waiting for it.
				runtime.Gosched()
			}
			batch = s.gather(append(batch[:0], first))
			s.commit(batch)
			clear(batch) // a change may hold megabytes
		}
	}
}

// gather adds what is queued already to a batch.
func (s *Store) gather(batch []*change) []*change {
	for len(batch) < batchLimit {
		select {
		case c, ok := <-s.queue:
			if !ok {
				return batch
			}
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch in one transaction and then answers every change in it.
func (s *Store) commit(batch []*change) {
	live := batch[:0]
	for _, c := range batch {
		if c.state.CompareAndSwap(waiting, claimed) {
			live = append(live, c)
		}
	}
	if len(live) == 0 {
		return
	}
	s.clients.begin(touchedByAll(live))
	err := s.transact(live)
	s.clients.end(err)
	if err != nil {
		for _, c := range live {
			if c.err == nil || !expected(c.err) {
				c.err = err
			}
		}
	}
	for _, c := range live {
		if c.err != nil && !expected(c.err) {
			s.readyAt.Store(nil)
		}
		close(c.done)
	}
}

var (
	beginWrite = fixed(`BEGIN IMMEDIATE`)
	commitAll  = fixed(`COMMIT`)
	savepoint  = fixed(`SAVEPOINT change`)
	release    = fixed(`RELEASE change`)
	undo       = fixed(`ROLLBACK TO change`)
)

// transact applies each change inside its own savepoint, so that one that fails
// takes nothing with it, and makes the others durable together. An error means
// that none of them is known to be durable.
func (s *Store) transact(batch []*change) (err error) {
	c, err := s.writer()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			s.dropWriter(err)
		}
	}()
	if _, err := c.exec(beginWrite); err != nil {
		return err
	}
	for _, change := range batch {
		if change.err, err = c.isolated(change.apply); err != nil {
			return err
		}
	}
	if _, err = c.exec(commitAll); err != nil {
		return err
	}
	return c.checkPlace()
}

// isolated runs apply in a savepoint. failed is the error of apply after its
// traces were removed; err is trouble that ended the whole transaction.
func (c *conn) isolated(apply func(*conn) error) (failed, err error) {
	if _, err := c.exec(savepoint); err != nil {
		return nil, err
	}
	failed = apply(c)
	if failed != nil {
		if c.db.GetAutocommit() { // the database rolled everything back by itself
			return failed, failed
		}
		if _, err := c.exec(undo); err != nil {
			return failed, err
		}
	}
	_, err = c.exec(release)
	return failed, err
}
