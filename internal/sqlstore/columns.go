package sqlstore

import (
	"fmt"
	"slices"
	"strings"
)

// columnList are the columns of a table with versions, the id first and the
// version second, in the order in which rows are scanned and arguments given.
type columnList []string

// listed reads names separated by commas and white space.
func listed(names string) columnList {
	return strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
}

// of writes the columns as those of an alias.
func (l columnList) of(alias string) string { return alias + "." + strings.Join(l, ", "+alias+".") }

// insert writes a new row of a table at version 1.
func (l columnList) insert(table string) string {
	values := make([]string, len(l))
	for i := range l {
		values[i] = fmt.Sprintf("$%d", i+1)
	}
	values[1] += " + 1"
	return "INSERT INTO " + table + " (" + strings.Join(l, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
}

// update writes a row where its version still is the given one. The columns in
// never keep what they were inserted with.
func (l columnList) update(table string, never ...string) string {
	set := []string{"version = version + 1"}
	for i, name := range l[2:] {
		if !slices.Contains(never, name) {
			set = append(set, fmt.Sprintf("%s = $%d", name, i+3))
		}
	}
	return "UPDATE " + table + " SET " + strings.Join(set, ", ") + " WHERE id = $1 AND version = $2"
}
