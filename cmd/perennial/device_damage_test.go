package main

import (
	"os"
	"path/filepath"
	"testing"
)

// recordFiles are the slots of the stored record.
func recordFiles(t *testing.T) []string {
	t.Helper()
	home, err := deviceHome()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"session-*.a", "session-*.b"} {
		found, err := filepath.Glob(filepath.Join(home, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Fatal("no record was stored")
	}
	return files
}

// One torn file costs nothing; the loss of both is said, kept for inspection,
// and does not stand in the way of a new sign-in.
func TestDamagedStateFiles(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	expect(t, runCommand(t, "", "whoami", "--wait", "confirmed"), 0)

	files := recordFiles(t)
	if len(files) == 2 {
		if err := os.Truncate(files[0], 33); err != nil {
			t.Fatal(err)
		}
		expect(t, runCommand(t, "", "whoami"), 0)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte("this is somebody else's file"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := runCommand(t, "", "whoami", "--json")
	if got.status != exitUndetermined && got.status != exitSignedOut {
		t.Fatalf("both copies lost: exit status %d: %s%s", got.status, got.stdout, got.stderr)
	}
	stub.set(func() { stub.signedIn = false })
	signInWithCode(t, stub)
	expect(t, runCommand(t, "", "whoami"), 0)
	home, _ := deviceHome()
	kept, err := filepath.Glob(filepath.Join(home, "*.quarantine-*"))
	if err != nil || len(kept) == 0 {
		t.Errorf("nothing was kept of the foreign files: %v %v", kept, err)
	}
}

// A sign-in is in both files at once: one that was only in the newest used to
// give way to the tombstone before it when that file was damaged.
func TestEitherFileHoldsAFreshSignIn(t *testing.T) {
	for i := range 2 {
		clearDeviceEnvironment(t)
		stub := newFrontendStub(t)
		signInWithCode(t, stub)
		expect(t, runCommand(t, "", "logout"), 0)
		stub.set(func() { stub.signedIn = false })
		signInWithCode(t, stub)
		files := recordFiles(t)
		if len(files) != 2 {
			t.Fatalf("%d files hold the record, want 2", len(files))
		}
		if err := os.Truncate(files[i], 33); err != nil {
			t.Fatal(err)
		}
		expect(t, runCommand(t, "", "whoami"), 0)
	}
}

// Without its key the record is gone for good, and that too is said once.
func TestLostKeyFile(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	home, _ := deviceHome()
	if err := os.Remove(filepath.Join(home, "vault.key")); err != nil {
		t.Fatal(err)
	}
	expect(t, runCommand(t, "", "whoami", "--json"), exitSignedOut, `"cause":"key-lost"`)
	expect(t, runCommand(t, "", "explain"), 0, "key")
	stub.set(func() { stub.signedIn = false })
	signInWithCode(t, stub)
	expect(t, runCommand(t, "", "whoami"), 0)
}
