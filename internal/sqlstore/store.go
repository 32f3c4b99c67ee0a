package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/gofrs/flock"
)

// sessionPragmas are what every connection needs. Trusting the schema of a file
// that somebody may have tampered with would let it run functions.
var sessionPragmas = []string{
	"PRAGMA synchronous=FULL",
	"PRAGMA foreign_keys=ON",
	"PRAGMA temp_store=MEMORY",
	"PRAGMA trusted_schema=OFF",
	"PRAGMA journal_size_limit=67108864", // what the log is cut to after a burst, in bytes
}

// Store is the database of one instance. It is safe for concurrent use.
//
// Records are returned as copies that the store keeps no hold on. Instants keep
// milliseconds and come back in UTC. What is absent is [auth.ErrNotFound]; what
// cannot be answered is [auth.ErrUnavailable], which says nothing about what the
// store holds.
type Store struct {
	path    string
	lock    *flock.Flock
	readers *readers

	queue   chan *change
	stopped chan struct{}
	current *conn // of the writing goroutine; nil until it needs one

	gate   sync.RWMutex // held while the queue may be closed
	closed bool
}

// Open opens the database file at path and brings its schema up to date; an
// absent file is created, its folder is not. It refuses, without touching the
// file, one that is damaged, not a Perennial database, written by a newer
// version, not writable, or in use by another process; the error names the file.
func Open(ctx context.Context, path string) (*Store, error) {
	lock, writer, err := prepare(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	s := &Store{path: path, lock: lock, current: writer, queue: make(chan *change, queueLimit), stopped: make(chan struct{})}
	s.readers = newReaders(func() (*conn, error) { return s.dial("PRAGMA query_only=ON") }, max(4, 2*runtime.GOMAXPROCS(0)))
	go s.writeLoop()
	return s, nil
}

// Close writes what is queued, then closes the file. Later calls of anything
// but Close fail with [auth.ErrUnavailable].
func (s *Store) Close() error {
	s.gate.Lock()
	if s.closed {
		s.gate.Unlock()
		<-s.stopped
		return nil
	}
	s.closed = true
	close(s.queue)
	s.gate.Unlock()
	<-s.stopped
	s.readers.close()
	var err error
	if s.current != nil {
		err = s.current.close()
	}
	return errors.Join(err, s.lock.Unlock())
}

// Ping says whether reads can be answered now.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, "ping", func(c *conn) error { return found(c.one(schemaVersion, func(*row) {})) })
}
