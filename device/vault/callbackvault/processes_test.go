package callbackvault_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/callbackvault"
	"github.com/perennialauth/perennial/device/vault/vaulttest"
)

func TestMain(m *testing.M) {
	vaulttest.WorkIfAsked(shared)
	os.Exit(m.Run())
}

// shared is the vault of an app and its extension: one store, here files of one
// value each, and one folder for the lock.
func shared(dir string) vault.Vault {
	path := func(name string) string { return filepath.Join(dir, name) }
	absent := func(err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return callbackvault.ErrAbsent
		}
		return err
	}
	return mustOpen(callbackvault.Config{
		Tenant: tenant, MaxValue: 256, LockDir: filepath.Join(dir, "lock"),
		Get: func(name string) ([]byte, error) {
			data, err := os.ReadFile(path(name))
			return data, absent(err)
		},
		Set: func(name string, value []byte) error {
			aside, err := os.CreateTemp(dir, "set")
			if err != nil {
				return err
			}
			_, err = aside.Write(value)
			return errors.Join(err, aside.Close(), os.Rename(aside.Name(), path(name)))
		},
		Delete: func(name string) error { return absent(os.Remove(path(name))) },
	})
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	vaulttest.Processes(t, shared, 700*time.Millisecond)
}
