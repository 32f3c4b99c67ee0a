package filevault

import (
	"bytes"
	"errors"
	"path/filepath"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
)

var errReadBack = errors.New("record did not read back as written")

func (v *Vault) lockPath() string { return filepath.Join(v.dir, "vault.lock") }

// writeSlot makes next durable in a slot and reads it back.
func (v *Vault) writeSlot(name slotName, key Key, sequence uint64, next content) error {
	data, err := buildEnvelope(key, v.tenant, v.item, sequence, next.encode())
	if err != nil {
		return err
	}
	if err := disk.Replace(v.disk, v.slotPath(name), data); err != nil {
		return err
	}
	back := v.readSlot(name)
	if back.answer != vault.Found || back.sequence != sequence ||
		back.content.version != next.version || !bytes.Equal(back.content.body, next.body) {
		return errReadBack
	}
	return nil
}
