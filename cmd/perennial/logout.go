package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device"
)

// signOutLimit bounds the local part of a sign-out, which waits for a store
// that cannot be read yet.
const signOutLimit = 10 * time.Second

type logoutLine struct {
	Status string `json:"status"`
	// Delivered is false while the server has not been told; the next command
	// tells it.
	Delivered bool `json:"delivered"`
}

// newLogoutCommand signs out here, whether or not the server can be reached.
func newLogoutCommand() *cobra.Command {
	var c deviceCommand
	command := &cobra.Command{
		Use:   "logout",
		Short: "sign out on this device",
		Long: "Signs out on this device at once and for good, also without the network. The end of the session on the\n" +
			"server is then delivered; if the server cannot be reached, the next command that runs delivers it.",
		RunE: func(command *cobra.Command, _ []string) error {
			return c.restored(command, func(ctx context.Context, d *device.Device, state device.State) error {
				if state.Kind != device.SignedOut {
					if err := d.SignOut(ctx); err != nil {
						return c.endUnstored(ctx, d, err)
					}
				}
				c.deliver(ctx, d, deliverAfterSignOut)
				line := logoutLine{Status: "signed-out", Delivered: d.PendingRevocations() == 0}
				text := "Signed out."
				if !line.Delivered {
					text = "Signed out on this device. The server could not be told yet; the next perennial command will."
				}
				return c.print(command.OutOrStdout(), line, text)
			})
		},
	}
	c.flags(command, signOutLimit)
	return command
}

// endUnstored tells at least the server where this device cannot store a
// sign-out: on a full disk nobody shall have to stay signed in.
func (c *deviceCommand) endUnstored(ctx context.Context, d *device.Device, err error) error {
	if !errors.Is(err, device.ErrVault) {
		return plain(err)
	}
	c.deliver(ctx, d, deliverAfterSignOut)
	const remedy = "free space or give access to the state folder, then run: perennial logout"
	if d.PendingRevocations() > 0 {
		return errors.New("not signed out: that could not be stored on this device, nor could the server be told; " + remedy)
	}
	return errors.New("the session is ended on the server, but that could not be stored on this device, which shows it until it asks; " + remedy)
}
