package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "perennial",
		Short:         "sign-in whose sessions come back",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		deferred("dev", "run a server for development: no configuration, an inbox instead of mail", newDevCommand),
		deferred("serve", "run a server for production", newServeCommand),
		deferred("webhook", "manage who is told about events", newWebhookCommand),
		deferred("assets", "manage the published browser scripts that the instance serves", newAssetsCommand),

		deferred("login", "sign in or sign up on this device", newLoginCommand),
		deferred("demo", "kill and relaunch a signed-in device under faults, and count", newDemoCommand),

		newWhoamiCommand(), newTokenCommand(), newExplainCommand(), newLogoutCommand(),
		newCheckCommand(), newKeysCommand(), newKeygenCommand(), newVersionCommand(),
	)
	return root
}

// deferred stands in for a command until it is asked for: the many flags of
// these would be part of every cold start.
func deferred(use, short string, build func() *cobra.Command) *cobra.Command {
	whole := func(outer *cobra.Command) *cobra.Command {
		inner := build()
		inner.Use = outer.CommandPath()
		inner.SilenceUsage, inner.SilenceErrors = true, true
		inner.SetIn(outer.InOrStdin())
		inner.SetOut(outer.OutOrStdout())
		inner.SetErr(outer.ErrOrStderr())
		return inner
	}
	outer := &cobra.Command{
		Use: use, Short: short, DisableFlagParsing: true,
		RunE: func(outer *cobra.Command, args []string) error {
			inner := whole(outer)
			inner.SetArgs(args)
			return inner.ExecuteContext(outer.Context())
		},
	}
	outer.SetHelpFunc(func(outer *cobra.Command, _ []string) { _ = whole(outer).Help() })
	return outer
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "say which version this is", Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(command.OutOrStdout(), "perennial", version())
			return err
		},
	}
}

// version is what the build recorded: the module version of a released
// build, else the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "development"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return v + " " + info.GoVersion
}
