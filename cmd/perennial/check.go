package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
)

// newCheckCommand proves that a data folder, such as a restored backup, is one
// that a server can run on.
func newCheckCommand() *cobra.Command {
	var data, masterFile string
	command := &cobra.Command{
		Use: "check", Short: "check the data of a stopped instance, such as a restored backup", Args: cobra.NoArgs,
		Long: "Reads the whole database and checks that it is sound, that the master key is its own, and that the\n" +
			"signing keys can be opened. Changes nothing.",
		RunE: func(command *cobra.Command, _ []string) error {
			ctx := command.Context()
			return withStoppedInstance(ctx, data, masterFile, func(db *sqlstore.Store, keys *token.Keys) error {
				if err := db.Check(ctx); err != nil {
					return err
				}
				users, err := db.CountUsers(ctx, auth.UserQuery{})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(command.OutOrStdout(), "Sound: %d users, signing key %s.\n", users, keys.CurrentID())
				return err
			})
		},
	}
	addInstanceFlags(command.Flags(), &data, &masterFile)
	return command
}
