// Command perennial is the one binary: the server, and the device commands.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run()) }

func run() int {
	err := newRootCommand().Execute()
	if err == nil {
		return 0
	}
	if err.Error() != "" {
		_, _ = fmt.Fprintln(os.Stderr, "perennial:", err)
	}
	var status interface{ ExitStatus() int }
	if errors.As(err, &status) {
		return status.ExitStatus()
	}
	return 1
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "perennial",
		Short:         "sign-in whose sessions come back",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newLoginCommand(), newWhoamiCommand(), newTokenCommand(), newExplainCommand(), newLogoutCommand(), newDemoCommand())
	return root
}
