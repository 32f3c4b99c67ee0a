package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
)

// addInstanceFlags are how a command finds an instance that is not running.
func addInstanceFlags(f *pflag.FlagSet, data, masterFile *string) {
	f.StringVar(data, "data", "perennial-data", "`folder` of the instance")
	f.StringVar(masterFile, "master-key-file", "",
		"`file` with the master key, or PERENNIAL_MASTER_KEY; the one in the data folder otherwise")
}

// withStoppedInstance opens the instance in a data folder for work, which must
// not be running. It never makes one.
func withStoppedInstance(ctx context.Context, data, masterFile string, work func(*sqlstore.Store, *token.Keys) error) error {
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
	return work(db, keys)
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
