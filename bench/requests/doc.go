// Package requests owns the figures of whole requests: each benchmark sends one
// kind of request to a server on a real database and reports its cost as a
// ratio to what no implementation can avoid, measured in the same run, so that
// the figure means the same on a slow machine. It offers nothing to import and
// leaves the network out: that is the kernel's cost, not the server's.
package requests
