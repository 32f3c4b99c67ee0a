package apitest_test

import (
	"io"
	"log/slog"
	"os"
	"testing"
)

// The access log of many requests would hide what failed.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}
