// Package admission owns who may sign up: invitations, the waitlist, and the
// lists of identifiers that are allowed or blocked.
//
// It offers [Service] to both APIs, and to the use cases of signing in and up
// what a ticket stands for and whether an identifier is admitted.
//
// It refuses to create users and sessions, and to know how a request travels or
// anything is stored.
package admission
