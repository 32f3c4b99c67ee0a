package core

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestModelNoticesMissingGuards deletes one guard of the core at a time, in an
// overlay and not in the tree, and expects the model checker to find a broken
// law. A checker that nothing can fail proves nothing.
func TestModelNoticesMissingGuards(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("builds the package once for each mutation")
	}
	all := os.Getenv("PERENNIAL_MODEL_STATES") != ""
	t.Parallel()
	mutations := []struct {
		name, file, guard, instead string
		scene                      string
		law                        string
	}{
		{
			"an undocumented refusal ends a session", "confirm.go",
			"case !d.terminal:", "case false:", "network", "law",
		},
		{
			"a successor is presented before it is durable", "session.go",
			"t.durable.Successor == r.Successor && ", "", "rotation", "law 5",
		},
		{
			"a key is offered before it is durable", "rotation.go",
			"\t\td.Offer != r.Offer || ", "\t\t", "binding", "law 5",
		},
		{
			"signed-out is said before it is durable", "store.go",
			`return t.store.critical && t.store.failed == ""`, "return false", "sign-out", "law 10",
		},
		{
			"an answer about another client ends a session", "confirm.go",
			`case t.record.ClientID != "" && doc.ID != t.record.ClientID:`, "case false:", "network", "laws 2",
		},
		{
			"answers from before a sign-out are still listened to", "session.go",
			"*f = flight{}\n", "", "sign-out", "law",
		},
		{
			"the replaced session is ended before the new one is safe", "signout.go",
			"t.record.signedIn() || ", "", "sign-in over", "law",
		},
		{
			"a flow is redeemed before it is durable that it came back", "flow_callback.go",
			" || !t.flowsStored() ", " ", "browser flow on", "law 5",
		},
		{
			"the address of a flow is handed out before the flow is durable", "flow.go",
			"if t.flow.url.IsZero() || !t.flowsStored() {", "if t.flow.url.IsZero() {", "browser flow on", "law 5",
		},
		{
			"a server that did not get the credential ends a session", "confirm.go",
			"case !d.shown():", "case false:", "network", "laws 2",
		},
		{
			"a proxy that keeps credentials ends a session", "confirm.go",
			"case !d.shown():", "case false:", "credential_dropped_before", "laws 2",
		},
		{
			"a sign-in outlives its own end", "reconcile.go",
			"!stored.outlived(ours) && ", "", "adoption", "law 2",
		},
		{
			"an adoption ends what it adopts", "reconcile.go",
			"case !r.Candidate.IsZero() && r.Candidate == next.Credential:", "case false:", "adoption", "law 2",
		},
		{
			"a session is stored with the credential of another attempt", "attempt.go",
			"t.record.Attempt = of ", "_ = of ", "attempts_of", "law 4",
		},
		{
			"a sign-out does not mean what was handed over", "reconcile.go",
			"|| handed ", "|| handed && false ", "adoption_by", "law 3",
		},
		{
			"a lost record takes a sign-out back", "store.go",
			"case s.saving.critical && lost(", "case s.critical && lost(", "a_lost_key", "law 2",
		},
		{
			"a clock ends what was confirmed", "offline.go",
			"gone > 0 && gone < implausible", "gone > 0", "time", "law 9",
		},
		{
			"a refusal of nobody makes a revocation delivered", "signout.go",
			"heard: e.Presented ||", "heard: true ||", "credential_dropped_before", "law 10",
		},
		{
			"a fresh client is the end of what was handed over", "adopt.go",
			" || e.unaddressed() {", " {", "handed-over", "law 2",
		},
		{
			"one answer drops what was handed over", "adopt.go",
			"case t.deserted != f.credential:", "case false:", "adoption$", "law 2",
		},
		{
			"a session signed out of is handed over again", "adopt.go",
			"again := t.record.signedOutOf(session.ID)", "again := false", "handed_over_again", "law 3",
		},
	}
	for i, m := range mutations {
		if i >= 3 && !all {
			t.Logf("%d more in the long run", len(mutations)-i)
			break
		}
		t.Run(m.name, func(t *testing.T) {
			output, err := mutate(t, m.file, m.guard, m.instead, m.scene)
			if err == nil {
				t.Fatalf("the model checker noticed nothing:\n%s", output)
			}
			if !strings.Contains(output, m.law) {
				t.Fatalf("no broken %s in:\n%s", m.law, output)
			}
			t.Log(firstLine(output))
		})
	}
}

// mutate runs one scene of the model against the package with guard replaced.
func mutate(t *testing.T, file, guard, instead, scene string) (string, error) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(source), guard) != 1 {
		t.Fatalf("%s has no single %q: the mutation is out of date", file, guard)
	}
	dir := t.TempDir()
	mutant := filepath.Join(dir, file)
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
	command := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-vet=off", "-overlay", list, "-run", "TestModel$/"+scene, ".")
	command.Env = append(os.Environ(), "PERENNIAL_MODEL_STATES=", "PERENNIAL_MODEL_LIMIT=600000")
	output, err := command.CombinedOutput()
	return string(output), err
}

func firstLine(output string) string {
	for line := range strings.Lines(output) {
		if strings.Contains(line, "modelcheck_test.go") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
