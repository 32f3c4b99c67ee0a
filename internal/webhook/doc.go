// Package webhook owns how back ends hear of what happens: which events a
// change makes, that each is recorded with it or not at all, and that each
// reaches every endpoint that wants it at least once.
//
// It offers [Recorder], which stands between the use cases and their store and
// adds the events of a change to that same change; [Worker], which delivers
// them signed, and again until they are taken; and [Endpoints], by which the
// receivers are managed.
//
// It refuses to know the documents that events carry: whoever constructs a
// recorder says how a record is written. It refuses to follow redirects and, in
// production, to connect to addresses of private networks, because an endpoint's
// URL comes from outside.
package webhook
