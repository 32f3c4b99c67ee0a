package filevault

import (
	"bytes"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/disk/crashdisk"
)

func fuzzVault(t testing.TB) *Vault {
	v, err := Open(Config{Dir: "/vault", Tenant: "tenant", Disk: crashdisk.New()})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// FuzzSlot feeds arbitrary bytes to the reader of slot files. Nothing may
// panic, and nothing but a sealed record may be found.
func FuzzSlot(f *testing.F) {
	v := fuzzVault(f)
	key, err := v.keys.Current()
	if err != nil {
		f.Fatal(err)
	}
	record := content{tenant: v.tenant, version: vault.Version{Lineage: "l", Generation: 1}, body: []byte("body")}
	valid, err := buildEnvelope(key, v.tenant, v.item, 7, record.encode())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(valid)
	f.Add(valid[:headerLength])
	f.Add(valid[:preludeLength])
	f.Add([]byte(magic))
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xff}, 200))
	f.Fuzz(func(t *testing.T, data []byte) {
		state := v.decodeSlot(data)
		if state.answer == vault.Found && !bytes.Equal(data, valid) {
			t.Fatalf("found a record in bytes that were never sealed: %+v", state)
		}
		if state.answer != vault.Found && state.detail == "" {
			t.Fatalf("answer %s without a detail", state.answer)
		}
	})
}

// FuzzFields feeds arbitrary bytes to the decoder inside the seal. What parses
// must survive being written again.
func FuzzFields(f *testing.F) {
	record := content{version: vault.Version{Lineage: "l", Generation: 1}, body: []byte("body")}
	f.Add(record.encode())
	f.Add(appendField(record.encode(), tagOptional|9, []byte("kept")))
	f.Add(appendField(record.encode(), 77, []byte("critical")))
	f.Add([]byte{0, 1, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := decodeContent(data)
		if err != nil {
			return
		}
		second, err := decodeContent(first.encode())
		if err != nil {
			t.Fatalf("does not parse again: %v", err)
		}
		if !bytes.Equal(first.encode(), second.encode()) {
			t.Fatal("does not survive being written again")
		}
	})
}

// Fields that a newer version added as optional survive a save by this one; an
// unknown field that is not optional makes the record too new.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	v := fuzzVault(t)
	key, err := v.keys.Current()
	if err != nil {
		t.Fatal(err)
	}
	put := func(tag uint16) {
		record := content{tenant: v.tenant, version: vault.Version{Lineage: "l", Generation: 1}, body: []byte("one")}
		record.extra = appendField(nil, tag, []byte("from the future"))
		data, err := buildEnvelope(key, v.tenant, v.item, 1, record.encode())
		if err != nil {
			t.Fatal(err)
		}
		if err := disk.Replace(v.disk, v.slotPath(slotA), data); err != nil {
			t.Fatal(err)
		}
	}
	put(77)
	if got := v.load(); got.Answer != vault.TooNew {
		t.Errorf("critical field: got %+v, want too-new", got)
	}
	put(tagOptional | 77)
	saved := v.Save(t.Context(), vault.Change{
		Previous: vault.Version{Lineage: "l", Generation: 1},
		Next:     vault.Version{Lineage: "l", Generation: 2}, Body: []byte("two"),
	})
	if saved.Answer != vault.Stored {
		t.Fatalf("save: %+v", saved)
	}
	extra := v.look()[slotB].content.extra
	if !bytes.Contains(extra, []byte("from the future")) {
		t.Errorf("the unknown field was lost: %q", extra)
	}
}
