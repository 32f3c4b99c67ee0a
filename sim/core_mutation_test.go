package sim_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCoreMutations deletes one guard of the device machine at a time, in an
// overlay and not in the tree, and expects the usual run to break a law. The
// long run (PERENNIAL_SIM_LAUNCHES) tries them all, the usual one the first.
func TestCoreMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the package once for each mutation")
	}
	all := os.Getenv("PERENNIAL_SIM_LAUNCHES") != ""
	for i, m := range []struct{ name, file, guard, instead string }{
		{"signed-out is said before it is durable", "store.go", "return t.store.critical && t.store.failed == \"\"", "return false"},
		{"a sign-in is stored over its own tombstone", "reconcile.go", " && !stored.outlived(ours)", ""},
		{"a successor is presented before it is durable", "session.go", "t.durable.Successor == r.Successor && ", ""},
		{"a revocation may be forgotten", "reconcile.go", "next = next.withRevocations(&r)", ""},
	} {
		if i > 0 && !all {
			break
		}
		t.Run(m.name, func(t *testing.T) {
			output, err := mutated(t, filepath.Join("..", "device", "core", m.file), m.guard, m.instead)
			if err == nil || !strings.Contains(output, "again: PERENNIAL_SIM_SEED=") {
				t.Fatalf("the simulation noticed nothing:\n%s", output)
			}
			for line := range strings.Lines(output) {
				if strings.Contains(line, "sim_test.go") {
					t.Log(strings.TrimSpace(line))
					break
				}
			}
		})
	}
}

// mutated runs the launches of the core alone with guard replaced.
func mutated(t *testing.T, file, guard, instead string) (string, error) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(source), guard) != 1 {
		t.Fatalf("%s has no single %q: the mutation is out of date", file, guard)
	}
	dir := t.TempDir()
	mutant := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(mutant, []byte(strings.Replace(string(source), guard, instead, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	original, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-vet=off", "-overlay", list, "-run", "TestCoreAlone", ".")
	command.Env = append(os.Environ(), "PERENNIAL_SIM_LAUNCHES=60000", "PERENNIAL_SIM_SEED=")
	output, err := command.CombinedOutput()
	return string(output), err
}
