package assets_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.path != "" {
		_ = os.RemoveAll(filepath.Dir(shared.path))
	}
	os.Exit(code)
}
