package sqlstore

import (
	"strconv"
	"strings"
)

// filter builds the WHERE of a list. Values only ever become arguments.
type filter struct {
	terms []string
	args  []any
}

// arg adds an argument and returns its placeholder.
func (f *filter) arg(value any) string {
	f.args = append(f.args, value)
	return "$" + strconv.Itoa(len(f.args))
}

func (f *filter) where(term string) { f.terms = append(f.terms, term) }

// in writes the values as a list of placeholders.
func in[T ~string](f *filter, values []T) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = f.arg(string(v))
	}
	return "IN (" + strings.Join(marks, ", ") + ")"
}

func (f *filter) clause() string {
	if len(f.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.terms, " AND ")
}

// page writes LIMIT and OFFSET.
func (f *filter) page(limit, offset int) string {
	return " LIMIT " + f.arg(min(max(limit, 1), pageLimit)) + " OFFSET " + f.arg(max(offset, 0))
}

// pageLimit is the longest list one call returns.
const pageLimit = 500

// containing is a LIKE pattern, with \ as its escape, for text that holds s.
func containing(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}
