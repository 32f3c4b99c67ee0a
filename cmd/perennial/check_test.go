package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := startDev(t, data)
	fails(t, "in use by another perennial process", "check", "--data", data)
	if err := p.stop(t); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(mustBuildPerennial(t), "check", "--data", data).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "Sound: 0 users, signing key ") {
		t.Fatalf("%v: %s", err, out)
	}
	// Damage in the middle, where no start would look.
	file := filepath.Join(data, "perennial.db")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	middle := len(raw) / 2 / 4096 * 4096
	copy(raw[middle:], bytes.Repeat([]byte{0x5a}, 4096))
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, file, "check", "--data", data)
	if got, _ := os.ReadFile(file); !bytes.Equal(got, raw) {
		t.Error("a check changed the file")
	}
}
