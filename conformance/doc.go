// Package conformance owns the cold-start suite: one executable scenario for
// each known way to lose a session, or to show one that should not be there.
//
// It offers the scenarios as data (what is stored, what goes wrong, what must
// be shown, stored and asked), a [Subject] interface through which any session
// library can be put to the test, a scripted server on the loopback, and a
// table of results.
//
// It refuses to know how a subject works: it looks at verdicts, at what the
// store holds afterwards, and at the requests that arrived.
package conformance
