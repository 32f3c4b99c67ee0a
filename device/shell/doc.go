// Package shell owns the life of one core machine: one goroutine, one queue,
// and a switch over effects.
//
// It offers [Start], which runs a [core.State] against a vault, a transport, a
// clock and a source of entropy, each behind a port, and returns the outcome of
// every effect to the core as an event.
//
// It refuses to decide: nothing here looks at a session, a verdict or an answer
// except to carry it. Every call to a port runs outside the queue and under a
// time limit, so no store and no network can hold the machine up.
package shell
