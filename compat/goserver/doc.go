// Package goserver owns the proof that Go back ends which use the published
// clerk-sdk-go work against Perennial. It offers nothing: its tests start a
// server and speak to it through the SDK. It refuses to import the program, so
// that it sees only what a user sees.
package goserver
