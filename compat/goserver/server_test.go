package goserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

const startLimit = time.Minute

// A server is a running `perennial dev` on temporary data.
type server struct {
	URL            string `json:"url"`
	TLSURL         string `json:"tls_url"`
	PublishableKey string `json:"publishable_key"`
	SecretKey      string `json:"secret_key"`
}

// binary is the built server.
func binary() string {
	if given := os.Getenv("PERENNIAL_BIN"); given != "" {
		return given
	}
	return "../../bin/perennial"
}

// mustStart starts a server that ends with the test, with settings if any are
// given.
func mustStart(t *testing.T, settings ...string) server {
	t.Helper()
	if _, err := os.Stat(binary()); err != nil {
		t.Skipf("no built server: %v; run make compat", err)
	}
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready.json")
	arguments := []string{"dev", "--listen", "127.0.0.1:0", "--data", filepath.Join(folder, "data"), "--ready-file", ready}
	for _, text := range settings {
		file := filepath.Join(folder, "settings.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "--settings", file)
	}
	command := exec.CommandContext(t.Context(), binary(), arguments...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 15 * time.Second
	var output lockedText
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	// The folder is removed after this, so the server must be gone by then.
	t.Cleanup(func() { <-ended })
	return mustRead(t, ready, ended, &output)
}

// mustRead waits for the ready file, which appears once requests are answered.
func mustRead(t *testing.T, file string, ended chan error, output fmt.Stringer) server {
	t.Helper()
	deadline := time.After(startLimit)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("perennial dev ended before it was ready: %v\n%s", err, output)
		case <-deadline:
			t.Fatalf("no ready file within %v\n%s", startLimit, output)
		case <-poll.C:
		}
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		var s server
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// A device is what a person signs in on: its credential and its session.
type device struct {
	server     server
	credential string
	SessionID  string
}

// mustSignIn signs a person in the way a device does.
func (s server) mustSignIn(t *testing.T, identifier, password string) *device {
	t.Helper()
	d := &device{server: s}
	d.mustCall(t, http.MethodGet, "/v1/client", nil, nil)
	var answer struct {
		Response struct {
			Status    string `json:"status"`
			SessionID string `json:"created_session_id"`
		} `json:"response"`
	}
	d.mustCall(t, http.MethodPost, "/v1/client/sign_ins", url.Values{
		"identifier": {identifier}, "strategy": {"password"}, "password": {password},
	}, &answer)
	if answer.Response.Status != "complete" {
		t.Fatalf("sign-in is %q, want complete", answer.Response.Status)
	}
	d.SessionID = answer.Response.SessionID
	return d
}

// mustToken mints a session token.
func (d *device) mustToken(t *testing.T) string {
	t.Helper()
	var answer struct {
		JWT string `json:"jwt"`
	}
	d.mustCall(t, http.MethodPost, "/v1/client/sessions/"+d.SessionID+"/tokens", url.Values{"organization_id": {""}}, &answer)
	return answer.JWT
}

func (d *device) mustCall(t *testing.T, method, path string, form url.Values, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, d.server.URL+path+"?_is_native=1", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if d.credential != "" {
		request.Header.Set("Authorization", d.credential)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s (%v)", method, path, response.Status, body, err)
	}
	if credential := response.Header.Get("Authorization"); credential != "" {
		d.credential = credential
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, body)
	}
}

// lockedText keeps what a process prints; it is read while it is written.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
