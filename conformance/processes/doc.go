// Package processes owns the proof that real processes share one session: its
// tests start copies of themselves over one folder and a real server, and
// stop, continue and kill them at random instants.
//
// It offers nothing to other packages.
//
// It refuses to look inside a device: it knows what was asked of whom, what
// each process says it shows, and what arrived at the server.
package processes
