package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/internal/secret"
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
	rotate.Flags().StringVar(&data, "data", "perennial-data", "`folder` of the instance")
	rotate.Flags().StringVar(&masterFile, "master-key-file", "",
		"`file` with the master key, or PERENNIAL_MASTER_KEY; the one in the data folder otherwise")
	command.AddCommand(rotate)
	return command
}

func rotateKeys(ctx context.Context, data, masterFile string, out io.Writer) error {
	if _, err := os.Stat(data); err != nil {
		return fmt.Errorf("data folder %s: %w", data, reason(err))
	}
	folder, err := openDataFolder(data)
	if err != nil {
		return err
	}
	defer folder.close()
	if _, err := os.Stat(folder.file("perennial.db")); err != nil {
		return fmt.Errorf("data folder %s holds no instance", data)
	}
	db, err := sqlstore.Open(ctx, folder.file("perennial.db"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	master, err := unlock(ctx, db, existingKey(folder, masterFile))
	if err != nil {
		return err
	}
	keys, err := token.LoadKeys(ctx, db, master, time.Now)
	if err != nil {
		return err
	}
	before := keys.CurrentID()
	if err := keys.Rotate(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Signing with %s from the next start on; %s stays published for %s.\n%s",
		keys.CurrentID(), before, token.RetiredFor, keys.PublicPEM())
	return err
}

// existingKey finds the master key of an instance and never makes one.
func existingKey(folder *dataFolder, file string) masterKeySource {
	return func(fresh bool) (*secret.MasterKey, error) {
		text := os.Getenv("PERENNIAL_MASTER_KEY")
		switch {
		case fresh:
			return nil, errors.New("this database was never used by a server")
		case file != "" || text != "":
			return resolveMasterKey(text, file)
		default:
			return keyInFile(folder.file("master.key"))(false)
		}
	}
}
