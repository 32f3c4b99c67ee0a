// Package frontendapi owns the HTTP face of the published Frontend API: it
// decodes requests of browsers and native apps, calls one use case each, and
// writes the published documents, credentials and cookies.
//
// It offers [New], a handler for everything under /v1 and /.well-known that
// needs no secret key.
//
// It refuses rules, SQL and decisions about who is signed in: those are the
// use cases'. It never answers trouble of its own with anything but 503.
package frontendapi
