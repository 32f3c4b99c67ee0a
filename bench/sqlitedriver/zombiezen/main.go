// Command zombiezen measures zombiezen.com/go/sqlite, a direct interface to modernc's engine.
package main

import (
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/perennialauth/perennial/bench/sqlitedriver/load"
)

type conn struct{ *sqlite.Conn }

func main() {
	load.Run("zombiezen", func(path string) (load.Conn, error) {
		c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
		return conn{c}, err
	})
}

func (c conn) Exec(sql string) error {
	for text := range strings.SplitSeq(sql, ";") {
		if err := sqlitex.ExecuteTransient(c.Conn, text, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c conn) Get(sql, arg string) (string, error) {
	s, err := c.Prepare(sql)
	if err != nil {
		return "", err
	}
	s.BindText(1, arg)
	if _, err := s.Step(); err != nil {
		return "", err
	}
	out := s.ColumnText(0)
	return out, s.Reset()
}

func (c conn) Put(sql string, rows [][2]string) error {
	s, err := c.Prepare(sql)
	if err != nil {
		return err
	}
	if err := sqlitex.ExecuteTransient(c.Conn, "BEGIN IMMEDIATE", nil); err != nil {
		return err
	}
	for _, r := range rows {
		s.BindText(1, r[0])
		s.BindText(2, r[1])
		if _, err := s.Step(); err != nil {
			return err
		}
		if err := s.Reset(); err != nil {
			return err
		}
	}
	return sqlitex.ExecuteTransient(c.Conn, "COMMIT", nil)
}

func (c conn) Bind(sql string, args ...string) (string, error) {
	s, err := c.Prepare(sql)
	if err != nil {
		return "", err
	}
	for i := range args {
		s.SetText("$"+strconv.Itoa(i+1), args[i])
	}
	if _, err := s.Step(); err != nil {
		return "", err
	}
	out := s.ColumnText(0)
	return out, s.Reset()
}
