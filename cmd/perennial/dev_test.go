package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/secret"
)

// devProcess is a running `perennial dev`.
type devProcess struct {
	command *exec.Cmd
	ready   readyFile
	file    string
	output  *bytes.Buffer
	done    chan error
}

// startDev starts the real binary and waits for its ready file.
func startDev(t *testing.T, data string, args ...string) *devProcess {
	t.Helper()
	p := &devProcess{file: filepath.Join(t.TempDir(), "ready.json"), output: &bytes.Buffer{}, done: make(chan error, 1)}
	p.command = exec.Command(mustBuildPerennial(t), append([]string{
		"dev", "--listen", "127.0.0.1:0", "--data", data, "--ready-file", p.file,
	}, args...)...)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.command.Wait() }()
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	deadline := time.Now().Add(30 * time.Second)
	for {
		raw, err := os.ReadFile(p.file)
		if err == nil {
			// The file appears complete or not at all.
			if err := json.Unmarshal(raw, &p.ready); err != nil {
				t.Fatalf("ready file %q: %v", raw, err)
			}
			return p
		}
		select {
		case err := <-p.done:
			t.Fatalf("ended before it was ready: %v\n%s", err, p.output)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("not ready in 30 s")
		}
	}
}

// stop asks for a graceful end and returns how the process ended.
func (p *devProcess) stop(t *testing.T) error {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.done:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("does not stop")
		return nil
	}
}

// fails runs the binary and expects one clear line and a failure.
func fails(t *testing.T, want string, args ...string) {
	t.Helper()
	command := exec.Command(mustBuildPerennial(t), args...)
	var stderr, stdout bytes.Buffer
	command.Stderr, command.Stdout = &stderr, &stdout
	timer := time.AfterFunc(20*time.Second, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	err := command.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("ended with %v, want exit status 1; output %s%s", err, &stdout, &stderr)
	}
	text := strings.TrimSpace(stderr.String())
	if strings.Contains(text, "\n") || !strings.Contains(text, want) || !strings.HasPrefix(text, "perennial: ") {
		t.Errorf("stderr %q, want one line with %q", text, want)
	}
}

func fetch(t *testing.T, client *http.Client, url string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(raw)
}

func TestDevKeepsItsWord(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	first := startDev(t, data)
	r := first.ready
	if r.PID != first.command.Process.Pid || r.InboxURL != r.URL+"/dev/inbox" || r.TLSURL != "https"+strings.TrimPrefix(r.URL, "http") ||
		!strings.HasPrefix(r.PublishableKey, "pk_test_") || !strings.HasPrefix(r.SecretKey, "sk_test_") {
		t.Errorf("ready file %+v", r)
	}
	if info, err := os.Stat(first.file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the ready file has the secret key in it and mode %v, %v", info.Mode(), err)
	}
	pem, err := os.ReadFile(r.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	secure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	defer secure.CloseIdleConnections()
	for _, path := range []string{"/v1/health", "/v1/environment", "/.well-known/jwks.json", "/dev/inbox?to=a@b.test"} {
		if status, body := fetch(t, http.DefaultClient, r.URL+path); status != 200 {
			t.Errorf("plain %s: %d %s", path, status, body)
		}
		if status, body := fetch(t, secure, r.TLSURL+path); status != 200 {
			t.Errorf("TLS %s: %d %s", path, status, body)
		}
	}
	_, jwks := fetch(t, http.DefaultClient, r.URL+"/.well-known/jwks.json")

	// A second process on the same folder is refused and harms nothing.
	fails(t, "in use by another perennial process", "dev", "--listen", "127.0.0.1:0", "--data", data, "--ready-file", first.file)
	if status, _ := fetch(t, http.DefaultClient, r.URL+"/v1/health"); status != 200 {
		t.Error("the first process suffered")
	}
	if err := first.stop(t); err != nil {
		t.Errorf("ended with %v\n%s", err, first.output)
	}
	if _, err := os.Stat(first.file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the ready file outlives the server: %v", err)
	}

	second := startDev(t, data)
	if second.ready.PublishableKey != r.PublishableKey || second.ready.SecretKey != r.SecretKey || second.ready.URL != r.URL {
		t.Errorf("after a restart the keys changed:\n%+v\n%+v", r, second.ready)
	}
	if _, again := fetch(t, http.DefaultClient, second.ready.URL+"/.well-known/jwks.json"); again != jwks {
		t.Error("after a restart the signing key changed")
	}
	// Killed without a chance to clean up, the folder is usable at once.
	if err := second.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-second.done
	third := startDev(t, data)
	if third.ready.SecretKey != r.SecretKey {
		t.Error("after a kill the keys changed")
	}
	for _, p := range []*devProcess{first, third} {
		_ = p.stopQuietly()
		if strings.Contains(logOf(p), r.SecretKey) {
			t.Error("the secret key is in the log")
		}
	}
}

func (p *devProcess) stopQuietly() error {
	_ = p.command.Process.Kill()
	return nil
}

// logOf is the output without the banner, which shows the keys on purpose.
func logOf(p *devProcess) string {
	var lines []string
	for line := range strings.SplitSeq(p.output.String(), "\n") {
		if strings.HasPrefix(line, "time=") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestDevRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	t.Run("port in use", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		fails(t, "in use by another program", "dev", "--listen", l.Addr().String(), "--data", t.TempDir())
	})
	t.Run("data folder is a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, file, "dev", "--listen", "127.0.0.1:0", "--data", file)
		if got, _ := os.ReadFile(file); string(got) != "precious" {
			t.Error("the file was changed")
		}
	})
	t.Run("data folder cannot be made", func(t *testing.T) {
		t.Parallel()
		fails(t, "--data", "dev", "--listen", "127.0.0.1:0", "--data", "/proc/perennial-test")
	})
	t.Run("corrupt database", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		file := filepath.Join(data, "perennial.db")
		junk := bytes.Repeat([]byte("this is not a database "), 1000)
		if err := os.WriteFile(file, junk, 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, file, "dev", "--listen", "127.0.0.1:0", "--data", data)
		if got, _ := os.ReadFile(file); !bytes.Equal(got, junk) {
			t.Error("the database file was changed")
		}
		for _, name := range []string{"instance.json", "perennial.db-wal", "master.key", "ca.pem"} {
			if _, err := os.Stat(filepath.Join(data, name)); err == nil {
				t.Errorf("%s was made beside a database that was refused", name)
			}
		}
	})
	t.Run("another master key", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		p := startDev(t, data)
		_ = p.stop(t)
		if err := os.Remove(filepath.Join(data, "master.key")); err != nil {
			t.Fatal(err)
		}
		fails(t, "restore it", "dev", "--listen", "127.0.0.1:0", "--data", data)
		other, err := secret.NewMasterKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, "master.key"), []byte(other.Encode()), 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, "not the one this database was made with", "dev", "--listen", "127.0.0.1:0", "--data", data)
	})
	t.Run("damaged identity", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		file := filepath.Join(data, "instance.json")
		if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, file, "dev", "--listen", "127.0.0.1:0", "--data", data)
	})
	t.Run("no port", func(t *testing.T) {
		t.Parallel()
		fails(t, "HOST:PORT", "dev", "--listen", "127.0.0.1", "--data", t.TempDir())
	})
	t.Run("host without a dot", func(t *testing.T) {
		t.Parallel()
		fails(t, "--host", "dev", "--listen", "[::1]:0", "--data", t.TempDir())
	})
	t.Run("nothing configured to serve", func(t *testing.T) {
		t.Parallel()
		fails(t, "perennial keygen", "serve")
	})
}

func TestKeyHost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ listen, given, want string }{
		{"localhost:1", "", "127.0.0.1"}, {"0.0.0.0:1", "", "127.0.0.1"}, {":0", "", "127.0.0.1"}, {"[::]:1", "", "127.0.0.1"},
		{"192.168.1.2:80", "", "192.168.1.2"}, {"127.0.0.1:80", "clerk.local.test", "clerk.local.test"},
	} {
		if got, err := keyHost(tt.listen, tt.given); err != nil || got != tt.want {
			t.Errorf("keyHost(%q, %q) = %q, %v", tt.listen, tt.given, got, err)
		}
	}
	for _, listen := range []string{"", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:http"} {
		if _, err := keyHost(listen, ""); err == nil {
			t.Errorf("keyHost(%q) succeeded", listen)
		}
	}
}
