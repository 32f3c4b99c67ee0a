package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is what one run of a command did, seen as a script sees it.
type outcome struct {
	stdout, stderr string
	status         int
}

// runCommand runs the root command as main does. The tests that use it are not
// parallel: the environment is theirs.
func runCommand(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	err := root.ExecuteContext(t.Context())
	o := outcome{stdout: stdout.String(), stderr: stderr.String()}
	if err != nil {
		o.status = 1
		o.stderr += err.Error()
		var status interface{ ExitStatus() int }
		if errors.As(err, &status) {
			o.status = status.ExitStatus()
		}
	}
	return o
}

func clearDeviceEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{envKey, envServer, envCA} {
		t.Setenv(name, "")
	}
	t.Setenv(envHome, t.TempDir())
}

func expect(t *testing.T, got outcome, status int, parts ...string) {
	t.Helper()
	if got.status != status {
		t.Fatalf("exit status %d, want %d\nstdout: %s\nstderr: %s", got.status, status, got.stdout, got.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(got.stdout+got.stderr, part) {
			t.Fatalf("output lacks %q\nstdout: %s\nstderr: %s", part, got.stdout, got.stderr)
		}
	}
	if strings.Count(strings.TrimSpace(got.stderr), "\n") > 0 {
		t.Fatalf("an error of more than one line: %s", got.stderr)
	}
}

func TestSignUpInTwoProcesses(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)

	expect(t, runCommand(t, "", "whoami", "--publishable-key", keyOne, "--server", stub.URL), exitSignedOut, "none")
	got := runCommand(t, "correct horse\n", "login", "--publishable-key", keyOne, "--server", stub.URL,
		"--sign-up", "--email", "ada@example.com", "--password-stdin", "--json")
	expect(t, got, 0, `"status":"code-sent"`, `"sent_to":"ada@example.com"`, "--code")
	// Nothing is signed in yet, and the key and server are remembered.
	expect(t, runCommand(t, "", "whoami"), exitSignedOut)
	expect(t, runCommand(t, "", "login", "--code", "000000"), 1, "Incorrect code", "form_code_incorrect")
	expect(t, runCommand(t, stubCode+"\n", "login", "--code-stdin", "--json"), 0, `"status":"signed-in"`, `"user_id":"user_1"`)
	expect(t, runCommand(t, "", "whoami"), 0, "Signed in as ada")
}

func TestWhoamiJSONHasExactlyTheseMembers(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	stub.set(func() { stub.down = true })
	got := runCommand(t, "", "whoami", "--json")
	expect(t, got, 0)
	var line map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &line); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"verdict": "active-unverified", "cause": "restored", "user_id": "user_1", "session_id": "sess_1", "confirmed": false,
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
		delete(line, name)
	}
	for _, name := range []string{"sequence", "elapsed_ms"} {
		if n, ok := line[name].(float64); !ok || n < 1 || n != float64(int64(n)) {
			t.Errorf("%s is %v, want a whole number", name, line[name])
		}
		delete(line, name)
	}
	if len(line) > 0 {
		t.Errorf("further members: %v", line)
	}
	stub.set(func() { stub.down = false })
	expect(t, runCommand(t, "", "whoami", "--json", "--wait", "confirmed"), 0, `"verdict":"active"`, `"confirmed":true`)
	expect(t, runCommand(t, "", "whoami", "--wait", "forever"), 1, "--wait")
}

func TestSessionEndedByTheServer(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	stub.set(func() { stub.signedIn = false })
	expect(t, runCommand(t, "", "whoami", "--wait", "confirmed", "--json"), exitSignedOut, `"cause":"revoked"`)
	expect(t, runCommand(t, "", "whoami", "--json"), exitSignedOut, `"cause":"revoked"`)
	expect(t, runCommand(t, "", "token"), exitSignedOut, "perennial login")
}

func TestToken(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	expect(t, runCommand(t, "", "token"), 0, ".c2ln")
	expect(t, runCommand(t, "", "token", "--json", "--fresh"), 0, `"token":"`, `"session_id":"sess_1"`)
	stub.set(func() { stub.down = true })
	expect(t, runCommand(t, "", "token", "--timeout", "5s"), 1, "could not be asked")
	expect(t, runCommand(t, "", "whoami"), 0)
}

// A sign-out without the network is final here, and told to the server later.
func TestLogoutOffline(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	stub.set(func() { stub.down = true })
	expect(t, runCommand(t, "", "logout", "--json"), 0, `"status":"signed-out"`, `"delivered":false`)
	expect(t, runCommand(t, "", "whoami"), exitSignedOut, "user")
	if stub.removals() != 0 {
		t.Fatal("the server was told while it was down")
	}
	stub.set(func() { stub.down = false })
	// On a busy machine one passing visit may be too short; the next one is not.
	for range 20 {
		expect(t, runCommand(t, "", "whoami"), exitSignedOut)
		if stub.removals() > 0 {
			break
		}
	}
	if stub.removals() == 0 {
		t.Error("the commands that followed never told the server")
	}
	expect(t, runCommand(t, "", "logout", "--json"), 0, `"delivered":true`)
}

// shutStore lets nothing be stored any more, until the folder that it returns is
// removed: no writer gets past a lock that is a folder.
func shutStore(t *testing.T) (lock string) {
	t.Helper()
	home, err := deviceHome()
	if err != nil {
		t.Fatal(err)
	}
	lock = filepath.Join(home, "vault.lock")
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
		t.Fatal(err)
	}
	return lock
}

// A sign-out that cannot be stored fails, and ends the session on the server
// all the same.
func TestLogoutWithoutStore(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	lock := shutStore(t)
	expect(t, runCommand(t, "", "logout", "--json"), 1, "could not be stored on this device", "ended on the server")
	if stub.removals() == 0 {
		t.Fatal("the server was not told")
	}
	// The record still says otherwise. What happened is told, and once the
	// server is asked its word counts.
	expect(t, runCommand(t, "", "explain"), 0, "could not be stored (open", "sign out again", "(no answer came")
	expect(t, runCommand(t, "", "whoami", "--wait", "confirmed"), exitSignedOut)

	// It works as soon as the store does.
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	expect(t, runCommand(t, "", "logout"), 0, "Signed out")
	expect(t, runCommand(t, "", "whoami"), exitSignedOut)
}

// Where neither the store nor the server hears of a sign-out, it has failed.
func TestLogoutWithoutStoreAndServer(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	shutStore(t)
	stub.set(func() { stub.down = true })
	expect(t, runCommand(t, "", "logout"), 1, "not signed out", "perennial logout")
	expect(t, runCommand(t, "", "explain"), 0, "Now: active-unverified", "could not be stored")
}

func TestExplain(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	signInWithCode(t, stub)
	got := runCommand(t, "", "explain")
	expect(t, got, 0, "Now:", "Launch")
	if strings.Contains(got.stdout, "stub-credential") || strings.Contains(got.stdout, stubCode) {
		t.Errorf("the explanation holds a secret: %s", got.stdout)
	}
	expect(t, runCommand(t, "", "explain", "--json"), 0, `"story":["Now:`)
}

func TestLoginErrorsSayHowToFix(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	at := []string{"login", "--publishable-key", keyOne, "--server", stub.URL}
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "--email"},
		{[]string{"--email", "ada@example.com"}, "--password-stdin"},
		{[]string{"--email", "ada@example.com", "--strategy", "telepathy"}, "--strategy"},
		{[]string{"--code", stubCode}, "perennial login --email"},
		{[]string{"--password-stdin", "--email", "ada@example.com"}, "no password on standard input"},
		{[]string{"--server", "http://example.com", "--email", "a@b.c"}, "plain http"},
		{[]string{"--ca-file", "/does/not/exist", "--email", "a@b.c"}, "certificate authority"},
		{[]string{"--publishable-key", "sk_test_x"}, "secret key"},
	} {
		expect(t, runCommand(t, "", append(append([]string{}, at...), test.args...)...), 1, test.want)
	}
	expect(t, runCommand(t, "", "whoami"), 1, "--publishable-key")
}

func TestServerDownAtLogin(t *testing.T) {
	clearDeviceEnvironment(t)
	stub := newFrontendStub(t)
	stub.set(func() { stub.down = true })
	expect(t, runCommand(t, "", "login", "--publishable-key", keyOne, "--server", stub.URL, "--email", "a@b.c", "--strategy", "email_code"), 1,
		"could not be asked", "503")
}

// signInWithCode signs in over two commands, as a script does.
func signInWithCode(t *testing.T, stub *frontendStub) {
	t.Helper()
	got := runCommand(t, "", "login", "--publishable-key", keyOne, "--server", stub.URL, "--email", "ada@example.com", "--strategy", "email_code")
	expect(t, got, 0, "perennial login --code")
	expect(t, runCommand(t, "", "login", "--code", stubCode), 0, "Signed in as ada")
}
