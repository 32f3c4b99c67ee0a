//go:build unix

package device_test

import (
	"syscall"
	"testing"
)

// mustPipe plants a pipe that nobody writes to.
func mustPipe(tb testing.TB, path string) {
	tb.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		tb.Fatal(err)
	}
}
