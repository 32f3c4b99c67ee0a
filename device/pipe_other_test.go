//go:build !unix

package device_test

import "testing"

// mustPipe does nothing where a file system has no pipes.
func mustPipe(testing.TB, string) {}
