// Command ncruces measures github.com/ncruces/go-sqlite3 through its own interface.
package main

import (
	"strconv"

	"github.com/ncruces/go-sqlite3"

	"github.com/perennialauth/perennial/bench/sqlitedriver/load"
)

type conn struct {
	*sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
}

func main() {
	load.Run("ncruces", func(path string) (load.Conn, error) {
		c, err := sqlite3.Open(path)
		return conn{c, map[string]*sqlite3.Stmt{}}, err
	})
}

func (c conn) prepare(sql string) (*sqlite3.Stmt, error) {
	if s, ok := c.stmts[sql]; ok {
		return s, nil
	}
	s, _, err := c.Prepare(sql)
	c.stmts[sql] = s
	return s, err
}

func (c conn) Get(sql, arg string) (string, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return "", err
	}
	if err := s.BindText(1, arg); err != nil {
		return "", err
	}
	s.Step()
	out := s.ColumnText(0)
	return out, s.Reset()
}

func (c conn) Put(sql string, rows [][2]string) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, r := range rows {
		if err := s.BindText(1, r[0]); err != nil {
			return err
		}
		if err := s.BindText(2, r[1]); err != nil {
			return err
		}
		if err := s.Exec(); err != nil {
			return err
		}
	}
	return c.Exec("COMMIT")
}

// Bind uses the names that SQLite gives parameters, as the store does.
func (c conn) Bind(sql string, args ...string) (string, error) {
	s, _, err := c.Prepare(sql)
	if err != nil {
		return "", err
	}
	for i := range args {
		if err := s.BindText(s.BindIndex("$"+strconv.Itoa(i+1)), args[i]); err != nil {
			return "", err
		}
	}
	s.Step()
	out := s.ColumnText(0)
	return out, s.Close()
}

func (c conn) Close() error {
	for _, s := range c.stmts {
		if err := s.Close(); err != nil {
			return err
		}
	}
	return c.Conn.Close()
}
