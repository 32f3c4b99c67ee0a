package filevault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"

	"github.com/perennialauth/perennial/device/vault/disk"
)

// setAside moves an unreadable file to a name that no vault reads. A random
// suffix keeps earlier remains from being overwritten. The caller flushes the
// folder with its next step.
func setAside(d disk.Disk, path string) error {
	var suffix [6]byte
	if _, err := rand.Read(suffix[:]); err != nil {
		return err
	}
	err := d.Rename(path, path+".quarantine-"+hex.EncodeToString(suffix[:]))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
