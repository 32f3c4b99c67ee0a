package main

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// expectBound looks into the folder of the device: its credential is bound to a
// key, from birth.
func expectBound(t *testing.T, publishableKey string) {
	t.Helper()
	home, err := deviceHome()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filevault.Open(filevault.Config{Dir: home, Tenant: publishableKey})
	if err != nil {
		t.Fatal(err)
	}
	tenant := sha256.Sum256([]byte(publishableKey))
	loaded := files.Load(t.Context())
	record, err := core.DecodeRecord(core.NewSecret(string(loaded.Body)), hex.EncodeToString(tenant[:]))
	if err != nil {
		t.Fatalf("%s: %v", loaded.Answer, err)
	}
	if record.Credential.IsZero() || record.Credential.Key().IsZero() || !record.Origin.IsZero() {
		t.Error("the credential is not bound to a key from birth")
	}
}
