package filevault

import (
	"fmt"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
)

var _ vault.Peeker = (*Vault)(nil)

// Peek implements [vault.Peeker]. Every save renames a new file into a slot, so
// identity, size and time of the two slots tell that something was saved.
func (v *Vault) Peek() (string, bool) {
	marker, ok := v.disk.(disk.Marker)
	if !ok {
		return "", false
	}
	a, errA := marker.Mark(v.slotPath(slotA))
	b, errB := marker.Mark(v.slotPath(slotB))
	return fmt.Sprint(a, b), errA == nil && errB == nil
}
