package sqlstore

import (
	"context"
	"errors"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/perennialauth/perennial/internal/auth"
)

// readers lends connections that only read. They are opened when needed, up to
// a limit, and the one used last is lent first, because its cache is warm.
type readers struct {
	dial func() (*conn, error)
	slot chan struct{} // holds one element for each connection that is lent

	mu     sync.Mutex
	free   []*conn
	epoch  int // rises with every reset; older connections are not lent again
	closed bool
}

func newReaders(dial func() (*conn, error), limit int) *readers {
	return &readers{dial: dial, slot: make(chan struct{}, limit)}
}

func (r *readers) take(ctx context.Context) (*conn, error) {
	select {
	case r.slot <- struct{}{}:
	default:
		select {
		case r.slot <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c, err := r.pick()
	if err != nil {
		<-r.slot
	}
	return c, err
}

// pick returns a free connection, or a new one.
func (r *readers) pick() (*conn, error) {
	r.mu.Lock()
	closed, epoch := r.closed, r.epoch
	if n := len(r.free); n > 0 && !closed {
		c := r.free[n-1]
		r.free = r.free[:n-1]
		r.mu.Unlock()
		return c, nil
	}
	r.mu.Unlock()
	if closed {
		return nil, errClosed
	}
	c, err := r.dial()
	if err != nil {
		return nil, err
	}
	c.epoch = epoch
	return c, nil
}

// open says whether there is a connection.
func (r *readers) open() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.free)+len(r.slot) > 0
}

// give takes a connection back; a broken or outdated one is closed instead of
// lent again.
func (r *readers) give(c *conn, broken bool) {
	defer func() { <-r.slot }()
	r.mu.Lock()
	keep := !broken && !r.closed && c.epoch == r.epoch
	if keep {
		r.free = append(r.free, c)
	}
	r.mu.Unlock()
	if !keep {
		_ = c.close() // nothing was written on it
	}
}

// reset makes every connection opened so far the last of its kind.
func (r *readers) reset() {
	r.mu.Lock()
	r.epoch++
	free := r.free
	r.free = nil
	r.mu.Unlock()
	for _, c := range free {
		_ = c.close() // nothing was written on it
	}
}

// close closes what is free now; what is lent is closed when it comes back.
func (r *readers) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.reset()
}

var (
	beginRead = fixed(`BEGIN`)
	endRead   = fixed(`COMMIT`)
)

// read lends f a connection on which everything it asks comes from one moment,
// a moment after every Commit that returned before.
func (s *Store) read(ctx context.Context, op string, f func(*conn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := s.readers.take(ctx)
	if err != nil {
		return failure(ctx, op, err)
	}
	broken := true // unless the end is reached: a panic must not lend it again
	defer func() { s.readers.give(c, broken) }()
	if _, err := c.exec(beginRead); err != nil {
		return failure(ctx, op, err)
	}
	c.db.SetInterrupt(ctx)
	err = f(c)
	c.db.SetInterrupt(context.Background())
	_, endErr := c.exec(endRead)
	broken = endErr != nil || (err != nil && !expected(err) && !errors.Is(err, sqlite3.INTERRUPT))
	if err == nil {
		err = endErr
	}
	return failure(ctx, op, err)
}

// found turns the answer of [conn.one] into the sentinel for absence.
func found(ok bool, err error) error {
	if err == nil && !ok {
		return auth.ErrNotFound
	}
	return err
}
