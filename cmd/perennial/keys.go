package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
)

// newKeysCommand groups what an operator does with the keys that sign session
// tokens.
func newKeysCommand() *cobra.Command {
	command := &cobra.Command{Use: "keys", Short: "manage the keys that sign session tokens"}
	var data, masterFile string
	rotate := &cobra.Command{
		Use: "rotate", Short: "sign with a new key from the next start on", Args: cobra.NoArgs,
		Long: "Makes a new signing key while the server is stopped. The public half of the one before stays published\n" +
			"for a day, so that no session notices. Back ends configured with a PEM key instead of fetching the\n" +
			"published ones need the new one.",
		RunE: func(command *cobra.Command, _ []string) error {
			return rotateKeys(command.Context(), data, masterFile, command.OutOrStdout())
		},
	}
	addInstanceFlags(rotate.Flags(), &data, &masterFile)
	command.AddCommand(rotate)
	return command
}

func rotateKeys(ctx context.Context, data, masterFile string, out io.Writer) error {
	return withStoppedInstance(ctx, data, masterFile, func(_ *sqlstore.Store, keys *token.Keys) error {
		before := keys.CurrentID()
		if err := keys.Rotate(ctx); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "Signing with %s from the next start on; %s stays published for %s.\n%s",
			keys.CurrentID(), before, token.RetiredFor, keys.PublicPEM())
		return err
	})
}
