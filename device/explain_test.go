package device_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device"
)

// A server that says nothing until the process ends leaves no line of its own,
// and yet its silence is what has to be explained.
func TestExplainNamesAQuestionThatNobodyAnswered(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Dir = t.TempDir()
	first := mustOpen(t, b.config)
	mustSignIn(t, first)
	if _, err := first.FreshToken(limited(t)); err != nil {
		t.Fatal(err)
	}
	_ = first.Close()
	const words = "(no answer came while this launch lasted)"
	if story := explained(t, first); strings.Contains(story, words) {
		t.Fatalf("everything was answered:\n%s", story)
	}

	b.server.Script(conformance.Fault{Hang: true})
	second := mustOpen(t, b.config)
	if state, err := second.Restore(limited(t)); err != nil || state.Kind != device.ActiveUnverified {
		t.Fatalf("restore: %+v, %v", state, err)
	}
	_ = second.Close()

	b.server.Script()
	third := mustOpen(t, b.config)
	mustConfirm(t, third)
	story := explained(t, third)
	launches := strings.Split(story, "\nLaunch ")
	if len(launches) != 4 || strings.Count(story, words) != 1 ||
		!strings.Contains(launches[2], "asked the server: read-client "+words) {
		t.Errorf("want one unanswered question, in the second launch:\n%s", story)
	}
}

func explained(t *testing.T, d *device.Device) string {
	t.Helper()
	var story strings.Builder
	if err := d.Explain(&story); err != nil {
		t.Fatal(err)
	}
	return story.String()
}

func mustConfirm(t *testing.T, d *device.Device) {
	t.Helper()
	for state := range d.Watch(limited(t)) {
		if state.Kind == device.Active {
			return
		}
	}
	t.Fatalf("never confirmed: %+v", d.State())
}
