package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device"
)

// newTokenCommand prints a session token for scripts.
func newTokenCommand() *cobra.Command {
	var c deviceCommand
	var fresh bool
	command := &cobra.Command{
		Use:   "token",
		Short: "print a session token that is valid now",
		Long: "Prints a session token that is valid now, for use as a bearer token.\n" +
			"Exit status: 0 printed, 3 signed out, 4 not known (yet), 1 error (the server could not be asked, for example).",
		RunE: func(command *cobra.Command, _ []string) error {
			return c.restored(command, func(ctx context.Context, d *device.Device, first device.State) error {
				c.network.open()
				settle(ctx, d, first)
				ask := d.Token
				if fresh {
					ask = d.FreshToken
				}
				token, err := ask(ctx)
				if err != nil {
					c.deliver(ctx, d, deliverInPassing)
					return plain(err)
				}
				return c.print(command.OutOrStdout(), toToken(token, d.State()), token)
			})
		},
	}
	c.flags(command, 30*time.Second)
	command.Flags().BoolVar(&fresh, "fresh", false, "ask the server for a new one")
	return command
}

type tokenLine struct {
	Token     string `json:"token"`
	UserID    string `json:"user_id"`
	SessionID string `json:"session_id"`
}

func toToken(token string, state device.State) tokenLine {
	return tokenLine{Token: token, UserID: state.User.ID, SessionID: state.SessionID}
}
