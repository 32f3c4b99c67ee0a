package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"github.com/perennialauth/perennial/internal/auth"
)

// sessionPragmas are what every connection needs. Trusting the schema of a file
// that somebody may have tampered with would let it run functions.
var sessionPragmas = []string{
	"PRAGMA synchronous=FULL",
	"PRAGMA foreign_keys=ON",
	"PRAGMA temp_store=MEMORY",
	"PRAGMA cache_size=-65536", // of 1024 bytes, at most: what a connection keeps of a large file; see readerCache
	"PRAGMA trusted_schema=OFF",
	"PRAGMA journal_size_limit=67108864", // what the log is cut to after a burst, in bytes
}

// readerCache lets each of so many reading connections keep more of a large file
// while all of them together stay below a gigabyte: a connection has 256 MB of
// memory in all.
func readerCache(connections int) string {
	kept := min(max(64<<10, 1<<20/connections), 128<<10) // of 1024 bytes
	return fmt.Sprintf("PRAGMA cache_size=-%d", kept)
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
	clients *clientCache

	queue   chan *change
	stopped chan struct{}
	current *conn // of the writing goroutine; nil until it needs one

	// readyAt is when the store was last found ready; nil after a change failed.
	readyAt atomic.Pointer[time.Time]
	probing sync.Mutex // held while it is being found out

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
	s := &Store{path: path, lock: lock, current: writer, queue: make(chan *change, queueLimit), stopped: make(chan struct{}), clients: newClientCache()}
	connections := max(4, 2*runtime.GOMAXPROCS(0))
	s.readers = newReaders(func() (*conn, error) { return s.dialReader(readerCache(connections)) }, connections)
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
	s.clients.close()
	s.readers.close()
	var err error
	if s.current != nil {
		err = s.current.close()
	}
	return errors.Join(err, s.lock.Unlock())
}

const (
	// readyFor is how long the store counts as ready after it was found so, unless
	// a change fails: asking more often writes nothing.
	readyFor = 5 * time.Second
	// roomNeeded is how much room a ready store has at least, in bytes.
	roomNeeded = 256 << 10
)

var noteReady = fixed(`INSERT INTO instance_values (name, value) VALUES ('ready_at', $1)
	ON CONFLICT (name) DO UPDATE SET value = excluded.value`)

// Ready says whether reads can be answered and changes made durable now. On a
// full disk reads still work, and nobody could sign in: it writes to find out.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	// One finds out for all who ask meanwhile: anybody may ask.
	s.probing.Lock()
	defer s.probing.Unlock()
	if at := s.readyAt.Load(); at != nil && time.Since(*at) < readyFor {
		return nil
	}
	if err := s.room(); err != nil {
		return fmt.Errorf("ready: %w: %w", err, auth.ErrUnavailable)
	}
	now := time.Now()
	err := s.write(ctx, "ready", nothing, func(c *conn) error {
		_, err := c.exec(noteReady, []byte(strconv.FormatInt(now.UnixMilli(), 10)))
		return err
	})
	if err == nil {
		s.readyAt.Store(&now)
	}
	return err
}

// room says whether the disk has room for some more changes. A few bytes in the
// database do not show it: they find a place in what the file has already.
func (s *Store) room() error {
	name := s.path + ".room"
	err := os.WriteFile(name, make([]byte, roomNeeded), 0o600)
	return errors.Join(err, os.Remove(name))
}

// Ping says whether reads can be answered now.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, "ping", func(c *conn) error { return found(c.one(schemaVersion, func(*row) {})) })
}
