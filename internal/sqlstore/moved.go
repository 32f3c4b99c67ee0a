package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// watchInterval is how soon an idle store notices that its files went away.
const watchInterval = time.Second

// errMoved: what was written went into a file that nobody will find again, so it
// must not be acknowledged.
var errMoved = errors.New("the database file was moved or deleted while in use")

// checkPlace says whether the database and its log are still the files that
// their names lead to. Only for the log does the driver know.
func (c *conn) checkPlace() error {
	now, err := os.Stat(c.path)
	if errors.Is(err, os.ErrNotExist) {
		return errMoved
	}
	if err != nil {
		return err
	}
	if !os.SameFile(now, c.file) {
		return errMoved
	}
	handle, err := c.db.FileControl("main", sqlite3.FCNTL_JOURNAL_POINTER)
	if err != nil {
		return err
	}
	log, ok := handle.(vfs.FileHasMoved)
	if !ok {
		return nil // not opened yet
	}
	moved, err := log.HasMoved()
	if err == nil && moved {
		return errMoved
	}
	return err
}

// dial opens a connection to the file as it is now. It refuses one that is not
// ours, because a file can be replaced while the store runs.
func (s *Store) dial(pragmas ...string) (*conn, error) {
	exists, err := checkHeader(s.path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", s.path, err)
	}
	if !exists {
		return nil, errMoved
	}
	return dial(s.path, append(slices.Clone(sessionPragmas), pragmas...)...)
}

// dialReader opens a connection that cannot write.
func (s *Store) dialReader(cache string) (*conn, error) { return s.dial("PRAGMA query_only=ON", cache) }

var errReadOnly = errors.New("the file cannot be written")

// writer returns the connection of the writing goroutine, opening it when there
// is none.
func (s *Store) writer() (*conn, error) {
	if s.current != nil {
		return s.current, nil
	}
	c, err := s.dial()
	if err != nil {
		return nil, err
	}
	if readOnly, _ := c.db.ReadOnly("main"); readOnly {
		return nil, errors.Join(errReadOnly, c.close())
	}
	s.current = c
	return c, nil
}

// dropWriter closes the writing connection after trouble: that ends whatever
// transaction is open, and the next batch starts from the file again. When the
// files moved, readers start again too.
func (s *Store) dropWriter(trouble error) {
	c := s.current
	s.current = nil
	if errors.Is(trouble, errMoved) {
		// If only the log went away, this saves what it held.
		_ = c.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)") // the trouble is being reported
		s.startOver()
	} else if !s.readers.open() {
		// The index of the log goes with the last connection, and a full disk
		// has no room for another one: reads would fail with the writes.
		_ = s.Ping(context.Background()) // the trouble is being reported
	}
	_ = c.close() // the trouble is being reported
}

// startOver forgets what was read and how.
func (s *Store) startOver() {
	s.readers.reset()
	s.clients.forget()
}

// watch looks for moved files while nothing is written, and for files that came
// back.
func (s *Store) watch() {
	c, err := s.writer()
	if err != nil {
		s.startOver() // what can be read may not be what is there
		return
	}
	if err := c.checkPlace(); err != nil {
		s.dropWriter(err)
		return
	}
	if changed, err := c.changedElsewhere(); changed || err != nil {
		s.clients.forget()
	}
}

var dataVersion = fixed(`PRAGMA data_version`)

// changedElsewhere says whether another process may have written since it was
// asked last: none should, but a person with a tool at hand can.
func (c *conn) changedElsewhere() (bool, error) {
	before := c.version
	_, err := c.one(dataVersion, func(r *row) { c.version = r.int() })
	return before != c.version, err
}
