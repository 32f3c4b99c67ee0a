// Package sqlstore owns all SQL: the schema, the queries, and how records of
// package auth become rows and come back.
//
// It offers a [Store] on one SQLite file: reads on many connections, and
// [Store.Commit], which makes one [auth.Change] durable. All writes go through
// one goroutine that puts whatever is waiting into one transaction, so that the
// price of a disk flush is shared.
//
// It refuses rules: what may change and when is decided in package auth, and
// the only conditions here are the version guard and uniqueness. It refuses to
// open a file that is not a sound Perennial database, and it never creates one
// in place of a file that went missing while it ran.
package sqlstore
