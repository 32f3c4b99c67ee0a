// Package backendapi owns the published Backend API over HTTP: what back ends
// with the secret key read and change.
//
// It offers [New], a handler for every path of that API, and [IsRequest] to
// tell its requests from those of the Frontend API on the same host.
//
// It refuses rules and SQL: a handler decodes, makes one use-case call and
// encodes.
package backendapi
