package demo

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// Not parallel: the flaw of the fake travels in the environment.
func TestRunCountsWhatAGoodDeviceShows(t *testing.T) {
	t.Setenv(fakeBinary, "none")
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each process lingers for a second
	var progress bytes.Buffer
	report, err := Run(t.Context(), Config{Binary: os.Args[0], Launches: 9, Progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() || report.Launches != 9 || report.Restored != 9 || len(report.Rows) != 9 {
		t.Errorf("got %+v", report)
	}
	if !strings.Contains(progress.String(), "captive portal") {
		t.Errorf("progress: %s", progress.String())
	}
}

// The demonstration must be able to fail: a device that takes an error for the
// end of its session is found out.
func TestRunFindsALosingDevice(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a hundred processes")
	}
	t.Setenv(fakeBinary, "loses")
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	report, err := Run(t.Context(), Config{Binary: os.Args[0], Launches: 45})
	if err != nil {
		t.Fatal(err)
	}
	if report.OK() || report.SignInScreens == 0 {
		t.Errorf("a losing device passed: %+v", report)
	}
}

func TestRunSaysWhyTheServerDidNotStart(t *testing.T) {
	t.Setenv(fakeBinary, "none")
	if _, err := Run(t.Context(), Config{Binary: "/does/not/exist", Launches: 1}); err == nil || !strings.Contains(err.Error(), "start the server") {
		t.Errorf("got %v", err)
	}
	if _, err := Run(t.Context(), Config{Binary: "/bin/false", Launches: 1}); err == nil || !strings.Contains(err.Error(), "ended before it was ready") {
		t.Errorf("got %v", err)
	}
}
