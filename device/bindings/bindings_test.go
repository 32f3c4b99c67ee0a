package bindings_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/core"
)

// key names an instance where nobody listens.
const key = "pk_test_MTI3LjAuMC4xOjEk"

func TestFailures(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		device.ErrNotConfigured: "not-configured", device.ErrSignedOut: "signed-out", device.ErrUndetermined: "undetermined",
		device.ErrPending: "pending", device.ErrOffline: "offline", device.ErrRefused: "refused", device.ErrVault: "not-stored",
		device.ErrNoAttempt: "no-attempt", device.ErrCallback: "callback", device.ErrNoFlow: "no-flow", device.ErrUnsupported: "unsupported", device.ErrSuperseded: "superseded",
		device.ErrInvalid: "invalid", device.ErrClosed: "closed",
		context.DeadlineExceeded: "timeout", context.Canceled: "timeout", errors.New("x"): "internal",
	} {
		if got := bindings.FailureOf(fmt.Errorf("call: %w", err)); got.Kind != want {
			t.Errorf("%v: kind %s, want %s", err, got.Kind, want)
		}
	}
	if bindings.FailureOf(nil) != nil {
		t.Error("no error is a failure")
	}
	got := bindings.FailureOf(&device.Error{
		Kind: device.ErrRefused, Message: "Password is incorrect.", Param: "password",
		Evidence: core.Evidence{Code: "form_password_incorrect", Status: 422, Trace: "trace"},
	})
	want := &bindings.Failure{
		Kind: "refused", Message: "Password is incorrect.", Param: "password",
		Code: "form_password_incorrect", Status: 422, Trace: "trace",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// Hosts branch on kinds, so each must be in the page for hosts.
func TestKindsAreDocumented(t *testing.T) {
	t.Parallel()
	page := read(t, "../../docs/bindings.md")
	for _, found := range regexp.MustCompile(`Kind\w+\s+= "([a-z-]+)"`).FindAllStringSubmatch(read(t, "failure.go"), -1) {
		if !strings.Contains(page, "| `"+found[1]+"` |") {
			t.Errorf("docs/bindings.md leaves out the kind %s", found[1])
		}
	}
}

func TestOptionsAreDocumented(t *testing.T) {
	t.Parallel()
	page := read(t, "../../docs/bindings.md")
	for _, found := range regexp.MustCompile(`json:"(\w+)`).FindAllStringSubmatch(read(t, "options.go"), -1) {
		if !strings.Contains(page, "`"+found[1]+"`") {
			t.Errorf("docs/bindings.md leaves out the option %s", found[1])
		}
	}
}

// The keyring vault keeps its files, and the journal that explain reads, in the
// folder, also where there is no secret service.
func TestKeyringOption(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	dir := t.TempDir()
	d, err := bindings.Options{PublishableKey: key, Vault: bindings.VaultKeyring, Dir: dir}.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	state, err := d.Restore(ctx)
	if err != nil || state.Kind != device.SignedOut {
		t.Errorf("restore: %s %s %v", state.Kind, state.Cause, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "journal-*.jsonl")); len(names) != 1 {
		t.Errorf("journal: %v", names)
	}
}

func TestStateOf(t *testing.T) {
	t.Parallel()
	signedOut := bindings.StateOf(device.State{Kind: device.SignedOut, Cause: core.CauseUser, Sequence: 7})
	if signedOut.User != nil || signedOut.SignedIn || !signedOut.Settled || signedOut.Sequence != 7 {
		t.Errorf("signed out: %+v", signedOut)
	}
	pending := bindings.StateOf(device.State{Kind: device.Pending, Task: "choose-organization", User: device.User{ID: "user_1"}})
	if pending.SignedIn || pending.Task == "" || pending.User == nil {
		t.Errorf("pending: %+v", pending)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
