package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/perennialauth/perennial/internal/secret"
)

// dataFolder is the folder of one instance, held by one process.
type dataFolder struct {
	path string
	lock *flock.Flock
}

// openDataFolder makes the folder if needed and takes it. Of two processes on
// one folder the second is refused before it reads or writes anything in it.
func openDataFolder(path string) (*dataFolder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("data folder %s: %w; choose another with --data", path, reason(err))
	}
	lock := flock.New(filepath.Join(path, "perennial.lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w; choose another with --data", path, reason(err))
	}
	if !held {
		return nil, fmt.Errorf("data folder %s is in use by another perennial process; stop it or choose another with --data", path)
	}
	return &dataFolder{path: path, lock: lock}, nil
}

// reason strips the operation and path that the caller names already.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (d *dataFolder) file(name string) string { return filepath.Join(d.path, name) }

func (d *dataFolder) close() { _ = d.lock.Close() }

// identity is what makes the development instance the same one at every
// start. It is kept beside the database, readable by the owner only.
type identity struct {
	InstanceID string `json:"instance_id"`
	SecretKey  string `json:"secret_key"`
	// Port was listened on last: the publishable key names it, so it is taken
	// again when free.
	Port int `json:"port"`
}

const identityFile = "instance.json"

// readIdentity returns the zero identity when there is none yet.
func readIdentity(folder string) (identity, error) {
	var id identity
	file := filepath.Join(folder, identityFile)
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return id, nil
	}
	if err != nil {
		return id, fmt.Errorf("read %s: %w", file, reason(err))
	}
	if err := json.Unmarshal(raw, &id); err != nil || id.SecretKey == "" || id.InstanceID == "" {
		return id, fmt.Errorf("%s is damaged; restore it, or move it away to get new keys", file)
	}
	return id, nil
}

// complete fills in what the first start has to make.
func (id identity) complete() identity {
	if id.InstanceID == "" {
		id.InstanceID = "ins_" + randomText(27)
	}
	if id.SecretKey == "" {
		id.SecretKey = "sk_test_" + randomText(40)
	}
	return id
}

func (d *dataFolder) writeIdentity(id identity) error {
	raw, err := json.MarshalIndent(id, "", "  ")
	if err != nil {
		return err
	}
	if err := secret.WriteFile(d.file(identityFile), append(raw, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", d.file(identityFile), reason(err))
	}
	return nil
}

// randomText returns n random letters and digits. The remainder of 256 by 62
// is rejected, so that every character is equally likely.
func randomText(n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := make([]byte, 0, n)
	var b [64]byte
	for len(out) < n {
		_, _ = rand.Read(b[:]) // never fails
		for _, v := range b {
			if v < 248 && len(out) < n {
				out = append(out, alphabet[v%62])
			}
		}
	}
	return string(out)
}
