package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// fullDisk puts the state folder on a disk of its own, signs in, and fills it.
func fullDisk(t *testing.T, stub *frontendStub) {
	t.Helper()
	clearDeviceEnvironment(t)
	home := t.TempDir()
	if err := syscall.Mount("tmpfs", home, "tmpfs", 0, "size=512k,mode=0700"); err != nil {
		t.Skipf("NOT TESTED: a full disk needs the right to mount one: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(home, syscall.MNT_DETACH) })
	t.Setenv(envHome, home)
	signInWithCode(t, stub)
	expect(t, runCommand(t, "", "token"), 0)
	ballast, err := os.Create(filepath.Join(home, "ballast"))
	for err == nil {
		_, err = ballast.Write(make([]byte, 4096))
	}
	_ = ballast.Close()
}

// On a full disk a sign-out lasts all the same: it goes where the record was.
func TestLogoutOnAFullDisk(t *testing.T) {
	stub := newFrontendStub(t)
	fullDisk(t, stub)
	for range 20 { // until the journal has no room, either
		expect(t, runCommand(t, "", "whoami"), 0)
	}
	expect(t, runCommand(t, "", "logout", "--json"), 0, `"status":"signed-out"`, `"delivered":true`)
	if stub.removals() == 0 {
		t.Error("the server was not told")
	}
	expect(t, runCommand(t, "", "explain"), 0, "Now: signed-out", "Last sign-out", "sign-out asked", "no space left")
	expect(t, runCommand(t, "", "whoami"), exitSignedOut, "user")
	expect(t, runCommand(t, "", "token"), exitSignedOut)
}

// Without the network the end of the session waits on the full disk, too.
func TestLogoutOfflineOnAFullDisk(t *testing.T) {
	stub := newFrontendStub(t)
	fullDisk(t, stub)
	stub.set(func() { stub.down = true })
	expect(t, runCommand(t, "", "logout", "--json"), 0, `"status":"signed-out"`, `"delivered":false`)
	expect(t, runCommand(t, "", "whoami"), exitSignedOut, "user")
	stub.set(func() { stub.down = false })
	expect(t, runCommand(t, "", "logout", "--json"), 0, `"delivered":true`)
	if stub.removals() != 1 {
		t.Errorf("the server was told %d times, want once", stub.removals())
	}
}
