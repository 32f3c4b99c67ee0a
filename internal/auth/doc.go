// Package auth owns the nouns and rules of signing in: clients, sessions,
// sign-in and sign-up attempts, verifications, users, and the error codes that
// say why something was refused.
//
// It offers pure values and functions: the same input gives the same output,
// time and randomness are arguments.
//
// It refuses I/O, clocks, SQL, HTTP status codes, JSON shapes and user-facing
// prose; those belong to the store, the use cases and the HTTP packages.
package auth
