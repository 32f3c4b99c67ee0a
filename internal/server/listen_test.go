package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/server"
)

// running starts a server on a free port and stops it with the test.
func running(t testing.TB, config *tls.Config, h http.Handler) (address string, stop func() error) {
	t.Helper()
	srv, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		srv.UseTLS(config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx, h) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	return srv.Address().String(), stop
}

func hello(w http.ResponseWriter, r *http.Request) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	_, _ = io.WriteString(w, scheme+" "+r.Proto)
}

// trusting returns an HTTP client that trusts the authority's file.
func trusting(t testing.TB, ca *server.LocalCA) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(ca.File())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the file")
	}
	return &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true},
	}
}

func mustCA(t testing.TB, folder string) *server.LocalCA {
	t.Helper()
	ca, err := server.LoadLocalCA(folder, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func get(t testing.TB, c *http.Client, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestOnePortAnswersTLSAndPlain(t *testing.T) {
	t.Parallel()
	ca := mustCA(t, t.TempDir())
	address, _ := running(t, ca.TLS("127.0.0.1", "localhost"), http.HandlerFunc(hello))
	// A connection that never says anything must not be in the way.
	silent, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	client := trusting(t, ca)
	if got := get(t, client, "http://"+address); got != "http HTTP/1.1" {
		t.Errorf("plain: %q", got)
	}
	if got := get(t, client, "https://"+address); got != "https HTTP/2.0" {
		t.Errorf("TLS: %q", got)
	}
	_, port, _ := net.SplitHostPort(address)
	if got := get(t, client, "https://localhost:"+port); got != "https HTTP/2.0" {
		t.Errorf("TLS by name: %q", got)
	}
}

func TestPlainOnly(t *testing.T) {
	t.Parallel()
	address, _ := running(t, nil, http.HandlerFunc(hello))
	if got := get(t, http.DefaultClient, "http://"+address); got != "http HTTP/1.1" {
		t.Errorf("plain: %q", got)
	}
}

func TestLocalCAIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, err := os.ReadFile(mustCA(t, folder).File())
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(mustCA(t, folder).File())
	if err != nil || string(first) != string(second) {
		t.Errorf("the authority changed: every device would have to trust it again (%v)", err)
	}
	info, err := os.Stat(filepath.Join(folder, "ca.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file %v, %v", info.Mode(), err)
	}
}

func TestDamagedCAIsNotReplaced(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mustCA(t, folder)
	file := filepath.Join(folder, "ca.key")
	if err := os.WriteFile(file, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.LoadLocalCA(folder, time.Now); err == nil || !strings.Contains(err.Error(), "ca.pem") {
		t.Errorf("err = %v, want one that names the file", err)
	}
	if got, _ := os.ReadFile(file); string(got) != "broken" {
		t.Error("the damaged key was replaced")
	}
}

func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ca, err := server.LoadLocalCA(t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	config := ca.TLS("127.0.0.1")
	serial := func() string {
		cert, err := config.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.SerialNumber.String()
	}
	first := serial()
	if serial() != first {
		t.Error("a new certificate for every connection")
	}
	now = now.Add(61 * 24 * time.Hour)
	if serial() == first {
		t.Error("the certificate was not renewed a month before its end")
	}
}

func TestPortInUseIsTold(t *testing.T) {
	t.Parallel()
	address, _ := running(t, nil, http.HandlerFunc(hello))
	_, err := server.Listen(t.Context(), address)
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), address) {
		t.Errorf("err = %v", err)
	}
}

func TestStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	address, stop := running(t, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "finished")
	}))
	body := make(chan string, 1)
	go func() {
		answer, err := http.Get("http://" + address)
		if err != nil {
			body <- err.Error()
			return
		}
		defer func() { _ = answer.Body.Close() }()
		b, _ := io.ReadAll(answer.Body)
		body <- string(b)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for { // new connections are refused as soon as stopping begins
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(release)
	if got := <-body; got != "finished" {
		t.Errorf("request in flight got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Run = %v", err)
	}
}
