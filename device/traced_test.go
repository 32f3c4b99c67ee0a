package device_test

import (
	"context"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/trace"
)

// The trace of a launch that restores says so, with where the session is from,
// and holds no secret.
func TestTraceOfALaunch(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Dir = t.TempDir()
	first := mustOpen(t, b.config)
	mustSignIn(t, first)
	session := first.State().SessionID
	credential, err := first.Credential(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	b.config.Trace = trace.New(nil)
	d := mustOpen(t, b.config)
	if state, err := d.Restore(limited(t)); err != nil || state.Kind != device.ActiveUnverified && state.Kind != device.Active {
		t.Fatalf("restore: %+v %v", state, err)
	}
	lines := follow(t, b.config.Trace, "source=server")
	for _, want := range []string{
		"open: isSignedIn=undefined isLoaded=false",
		"verdict: active-unverified (restored) isSignedIn=true isLoaded=true session=" + session + " source=store",
		"verdict: active (confirmed) isSignedIn=true isLoaded=true session=" + session + " source=server",
	} {
		if !strings.Contains(lines, want+"\n") {
			t.Errorf("no line %q in\n%s", want, lines)
		}
	}
	if strings.Contains(lines, credential) {
		t.Errorf("a credential is in the trace:\n%s", lines)
	}
}

// follow returns the lines of a trace up to the first one with these words.
func follow(t *testing.T, tr *trace.Trace, words string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	var all strings.Builder
	for line := range tr.Follow(ctx) {
		all.WriteString(line.Text + "\n")
		if strings.Contains(line.Text, words) {
			return all.String()
		}
	}
	t.Fatalf("no line with %q in\n%s", words, all.String())
	return ""
}

func TestTraceOfUnknown(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Ephemeral, b.config.Trace = true, trace.New(nil)
	d := mustOpen(t, b.config)
	release := b.server.HoldBack()
	defer release()
	d.Offer("someones-token")
	lines := follow(t, b.config.Trace, "unidentified")
	if !strings.Contains(lines, "verdict: undetermined (unidentified) isSignedIn=undefined isLoaded=true") {
		t.Errorf("a token in question is told wrongly:\n%s", lines)
	}
	if strings.Contains(lines, "someones-token") {
		t.Errorf("a credential is in the trace:\n%s", lines)
	}
}
