package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkColdStart measures real processes from their start to the first
// verdict, read from the file vault with no network, against an empty Go
// program started in turn with them: an application with the device package,
// and `perennial whoami`, which is the server's binary too. "beyond" is what the
// verdict costs on top of a process; the limits are 3 ms at the median and 10 ms
// at the 99th percentile.
func BenchmarkColdStart(b *testing.B) {
	perennial := mustBuildPerennial(b)
	programs := map[string]string{}
	for _, name := range []string{"empty", "restoring"} {
		program, err := build(name, "./testdata/"+name+"program")
		if err != nil {
			b.Fatal(err)
		}
		programs[name] = program
	}
	home, server := signedInHome(b, perennial)

	took := map[string][]time.Duration{}
	for b.Loop() {
		whoami := exec.Command(perennial, "whoami", "--json")
		whoami.Env = append(os.Environ(), envHome+"="+home)
		for name, command := range map[string]*exec.Cmd{
			"empty": exec.Command(programs["empty"]), "whoami": whoami,
			"app": exec.Command(programs["restoring"], filepath.Join(home, "device"), keyOne, server),
		} {
			took[name] = append(took[name], untilOutput(b, command))
		}
	}
	rank := func(name string, percent int) float64 {
		sorted := took[name]
		slices.Sort(sorted)
		return float64(sorted[(len(sorted)-1)*percent/100].Microseconds()) / 1000
	}
	b.ReportMetric(rank("empty", 50), "empty-ms-p50")
	b.ReportMetric(rank("empty", 99), "empty-ms-p99")
	for _, name := range []string{"app", "whoami"} {
		b.ReportMetric(rank(name, 50)-rank("empty", 50), name+"-beyond-ms-p50")
		b.ReportMetric(rank(name, 99)-rank("empty", 99), name+"-beyond-ms-p99")
		b.ReportMetric(rank(name, 50)/rank("empty", 50), name+"-x-empty")
	}
}

// signedInHome is a state folder in which a user is signed in, as processes
// left it, and the server's address. The server is gone afterwards.
func signedInHome(tb testing.TB, perennial string) (home, server string) {
	tb.Helper()
	stub := newFrontendStub(tb)
	home = tb.TempDir()
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
	return home, stub.URL
}

// untilOutput is the time from starting a process to its first line, or to its
// end if it prints none.
func untilOutput(tb testing.TB, command *exec.Cmd) time.Duration {
	tb.Helper()
	command.Stderr = os.Stderr
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
