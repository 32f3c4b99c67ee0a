package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A first start that is killed at any instant leaves a folder that starts, and
// what was told to anybody before stays true.
func TestKilledWhileStarting(t *testing.T) {
	if testing.Short() {
		t.Skip("starts dozens of processes")
	}
	t.Parallel()
	for range 4 {
		data := filepath.Join(t.TempDir(), "data")
		file := filepath.Join(t.TempDir(), "ready.json")
		var told string
		for range 8 {
			command := exec.Command(mustBuildPerennial(t), "dev", "--listen", "127.0.0.1:0", "--data", data, "--ready-file", file)
			var out strings.Builder
			command.Stderr = &out
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(rand.N(250 * time.Millisecond))
			_ = command.Process.Kill()
			_ = command.Wait()
			if strings.Contains(out.String(), "perennial: ") {
				t.Fatalf("does not start any more: %s", out.String())
			}
			if raw, err := os.ReadFile(file); err == nil {
				told = keysIn(t, raw, told)
				_ = os.Remove(file)
			}
		}
		p := startDev(t, data)
		raw, err := os.ReadFile(p.file)
		if err != nil {
			t.Fatal(err)
		}
		keysIn(t, raw, told)
		if err := p.stop(t); err != nil {
			t.Fatal(err)
		}
	}
}

// keysIn returns the secret key in a ready file, which must be the one that was
// told before, if any was.
func keysIn(t *testing.T, raw []byte, told string) string {
	t.Helper()
	_, rest, _ := strings.Cut(string(raw), `"secret_key": "`)
	key, _, _ := strings.Cut(rest, `"`)
	if key == "" || (told != "" && key != told) {
		t.Fatalf("ready file %s, told before: %q", raw, told)
	}
	return key
}
