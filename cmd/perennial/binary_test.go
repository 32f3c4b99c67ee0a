package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the folder of the binaries that tests run as processes.
var built = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "perennial-test-") })

func TestMain(m *testing.M) {
	status := m.Run()
	if folder, err := built(); err == nil {
		_ = os.RemoveAll(folder)
	}
	os.Exit(status)
}

var buildPerennial = sync.OnceValues(func() (string, error) { return build("perennial", ".") })

// mustBuildPerennial is the command under test, built once and as it is
// shipped: static, because the dynamic loader costs a millisecond.
func mustBuildPerennial(tb testing.TB) string {
	tb.Helper()
	binary, err := buildPerennial()
	if err != nil {
		tb.Fatalf("build: %v", err)
	}
	return binary
}

func build(name, source string) (string, error) {
	folder, err := built()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(folder, name)
	command := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, source)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	command.Stderr = os.Stderr
	return binary, command.Run()
}
