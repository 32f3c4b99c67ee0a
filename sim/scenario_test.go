package sim_test

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/sim"
)

var rewrite = flag.Bool("rewrite", false, "write the transcripts of testdata anew; commit only what you can explain")

const (
	commandsMark   = "commands:\n"
	transcriptMark = "transcript:\n"
)

// TestScenarios plays the stories in testdata: a paragraph that tells what it
// is about, the commands, and the transcript that they gave when somebody last
// looked at it. A first command "seed 7" chooses the delays; a story that begins with
// "Whole." is played with the whole server and the file vault, and one that
// begins with "Whole, bound." with device keys, if its seed is even.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d stories found: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			scenario(t, file)
		})
	}
}

func scenario(t *testing.T, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose, rest, ok := strings.Cut(string(raw), commandsMark)
	if !ok || len(strings.TrimSpace(prose)) < 100 {
		t.Fatal("a story begins with a paragraph of prose, then come its commands")
	}
	list, want, _ := strings.Cut(rest, transcriptMark)
	config := sim.Config{Seed: 1}
	lines := strings.TrimLeft(list, "\n")
	if first, after, ok := strings.Cut(lines, "\n"); ok && strings.HasPrefix(first, "seed ") {
		n, err := strconv.ParseUint(strings.TrimPrefix(first, "seed "), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		config.Seed, lines = sim.Dice(n), after
	}
	commands, err := sim.ParseCommands(lines)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(prose, "Whole") {
		config.Server, config.Disk, config.Bind = mustHouse(t).Server, sim.NewPlatter, strings.HasPrefix(prose, "Whole, bound.")
	}
	config.Record, config.Unfair = true, true
	outcome := mustRun(t, config, commands)
	if outcome.Broken != nil {
		t.Errorf("%v\n%s", outcome.Broken, outcome.Transcript)
	}
	if *rewrite {
		text := prose + commandsMark + strings.TrimRight(list, "\n") + "\n\n" + transcriptMark + outcome.Transcript
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // read by everybody
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, outcome.Transcript); diff != "" {
		t.Errorf("mismatch (-want +got), see -rewrite:\n%s", diff)
	}
	config.Unfair, config.Record = false, false
	if broken := mustRun(t, config, commands).Broken; broken != nil {
		t.Errorf("and afterwards, with everything well: %v", broken)
	}
}
