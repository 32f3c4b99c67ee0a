package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/internal/launch"
)

// whoamiLine is what `whoami --json` prints; scripts rely on every name.
type whoamiLine struct {
	Verdict   string `json:"verdict"`
	Cause     string `json:"cause"`
	UserID    string `json:"user_id"`
	SessionID string `json:"session_id"`
	Confirmed bool   `json:"confirmed"`
	Sequence  uint64 `json:"sequence"`
	// ElapsedMS is from the start of the process to the first verdict, in
	// milliseconds, rounded up.
	ElapsedMS int64 `json:"elapsed_ms"`
}

// newWhoamiCommand says what is known, from local storage alone.
func newWhoamiCommand() *cobra.Command {
	var c deviceCommand
	var wait string
	command := &cobra.Command{
		Use:   "whoami",
		Short: "say who is signed in on this device",
		Long: "Says who is signed in on this device. The first verdict comes from local storage and needs no network.\n" +
			"Exit status: 0 signed in, 3 signed out, 4 not known (yet), 1 error.",
		RunE: func(command *cobra.Command, _ []string) error {
			if wait != "" && wait != "confirmed" {
				return fmt.Errorf("--wait takes only \"confirmed\", not %q", wait)
			}
			return c.restored(command, func(ctx context.Context, d *device.Device, state device.State) error {
				elapsed := launch.Elapsed()
				if wait == "confirmed" {
					c.network.open()
					state = awaitConfirmed(ctx, d)
				} else {
					state = settle(ctx, d, state)
				}
				if err := c.print(command.OutOrStdout(), toWhoami(state, elapsed), describe(state)); err != nil {
					return err
				}
				c.deliver(ctx, d, deliverInPassing)
				return exitWith(exitStatus(state))
			})
		},
	}
	c.flags(command, 30*time.Second)
	command.Flags().StringVar(&wait, "wait", "", "\"confirmed\" waits until the server has confirmed or ended the session")
	return command
}

// awaitConfirmed returns the first state that the server had its say in, or the
// last one before ctx ended.
func awaitConfirmed(ctx context.Context, d *device.Device) device.State {
	for state := range d.Watch(ctx) {
		if state.Confirmed || state.Kind == device.SignedOut {
			return state
		}
	}
	return d.State()
}

func toWhoami(state device.State, elapsed time.Duration) whoamiLine {
	return whoamiLine{
		Verdict: string(state.Kind), Cause: string(state.Cause),
		UserID: state.User.ID, SessionID: state.SessionID,
		Confirmed: state.Confirmed, Sequence: state.Sequence,
		ElapsedMS: int64((elapsed + time.Millisecond - 1) / time.Millisecond),
	}
}

// describe says a state in one line.
func describe(state device.State) string {
	who := state.User.Identifier
	switch {
	case who == "" && state.User.ID == "":
		who = "a user whose name is not known yet"
	case who == "":
		who = state.User.ID
	default:
		who = fmt.Sprintf("%s (%s)", who, state.User.ID)
	}
	switch state.Kind {
	case device.Active:
		return "Signed in as " + who + ", confirmed by the server."
	case device.ActiveUnverified:
		return "Signed in as " + who + ", restored from this device and not yet confirmed by the server."
	case device.Pending:
		return fmt.Sprintf("Signed in as %s; a task is open: %s.", who, state.Task)
	case device.SignedOut:
		return fmt.Sprintf("Signed out (%s). Run: perennial login", state.Cause)
	default:
		return fmt.Sprintf("Not known yet (%s). Run: perennial explain", state.Cause)
	}
}
