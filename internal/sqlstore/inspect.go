package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"strings"

	"github.com/ncruces/go-sqlite3"
)

// quickCheckLimit is the size in bytes up to which every page is checked at each
// start. That takes 5 ms for a megabyte, and a start must stay fast: above it
// only the beginning of each table is read, and [Store.Check] looks at the rest.
const quickCheckLimit = 1 << 20

var (
	fileSize   = &query{text: `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`}
	quickCheck = &query{text: `PRAGMA quick_check(1)`}
	fullCheck  = &query{text: `PRAGMA integrity_check(1)`}
	references = &query{text: `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`}
	tableNames = &query{text: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`}
)

// inspect opens an existing file, reads its schema version and looks for damage.
// Nothing is written, not even what is left in the log of a process that died,
// until [conn.admit].
func inspect(path string) (_ *conn, version int64, _ error) {
	logged := hasLog(path)
	c, err := dial(path)
	if err != nil {
		return nil, 0, errors.New(reason(err))
	}
	// Closing would move the log into the file. An empty one it only removes.
	if _, err := c.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, logged); err != nil {
		return nil, 0, errors.Join(errors.New(reason(err)), c.close())
	}
	if err := c.inspect(&version); err != nil {
		err = fmt.Errorf("damaged: %s; it was left as it is: restore a backup", reason(err))
		return nil, 0, errors.Join(err, c.close())
	}
	return c, version, nil
}

// admit makes an inspected connection one that writes.
func (c *conn) admit() error {
	if err := c.db.Exec(strings.Join(sessionPragmas, ";")); err != nil {
		return err
	}
	_, err := c.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, false)
	return err
}

func (c *conn) inspect(version *int64) error {
	var size int64
	if _, err := c.one(fileSize, func(r *row) { size = r.int() }); err != nil {
		return err
	}
	if size <= quickCheckLimit {
		if err := c.verdict(quickCheck); err != nil {
			return err
		}
	} else if err := c.touchTables(); err != nil {
		return err
	}
	return found(c.one(schemaVersion, func(r *row) { *version = r.int() }))
}

// verdict runs a check that answers "ok" or the first thing it found.
func (c *conn) verdict(check *query) error {
	text := "no answer"
	if _, err := c.one(check, func(r *row) { text = r.text() }); err != nil {
		return err
	}
	if text != "ok" {
		return errors.New(text)
	}
	return nil
}

// touchTables reads the first row of each table.
func (c *conn) touchTables() error {
	var names []string
	if err := c.each(tableNames, nil, func(r *row) { names = append(names, r.text()) }); err != nil {
		return err
	}
	for _, name := range names {
		if err := c.dynamic(`SELECT 1 FROM `+sqlite3.QuoteIdentifier(name)+` LIMIT 1`, nil, func(*row) {}); err != nil {
			return err
		}
	}
	return nil
}

// Check reads every page and every reference. It takes seconds for a gigabyte
// and holds up nothing but the log, which grows meanwhile. The error says what
// is damaged first.
func (s *Store) Check(ctx context.Context) error {
	return s.read(ctx, "check", func(c *conn) error {
		if err := c.verdict(fullCheck); err != nil {
			return err
		}
		orphan := ""
		if _, err := c.one(references, func(r *row) { orphan = r.text() }); err != nil {
			return err
		}
		if orphan != "" {
			return fmt.Errorf("a row of %s refers to nothing", orphan)
		}
		return nil
	})
}
