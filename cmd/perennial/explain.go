package main

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device"
)

type explainLine struct {
	whoamiLine
	Story []string `json:"story"`
}

// newExplainCommand tells why the verdict is what it is.
func newExplainCommand() *cobra.Command {
	var c deviceCommand
	command := &cobra.Command{
		Use:   "explain",
		Short: "tell what happened in the last launches, and why",
		Long:  "Tells in words, with times and request ids, what happened in the last launches and why the current verdict holds.",
		RunE: func(command *cobra.Command, _ []string) error {
			return c.restored(command, func(ctx context.Context, d *device.Device, state device.State) error {
				var story bytes.Buffer
				if err := d.Explain(&story); err != nil {
					return err
				}
				text := strings.TrimRight(story.String(), "\n")
				line := explainLine{whoamiLine: toWhoami(state, 0), Story: strings.Split(text, "\n")}
				if err := c.print(command.OutOrStdout(), line, text); err != nil {
					return err
				}
				c.deliver(ctx, d, deliverInPassing)
				return nil
			})
		},
	}
	c.flags(command, 30*time.Second)
	return command
}
