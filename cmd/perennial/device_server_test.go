package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// runningServer is a real `perennial dev` on loopback.
type runningServer struct {
	URL            string `json:"url"`
	TLSURL         string `json:"tls_url"`
	CAFile         string `json:"ca_file"`
	PublishableKey string `json:"publishable_key"`
	SecretKey      string `json:"secret_key"`
	InboxURL       string `json:"inbox_url"`
}

func startServerProcess(t *testing.T, args ...string) runningServer {
	t.Helper()
	folder := t.TempDir()
	readyFile := filepath.Join(folder, "ready.json")
	args = append([]string{"dev", "--listen", "127.0.0.1:0", "--data", filepath.Join(folder, "data"), "--ready-file", readyFile}, args...)
	command := exec.Command(mustBuildPerennial(t), args...)
	var log strings.Builder
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = command.Wait(); close(exited) }()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
			<-exited
		}
	})
	var server runningServer
	poll(t, "the server to be ready", func() bool {
		select {
		case <-exited:
			t.Fatalf("the server ended: %s", log.String())
		default:
		}
		data, err := os.ReadFile(readyFile)
		return err == nil && json.Unmarshal(data, &server) == nil
	})
	return server
}

// code is the newest code for an address that differs from the one before.
func (s runningServer) code(t *testing.T, address, before string) string {
	t.Helper()
	var code string
	poll(t, "a code for "+address, func() bool {
		response, err := http.Get(s.InboxURL + "?to=" + url.QueryEscape(address))
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		var messages []struct {
			Code string `json:"code"`
		}
		if json.NewDecoder(response.Body).Decode(&messages) != nil || len(messages) == 0 {
			return false
		}
		code = messages[0].Code
		return code != "" && code != before
	})
	return code
}

func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); !done(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("waited too long for %s", what)
		}
	}
}

// Every way to sign in, against the real server, each step a command of its own.
func TestDeviceCommandsAgainstTheServer(t *testing.T) {
	clearDeviceEnvironment(t)
	server := startServerProcess(t)
	t.Setenv(envKey, server.PublishableKey)
	t.Setenv(envServer, server.TLSURL)
	t.Setenv(envCA, "")
	expect(t, runCommand(t, "", "login", "--email", "a@b.example", "--strategy", "email_code"), 1, "--ca-file")
	t.Setenv(envCA, server.CAFile)
	const address, password, second = "grace@example.com", "a long enough passphrase 1", "another long passphrase 2"

	expect(t, runCommand(t, password, "login", "--sign-up", "--email", address, "--password-stdin"), 0, "login --code")
	code := server.code(t, address, "")
	expect(t, runCommand(t, "", "login", "--code", code), 0, "Signed in as "+address)
	expect(t, runCommand(t, "", "whoami", "--wait", "confirmed", "--json"), 0, `"verdict":"active"`)
	expectBound(t, server.PublishableKey)
	token := runCommand(t, "", "token")
	expect(t, token, 0)
	if strings.Count(token.stdout, ".") != 2 {
		t.Errorf("not a token: %s", token.stdout)
	}
	expect(t, runCommand(t, "", "logout", "--json"), 0, `"delivered":true`)
	expect(t, runCommand(t, "", "whoami"), exitSignedOut)

	expect(t, runCommand(t, "wrong "+password, "login", "--email", address, "--password-stdin"), 1, "refused")
	expect(t, runCommand(t, password, "login", "--email", address, "--password-stdin"), 0, "Signed in as "+address)
	expect(t, runCommand(t, "", "logout"), 0)

	expect(t, runCommand(t, "", "login", "--email", address, "--strategy", "email_code"), 0, "login --code")
	code = server.code(t, address, code)
	expect(t, runCommand(t, "", "login", "--code", code), 0, "Signed in as "+address)
	expect(t, runCommand(t, "", "logout"), 0)

	expect(t, runCommand(t, "", "login", "--email", address, "--strategy", "reset_password_email_code"), 0, "login --code")
	code = server.code(t, address, code)
	expect(t, runCommand(t, "", "login", "--code", code), 0, "login --password-stdin")
	expect(t, runCommand(t, second, "login", "--password-stdin"), 0, "Signed in as "+address)
	expect(t, runCommand(t, "", "logout"), 0)
	expect(t, runCommand(t, second, "login", "--email", address, "--password-stdin"), 0)
	expect(t, runCommand(t, "", "whoami", "--wait", "confirmed"), 0, "confirmed by the server")
}

// Twelve processes sign in at once in one home. One session stays; the others
// are ended on the server, also those that no process was left to end.
func TestParallelLoginsLeaveOneSession(t *testing.T) {
	clearDeviceEnvironment(t)
	server := startServerProcess(t)
	perennial := mustBuildPerennial(t)
	const address, password, many = "crowd@example.com", "a long enough passphrase 1", 12
	p := processes{binary: perennial, home: t.TempDir(), server: server.URL, key: server.PublishableKey}
	passwordFile := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(passwordFile, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.must(t, 0, "login", "--sign-up", "--email", address, "--password-file", passwordFile)
	p.must(t, 0, "login", "--code", server.code(t, address, ""))
	var done sync.WaitGroup
	for range many {
		done.Go(func() {
			// A server with too few processors for so many hashes says so; people try again.
			for end := time.Now().Add(time.Minute); ; {
				status, output := p.run(t, 0, "login", "--email", address, "--password-file", passwordFile)
				if status == 0 {
					return
				}
				if !strings.Contains(output, "status 503") || time.Now().After(end) {
					t.Errorf("login: exit status %d: %s", status, output)
					return
				}
			}
		})
	}
	done.Wait()
	p.must(t, 0, "whoami", "--wait", "confirmed")
	poll(t, "the other sessions to be ended", func() bool {
		p.must(t, 0, "whoami") // delivers what is queued
		return server.activeSessions(t) == 1
	})
	p.must(t, 0, "logout")
	if left := server.activeSessions(t); left != 0 {
		t.Errorf("%d sessions are left after the sign-out", left)
	}
}

// activeSessions counts them with the Backend API.
func (s runningServer) activeSessions(t *testing.T) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1/sessions?status=active&limit=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.SecretKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var sessions []json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&sessions); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("count sessions: status %d, %v", response.StatusCode, err)
	}
	return len(sessions)
}
