package trace_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/trace"
)

func TestFollowersGetEveryLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tr := trace.New(&out)
	tr.Printf("mount | isLoaded=%v", false)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen []string
	for line := range tr.Follow(ctx) {
		seen = append(seen, line.Text)
		switch len(seen) {
		case 1:
			tr.Printf("second")
		case 2:
			cancel()
		}
	}
	if got := fmt.Sprint(seen); got != "[mount | isLoaded=false second]" {
		t.Errorf("a follower that came late saw %s", got)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 2 || !strings.HasPrefix(out.String(), "perennial ") {
		t.Errorf("printed %q", out.String())
	}
}

func TestLaggingFollowerIsBounded(t *testing.T) {
	t.Parallel()
	tr := trace.New(nil)
	for i := range 1000 {
		tr.Printf("%d", i)
	}
	var seen []string
	for line := range tr.Follow(t.Context()) {
		if seen = append(seen, line.Text); line.Text == "999" {
			break
		}
	}
	if len(seen) != 256 || seen[0] != "744" {
		t.Errorf("%d lines from %s, want the last 256", len(seen), seen[0])
	}
}

func TestSwitch(t *testing.T) {
	for value, on := range map[string]bool{"": false, "0": false, "1": true, "true": true, "please": false} {
		t.Setenv(trace.Switch, value)
		if got := trace.FromEnvironment() != nil; got != on {
			t.Errorf("%s=%q: on %v", trace.Switch, value, got)
		}
	}
	var off *trace.Trace
	off.Printf("into the void")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for line := range off.Follow(ended) {
		t.Errorf("a trace that is off says %q", line.Text)
	}
}

func TestSecretsAreNamedByLength(t *testing.T) {
	t.Parallel()
	if got := trace.Secret("eyJhbGciOiJSUzI1NiIs"); got != "…(len 20)" {
		t.Errorf("got %s", got)
	}
	if got := trace.Secret(""); got != "null" {
		t.Errorf("got %s", got)
	}
}
