package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

// masterKeySource returns the master key. It may make one only if fresh is
// true, which says that nothing was ever sealed in this database.
type masterKeySource func(fresh bool) (*secret.MasterKey, error)

// givenKey is a key the operator gave.
func givenKey(k *secret.MasterKey) masterKeySource {
	return func(bool) (*secret.MasterKey, error) { return k, nil }
}

// keyInFile is a key kept beside the database of development.
func keyInFile(path string) masterKeySource {
	return func(fresh bool) (*secret.MasterKey, error) {
		if fresh {
			return secret.LoadOrCreateMasterKeyFile(path)
		}
		k, err := secret.ReadMasterKeyFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("the master key %s is missing, and the database cannot be read without it; restore it", path)
		}
		return k, err
	}
}

// masterCheck is the name of a value sealed under the master key, by which a
// start with another key is recognised before it can do harm.
const masterCheck = "master_key_check"

// unlock gets the master key and makes sure that it is the one of db.
func unlock(ctx context.Context, db *sqlstore.Store, source masterKeySource) (*secret.MasterKey, error) {
	stored, err := db.InstanceValue(ctx, masterCheck)
	fresh := errors.Is(err, auth.ErrNotFound)
	if err != nil && !fresh {
		return nil, fmt.Errorf("read the master key check: %w", err)
	}
	master, err := source(fresh)
	if err != nil {
		return nil, err
	}
	sealer := master.Sealer("check")
	if fresh {
		sealed, err := sealer.Seal(masterCheck, []byte("perennial"))
		if err != nil {
			return nil, err
		}
		return master, db.SwapInstanceValue(ctx, masterCheck, nil, sealed)
	}
	if _, err := sealer.Open(masterCheck, stored); err != nil {
		return nil, errors.New("the master key is not the one this database was made with; start with that key, nothing was changed")
	}
	return master, nil
}
