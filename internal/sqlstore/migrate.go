package sqlstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// newestSchema is the number of the last migration this program has.
var newestSchema = sync.OnceValue(lastMigration)

var schemaVersion = fixed(`SELECT version_id FROM goose_db_version ORDER BY id DESC LIMIT 1`)

// lastMigration reads the number that the last file's name begins with.
func lastMigration() (last int64) {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		panic(err) // a bad pattern
	}
	for _, name := range files {
		number, err := goose.NumericComponent(name)
		if err != nil {
			panic(fmt.Sprintf("migration %s: %v", name, err)) // embedded at build
		}
		last = max(last, number)
	}
	return last
}

// upgrade checks an existing file, applies the migrations it lacks, and returns
// a connection that writes.
func upgrade(ctx context.Context, path string) (*conn, error) {
	c, version, err := inspect(path)
	if err != nil {
		return nil, err
	}
	switch {
	case version > newestSchema():
		err := fmt.Errorf("its schema is version %d and this program knows up to %d; run the version that wrote it, or a newer one", version, newestSchema())
		return nil, errors.Join(err, c.close())
	case version < newestSchema():
		if err := c.close(); err != nil {
			return nil, errors.New(reason(err))
		}
		if err := migrate(ctx, path); err != nil {
			return nil, err
		}
		return dialWriter(path)
	}
	if err := c.admit(); err != nil {
		return nil, errors.Join(errors.New(reason(err)), c.close())
	}
	return c, nil
}

// migrate applies missing migrations, each in its own transaction.
func migrate(ctx context.Context, path string) (err error) {
	db, err := driver.Open(path, func(c *sqlite3.Conn) error {
		return c.Exec("PRAGMA busy_timeout=5000; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
	})
	if err != nil {
		return errors.New(reason(err))
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
