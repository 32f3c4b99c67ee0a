package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/transport"
)

// Exit statuses of the device commands; every other failure is 1.
const (
	exitSignedIn     = 0
	exitSignedOut    = 3
	exitUndetermined = 4
)

// restoreLimit bounds the wait for the first verdict; the device settles within
// its own deadline of 500 ms long before it.
const restoreLimit = 5 * time.Second

// How long a command that has said everything stays for revocations that could
// not be delivered yet. Only the sign-out itself is worth a wait; with the
// others a person or a script waits for something else, and the next command
// tries again.
const (
	deliverAfterSignOut = 3 * time.Second
	deliverInPassing    = 300 * time.Millisecond
)

// statusError ends the command with a status of its own. An empty text means
// that the user has been told everything.
type statusError struct {
	status int
	text   string
}

// Error implements error.
func (e *statusError) Error() string { return e.text }

// ExitStatus is read by main.
func (e *statusError) ExitStatus() int { return e.status }

func exitWith(status int) error {
	if status == exitSignedIn {
		return nil
	}
	return &statusError{status: status}
}

// deviceCommand is what the device commands share: the profile, the form of
// output, and a time limit.
type deviceCommand struct {
	profile profile
	home    string
	network *gate // shut until the first verdict is there
	json    bool
	timeout time.Duration
}

// flags adds the shared flags.
func (c *deviceCommand) flags(command *cobra.Command, timeout time.Duration) {
	addProfileFlags(command, &c.profile)
	command.Flags().BoolVar(&c.json, "json", false, "print JSON")
	command.Flags().DurationVar(&c.timeout, "timeout", timeout, "longest wait for the server")
	command.Args = cobra.NoArgs
}

// open resolves the profile and opens the device, with the network held back.
// The caller closes it.
func (c *deviceCommand) open() (*device.Device, error) {
	home, err := deviceHome()
	if err != nil {
		return nil, err
	}
	c.home = home
	if c.profile, err = c.profile.resolve(home); err != nil {
		return nil, err
	}
	roots, err := c.profile.roots()
	if err != nil {
		return nil, err
	}
	speaker, err := transport.New(transport.Config{
		PublishableKey: c.profile.PublishableKey, Server: c.profile.Server, RootCAs: roots, UserAgent: "perennial-cli",
		Bind: true,
	})
	if err != nil {
		return nil, err
	}
	c.network = newGate(speaker)
	d, err := device.Open(device.Config{PublishableKey: c.profile.PublishableKey, Dir: home, Transport: c.network})
	return d, plain(err)
}

// print writes value as one line of JSON, or the text.
func (c *deviceCommand) print(out io.Writer, value any, text string) error {
	if !c.json {
		_, err := fmt.Fprintln(out, text)
		return err
	}
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", line)
	return err
}

// restored opens the device, waits for its first verdict, and does the work of
// the command with it. The context ends with the command's time limit, or with
// an interrupt (main).
func (c *deviceCommand) restored(
	command *cobra.Command, work func(ctx context.Context, d *device.Device, first device.State) error,
) error {
	d, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	ctx, cancel := context.WithTimeout(command.Context(), c.timeout)
	defer cancel()
	soon, stop := context.WithTimeout(ctx, restoreLimit)
	defer stop()
	first, err := d.Restore(soon)
	if err != nil {
		return plain(err)
	}
	return work(ctx, d, first)
}

// patience is how long a command waits for a store that may answer better in a
// moment. The first verdict has been given by then; this one gets printed.
const patience = 3 * time.Second

// settle waits a little where the verdict is that the store cannot be read now:
// it is being read again, and a command that ended at once would never learn
// what became of that.
func settle(ctx context.Context, d *device.Device, state device.State) device.State {
	switch state.Cause {
	case core.CauseStorageCorrupt, core.CauseStorageFailed, core.CauseStorageSlow, core.CauseKeyService:
	default:
		return state
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for state = range d.Watch(ctx) {
		if state.Kind != device.Undetermined {
			break
		}
	}
	return state
}

// deliver gives revocations that are still queued a little time.
func (c *deviceCommand) deliver(ctx context.Context, d *device.Device, limit time.Duration) {
	if d.PendingRevocations() == 0 {
		return
	}
	c.network.open()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_ = d.Drain(ctx)
}

// exitStatus is the status that says what is known.
func exitStatus(state device.State) int {
	switch state.Kind {
	case device.Active, device.ActiveUnverified:
		return exitSignedIn
	case device.SignedOut:
		return exitSignedOut
	default:
		return exitUndetermined
	}
}

// plain turns an error of the device into one line with what to do about it.
func plain(err error) error {
	var typed *device.Error
	if !errors.As(err, &typed) {
		if errors.Is(err, context.DeadlineExceeded) {
			return errors.New("out of time; give a longer --timeout")
		}
		return err
	}
	status, text := 1, err.Error()
	switch {
	case errors.Is(err, device.ErrNotConfigured):
		text = typed.Message
	case errors.Is(err, device.ErrSignedOut):
		status, text = exitSignedOut, fmt.Sprintf("signed out (%s); run: perennial login", typed.Cause)
	case errors.Is(err, device.ErrUndetermined):
		status, text = exitUndetermined, fmt.Sprintf("not known yet whether you are signed in (%s); run: perennial explain", typed.Cause)
	case errors.Is(err, device.ErrPending):
		status, text = exitUndetermined, "the session has an open task, which must be done in the app first"
	case errors.Is(err, device.ErrOffline) && typed.Evidence.Trouble == core.TroubleTLS:
		text = "the server's certificate is not trusted; name its authority with --ca-file, nothing was lost"
	case errors.Is(err, device.ErrOffline):
		text = fmt.Sprintf("the server could not be asked (%s); check --server and the network, nothing was lost", trouble(typed.Evidence))
	case errors.Is(err, device.ErrRefused):
		text = refusal(typed)
	case errors.Is(err, device.ErrNoAttempt):
		text = "no sign-in is waiting for this; begin one with: perennial login --email ADDRESS"
	case errors.Is(err, device.ErrCallback):
		text = "this is not an address that a browser comes back to; copy it whole, in quotes"
	case errors.Is(err, device.ErrNoFlow):
		text = "no sign-in in the browser is waiting for this; begin one with: perennial login --web"
	case errors.Is(err, device.ErrUnsupported):
		text = "this account or instance does not offer that way to sign in; try another --strategy"
	case errors.Is(err, device.ErrVault):
		text = "could not be stored on this device; check free space and the permissions of the state folder"
	case errors.Is(err, device.ErrInvalid):
		text = "an argument is missing or empty"
	}
	return &statusError{status: status, text: text}
}

// refusal prefers the server's own words, which are meant for the user.
func refusal(e *device.Error) string {
	switch {
	case e.Message != "" && e.Evidence.Code != "":
		return fmt.Sprintf("the server refused: %s (%s)", e.Message, e.Evidence.Code)
	case e.Evidence.Code != "":
		return "the server refused: " + e.Evidence.Code
	default:
		return "the server refused"
	}
}

func trouble(evidence core.Evidence) string {
	switch {
	case evidence.Status != 0:
		return fmt.Sprintf("%s, status %d", evidence.Trouble, evidence.Status)
	case evidence.Trouble != "":
		return string(evidence.Trouble)
	default:
		return "no answer"
	}
}
