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

// writeSlot makes next durable in a slot and reads it back. A
// spare slot holds nothing that is still needed.
func (v *Vault) writeSlot(name slotName, key Key, sequence uint64, next content, spare bool) (detail string, err error) {
	data, err := buildEnvelope(key, v.tenant, v.item, sequence, next.encode())
	if err != nil {
		return "", err
	}
	if detail, err = v.putSlot(name, data, spare); err != nil {
		return "", err
	}
	back := v.readSlot(name)
	if back.answer != vault.Found || back.sequence != sequence ||
		back.content.version != next.version || !bytes.Equal(back.content.body, next.body) {
		return "", errReadBack
	}
	return detail, nil
}

// putSlot replaces a slot. What has to be stored even where there is no space
// left (or no right to make a file) goes into the blocks of a spare slot, and at
// last where those of the spare slot were. A cut in between leaves a slot that
// is damaged beside one that holds the record. The detail says that it was so.
func (v *Vault) putSlot(name slotName, data []byte, spare bool) (detail string, err error) {
	path := v.slotPath(name)
	err = disk.Replace(v.disk, path, data)
	if err == nil || !spare {
		return "", err
	}
	detail = "stored in the place of an older copy: " + reason(err)
	if over, can := v.disk.(disk.Overwriter); can && over.Overwrite(path, data) == nil {
		return detail, nil
	}
	if v.disk.Remove(path) != nil {
		return "", err
	}
	return detail, disk.Replace(v.disk, path, data)
}
