package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// BenchmarkColdStart measures a real process from its start to its first
// verdict, read from the file vault with no network, against an empty Go
// program started in turn with it. "beyond" is what the verdict costs on top of
// a process; the limits are 3 ms at the median and 10 ms at the 99th percentile.
func BenchmarkColdStart(b *testing.B) {
	perennial := mustBuildPerennial(b)
	empty, err := build("empty", "./testdata/emptyprogram")
	if err != nil {
		b.Fatal(err)
	}
	home := signedInHome(b, perennial)

	var verdicts, floors []time.Duration
	for b.Loop() {
		floors = append(floors, untilOutput(b, exec.Command(empty)))
		command := exec.Command(perennial, "whoami", "--json")
		command.Env = append(os.Environ(), envHome+"="+home)
		verdicts = append(verdicts, untilOutput(b, command))
	}
	slices.Sort(verdicts)
	slices.Sort(floors)
	rank := func(sorted []time.Duration, percent int) float64 {
		return float64(sorted[(len(sorted)-1)*percent/100].Microseconds()) / 1000
	}
	b.ReportMetric(rank(verdicts, 50), "ms-p50")
	b.ReportMetric(rank(verdicts, 99), "ms-p99")
	b.ReportMetric(rank(floors, 50), "empty-ms-p50")
	b.ReportMetric(rank(verdicts, 50)-rank(floors, 50), "beyond-ms-p50")
	b.ReportMetric(rank(verdicts, 99)-rank(floors, 99), "beyond-ms-p99")
	b.ReportMetric(rank(verdicts, 50)/rank(floors, 50), "x-empty")
}

// signedInHome is a state folder in which a user is signed in, as processes
// left it. The server is gone afterwards.
func signedInHome(tb testing.TB, perennial string) string {
	tb.Helper()
	stub := newFrontendStub(tb)
	home := tb.TempDir()
	for _, args := range [][]string{
		{"login", "--publishable-key", keyOne, "--server", stub.URL, "--email", "ada@example.com", "--strategy", "email_code"},
		{"login", "--code", stubCode},
		{"whoami", "--wait", "confirmed"},
	} {
		command := exec.Command(perennial, args...)
		command.Env = append(os.Environ(), envHome+"="+home)
		if text, err := command.CombinedOutput(); err != nil {
			tb.Fatalf("perennial %s: %v\n%s", args[0], err, text)
		}
	}
	stub.Close()
	return home
}

// untilOutput is the time from starting a process to its first line, or to its
// end if it prints none.
func untilOutput(tb testing.TB, command *exec.Cmd) time.Duration {
	tb.Helper()
	output, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	start := time.Now()
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	_, _ = bufio.NewReader(output).ReadBytes('\n')
	took := time.Since(start)
	var exit *exec.ExitError
	if err := command.Wait(); err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	if code := command.ProcessState.ExitCode(); code != 0 {
		tb.Fatalf("exit status %d", code)
	}
	return took
}
