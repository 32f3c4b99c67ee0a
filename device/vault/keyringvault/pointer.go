package keyringvault

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// Backend says which store keeps a sealing key.
type Backend string

const (
	// Keyring: the secret store.
	Keyring Backend = "keyring"
	// KeyFile: the key file in the vault's folder.
	KeyFile Backend = "file"
)

// pointer is the remembered choice of backend. It holds no secret. Losing it
// loses no record: each record names its key by itself.
type pointer struct {
	Format  int     `json:"format"`
	Backend Backend `json:"backend"`
	// Reason says why the backend is not the secret store.
	Reason string `json:"reason,omitempty"`
	// Keys are the identifiers of the keys that were put in the secret store,
	// newest first. A key that is not among them was never there.
	Keys []string `json:"keys,omitempty"`
}

const (
	pointerFormat = 1
	// manyKeys bounds the list: one is added when a secret store was replaced.
	manyKeys = 32
)

var errNewerPointer = errors.New("a newer version chose the backend")

// readPointer returns the zero pointer where there is none. A damaged pointer
// is none: it is a hint, and it is written whole or not at all.
func (r *ring) readPointer() (pointer, error) {
	data, err := r.disk.Read(r.pointerPath(), 64<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return pointer{}, nil
	}
	if err != nil {
		return pointer{}, err
	}
	var p pointer
	if json.Unmarshal(data, &p) != nil || p.Format < 1 {
		return pointer{}, nil
	}
	if p.Format > pointerFormat {
		return pointer{}, errNewerPointer
	}
	return p, nil
}

// writePointer is called under the folder's lock.
func (r *ring) writePointer(p pointer) error {
	p.Format = pointerFormat
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return disk.Replace(r.disk, r.pointerPath(), append(data, '\n'))
}

func (r *ring) pointerPath() string { return filepath.Join(r.dir, filevault.SecretStoreMark) }

func (p pointer) with(id filevault.KeyID) pointer {
	keys := append([]string{idText(id)}, p.Keys...)
	return pointer{Backend: Keyring, Keys: keys[:min(len(keys), manyKeys)]}
}

func (p pointer) held(id filevault.KeyID) bool { return slices.Contains(p.Keys, idText(id)) }

// newest is the key to seal with, if the choice is the secret store.
func (p pointer) newest() (filevault.KeyID, bool) {
	if p.Backend != Keyring || len(p.Keys) == 0 {
		return filevault.KeyID{}, false
	}
	data, err := hex.DecodeString(p.Keys[0])
	if err != nil || len(data) != len(filevault.KeyID{}) {
		return filevault.KeyID{}, false
	}
	return filevault.KeyID(data), true
}

func idText(id filevault.KeyID) string { return hex.EncodeToString(id[:]) }
