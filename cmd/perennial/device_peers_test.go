package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device"
)

// An app that runs learns what the command line does to the session they share:
// a sign-in and a sign-out, both without asking the server.
func TestAppNoticesTheCommandLine(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	app, err := device.Open(device.Config{
		PublishableKey: keyOne, Server: "http://127.0.0.1:1", // nobody listens there
		Dir: filepath.Join(os.Getenv(envHome), "device"), PeerInterval: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	awaitKind(ctx, t, app, device.SignedOut)
	signInWithCode(t, stub)
	state := awaitKind(ctx, t, app, device.ActiveUnverified)
	if state.User.ID != "user_1" {
		t.Errorf("the app shows user %q", state.User.ID)
	}
	expect(t, runCommand(t, "", "logout"), 0)
	awaitKind(ctx, t, app, device.SignedOut)
}

func awaitKind(ctx context.Context, t *testing.T, d *device.Device, kind any) device.State {
	t.Helper()
	for state := range d.Watch(ctx) {
		if state.Kind == kind {
			return state
		}
	}
	t.Fatalf("never became %v; last was %v (%s)", kind, d.State().Kind, d.State().Cause)
	return device.State{}
}
