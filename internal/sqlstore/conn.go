package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// busyTimeout bounds the wait for a lock. Only a checkpoint or recovery makes a
// connection wait at all, because there is one writer.
const busyTimeout = 5 * time.Second

// conn is one database connection with its prepared statements. One goroutine
// uses it at a time.
type conn struct {
	db    *sqlite3.Conn
	path  string
	file  os.FileInfo // what path led to when it was opened
	stmts map[*query]statement
	epoch int // of the pool that lends it
	// version is SQLite's number of what others have written, as it was seen last.
	version int64
}

// statement is a prepared text. SQLite numbers parameters by first appearance;
// args[i] is the argument that its parameter i+1 means.
type statement struct {
	*sqlite3.Stmt
	args []int
}

// openFile opens an existing file. Tests put a failing disk under it.
var openFile = func(path string) (*sqlite3.Conn, error) {
	return sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
}

// dial opens an existing file. It never creates one.
func dial(path string, pragmas ...string) (*conn, error) {
	if err := keepPrivate(path); err != nil {
		return nil, err
	}
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if err := db.BusyTimeout(busyTimeout); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.Exec(strings.Join(pragmas, ";")); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &conn{db: db, path: path, file: file, stmts: map[*query]statement{}}, nil
}

// dialWriter opens an existing file to write.
func dialWriter(path string) (*conn, error) {
	c, err := dial(path, sessionPragmas...)
	if err != nil {
		return nil, errors.New(reason(err))
	}
	return c, nil
}

// keepPrivate makes the files beside the database for their owner only, which
// the driver would not: the log holds what the database holds.
func keepPrivate(path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		f, err := os.OpenFile(path+suffix, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		_ = s.Close() // repeats the last failure of the statement, which was reported then
	}
	return c.db.Close()
}

// exec runs a statement that returns no rows and says how many it changed.
func (c *conn) exec(q *query, args ...any) (int64, error) {
	s, err := c.prepare(q, args)
	if err != nil {
		return 0, err
	}
	if err := s.Exec(); err != nil {
		return 0, err
	}
	return c.db.Changes(), nil
}

// each calls f for every row. The row is valid only during the call.
func (c *conn) each(q *query, args []any, f func(*row)) error {
	s, err := c.prepare(q, args)
	if err != nil {
		return err
	}
	for s.Step() {
		f(&row{stmt: s.Stmt})
	}
	if err := s.Err(); err != nil {
		_ = s.Reset() // repeats err
		return err
	}
	return s.Reset()
}

// one calls f for the only row and says whether there was one.
func (c *conn) one(q *query, f func(*row), args ...any) (found bool, _ error) {
	err := c.each(q, args, func(r *row) { found = true; f(r) })
	return found, err
}

// dynamic runs a text that is made for one call.
func (c *conn) dynamic(text string, args []any, f func(*row)) error {
	q := &query{text: text}
	defer func() {
		if s, ok := c.stmts[q]; ok {
			delete(c.stmts, q)
			_ = s.Close() // repeats the failure that each reported
		}
	}()
	return c.each(q, args, f)
}

func (c *conn) prepare(q *query, args []any) (statement, error) {
	s, ok := c.stmts[q]
	if !ok {
		stmt, tail, err := c.db.PrepareFlags(q.sql(), sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			return statement{}, err
		}
		if strings.TrimSpace(tail) != "" {
			return statement{}, errors.Join(fmt.Errorf("more than one statement in a query"), stmt.Close())
		}
		s = statement{Stmt: stmt, args: make([]int, stmt.BindCount())}
		for i := range s.args {
			n, err := strconv.Atoi(strings.TrimPrefix(stmt.BindName(i+1), "$"))
			if err != nil || n < 1 {
				return statement{}, errors.Join(fmt.Errorf("parameter %d is not written $N", i+1), stmt.Close())
			}
			s.args[i] = n - 1
		}
		c.stmts[q] = s
	}
	for i, n := range s.args {
		if n >= len(args) {
			return statement{}, fmt.Errorf("no argument for $%d", n+1)
		}
		if err := bind(s.Stmt, i+1, args[n]); err != nil {
			return statement{}, err
		}
	}
	return s, nil
}

func bind(s *sqlite3.Stmt, param int, value any) error {
	switch v := value.(type) {
	case nil:
		return s.BindNull(param)
	case string:
		return s.BindText(param, v)
	case int64:
		return s.BindInt64(param, v)
	case int:
		return s.BindInt(param, v)
	case bool:
		return s.BindBool(param, v)
	case []byte:
		if v == nil {
			v = []byte{}
		}
		return s.BindBlob(param, v)
	default:
		return fmt.Errorf("argument of type %T", value)
	}
}

// row reads the columns of one row from left to right.
type row struct {
	stmt *sqlite3.Stmt
	next int
}

func (r *row) column() int { r.next++; return r.next - 1 }

func (r *row) text() string { return r.stmt.ColumnText(r.column()) }
func (r *row) int() int64   { return r.stmt.ColumnInt64(r.column()) }
func (r *row) bool() bool   { return r.stmt.ColumnBool(r.column()) }

// blob returns a copy.
func (r *row) blob() []byte { return r.stmt.ColumnBlob(r.column(), nil) }

// hash reads a 32-byte blob; an empty one is the zero hash.
func (r *row) hash() (h [32]byte) {
	copy(h[:], r.stmt.ColumnRawBlob(r.column()))
	return h
}

// orNull stores an absent unique text as NULL.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// hashBytes stores the zero hash as nothing.
func hashBytes(h [32]byte) []byte {
	if h == ([32]byte{}) {
		return nil
	}
	return h[:]
}
