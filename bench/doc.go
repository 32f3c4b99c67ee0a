// Package bench measures whole requests where a store of the usual size would
// hide what matters: how they grow with the number of users. It has no code of
// its own; bench/sqlitedriver, a module apart, compares database drivers.
package bench
