package sqlstore

import (
	"slices"
	"strconv"
	"strings"
)

// columnList names the columns of a table with versions, the id first and the
// version second, in the order in which rows are scanned and arguments given;
// commas and white space separate them.
type columnList func() string

func (l columnList) names() []string {
	return strings.FieldsFunc(l(), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })
}

// of writes the columns as those of an alias.
func (l columnList) of(alias string) string {
	return alias + "." + strings.Join(l.names(), ", "+alias+".")
}

// insert writes a new row of a table at version 1.
func (l columnList) insert(table string) string {
	b := make([]byte, 0, statementSize)
	b = append(b, "INSERT INTO "+table+" ("...)
	for i, name := range l.names() {
		b = append(separated(b, i), name...)
	}
	b = append(b, ") VALUES ("...)
	for i := range l.names() {
		b = argument(separated(b, i), i)
		if i == 1 {
			b = append(b, " + 1"...)
		}
	}
	return string(append(b, ')'))
}

// update writes a row where its version still is the given one. The columns in
// never keep what they were inserted with.
func (l columnList) update(table string, never ...string) string {
	b := make([]byte, 0, statementSize)
	b = append(b, "UPDATE "+table+" SET version = version + 1"...)
	for i, name := range l.names() {
		if i >= 2 && !slices.Contains(never, name) {
			b = argument(append(append(separated(b, i), name...), " = "...), i)
		}
	}
	return string(append(b, " WHERE id = $1 AND version = $2"...))
}

// statementSize holds most statements, in bytes.
const statementSize = 1024

func separated(b []byte, i int) []byte {
	if i == 0 {
		return b
	}
	return append(b, ", "...)
}

func argument(b []byte, i int) []byte { return strconv.AppendInt(append(b, '$'), int64(i+1), 10) }
