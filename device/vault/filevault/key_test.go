package filevault

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
)

func TestKeyNeverPrints(t *testing.T) {
	t.Parallel()
	var key Key
	copy(key[:], "0123456789abcdef0123456789abcdef")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		if out := fmt.Appendf(nil, verb, key); bytes.Contains(out, []byte("0123456789abcdef")) || bytes.Contains(out, []byte("3031323334")) || bytes.Contains(out, []byte("48 49 50")) {
			t.Errorf("%s printed the key: %s", verb, out)
		}
	}
}

// lostKeys is a secret store that is down for one key.
type lostKeys struct {
	Keys
	down KeyID
}

func (k *lostKeys) Find(id KeyID) (Key, error) {
	if id == k.down {
		return Key{}, &KeyError{Answer: vault.Locked, Detail: "keyring is locked"}
	}
	return k.Keys.Find(id)
}

// A slot whose key cannot be had now hides a newer record, never an older one.
func TestUnavailableKey(t *testing.T) {
	t.Parallel()
	v := fuzzVault(t)
	other := Key{1}
	keys := &lostKeys{Keys: v.keys}
	key, err := v.keys.Current()
	if err != nil {
		t.Fatal(err)
	}
	v.keys, keys.down = keys, other.ID()
	put := func(name slotName, key Key, sequence uint64) {
		record := content{tenant: v.tenant, version: vault.Version{Lineage: "l", Generation: sequence}, body: []byte("x")}
		data, err := buildEnvelope(key, v.tenant, v.item, sequence, record.encode())
		if err == nil {
			err = disk.Replace(v.disk, v.slotPath(name), data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(slotA, other, 3)
	put(slotB, key, 5)
	if got := v.load(); got.Answer != vault.Found || got.Version.Generation != 5 {
		t.Errorf("older slot without its key: got %+v, want generation 5", got)
	}
	put(slotA, other, 6)
	if got := v.load(); got.Answer != vault.Locked {
		t.Errorf("newer slot without its key: got %+v, want locked", got)
	}
}
