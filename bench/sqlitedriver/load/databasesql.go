package load

import (
	"context"
	"database/sql"
)

type sqlConn struct {
	db    *sql.DB
	c     *sql.Conn
	stmts map[string]*sql.Stmt
}

// DatabaseSQL opens one connection of a database/sql driver.
func DatabaseSQL(driver string) func(path string) (Conn, error) {
	return func(path string) (Conn, error) {
		db, err := sql.Open(driver, path)
		if err != nil {
			return nil, err
		}
		c, err := db.Conn(context.Background())
		return &sqlConn{db, c, map[string]*sql.Stmt{}}, err
	}
}

func (c *sqlConn) prepare(text string) (*sql.Stmt, error) {
	if s, ok := c.stmts[text]; ok {
		return s, nil
	}
	s, err := c.c.PrepareContext(context.Background(), text)
	c.stmts[text] = s
	return s, err
}

func (c *sqlConn) Exec(text string) error {
	_, err := c.c.ExecContext(context.Background(), text)
	return err
}

func (c *sqlConn) Get(text, arg string) (out string, err error) {
	s, err := c.prepare(text)
	if err != nil {
		return "", err
	}
	err = s.QueryRow(arg).Scan(&out)
	return out, err
}

func (c *sqlConn) Put(text string, rows [][2]string) error {
	s, err := c.prepare(text)
	if err != nil {
		return err
	}
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := s.Exec(r[0], r[1]); err != nil {
			return err
		}
	}
	return c.Exec("COMMIT")
}

func (c *sqlConn) Bind(text string, args ...string) (out string, err error) {
	values := make([]any, len(args))
	for i := range args {
		values[i] = args[i]
	}
	err = c.c.QueryRowContext(context.Background(), text, values...).Scan(&out)
	return out, err
}

func (c *sqlConn) Close() error {
	for _, s := range c.stmts {
		if err := s.Close(); err != nil {
			return err
		}
	}
	if err := c.c.Close(); err != nil {
		return err
	}
	return c.db.Close()
}
