package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/perennialauth/perennial/internal/demo"
)

// newDemoCommand shows the promise on real processes.
func newDemoCommand() *cobra.Command {
	var launches int
	var asJSON bool
	command := &cobra.Command{
		Use:   "demo",
		Short: "kill and relaunch a signed-in device under faults, and count",
		Long: "Starts a server on temporary data, signs a user in on a device process, then kills and relaunches that\n" +
			"process again and again under faults, and prints what each launch showed.\n" +
			"Exit status 1 if any launch was not restored.",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			binary, err := os.Executable()
			if err != nil {
				return err
			}
			if launches < 1 {
				return fmt.Errorf("--launches must be at least 1")
			}
			report, err := demo.Run(command.Context(), demo.Config{
				Binary: binary, Launches: launches,
				Progress: command.ErrOrStderr(), Animated: term.IsTerminal(int(os.Stderr.Fd())),
			})
			if err != nil {
				return fmt.Errorf("demo: %w", err)
			}
			write := report.WriteTable
			if asJSON {
				write = report.WriteJSON
			}
			if err := write(command.OutOrStdout()); err != nil {
				return err
			}
			if !report.OK() {
				return fmt.Errorf("demo: not every launch was restored and confirmed")
			}
			return nil
		},
	}
	command.Flags().IntVar(&launches, "launches", 900, "how many relaunches, spread over the faults")
	command.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return command
}
