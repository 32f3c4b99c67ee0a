package server_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/server"
)

// hurried is a server that waits for nobody.
func hurried(t *testing.T) (address string) {
	t.Helper()
	srv, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv.Hurry(50 * time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx, server.Handler(server.Config{}, api())) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return srv.Address().String()
}

// say sends text on a new connection and returns what comes back until the
// server closes it.
func say(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("the connection is still held: %v", err)
	}
	return string(answer)
}

func TestSlowClientsAreLetGo(t *testing.T) {
	t.Parallel()
	address := hurried(t)
	if got := say(t, address, "GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow"); strings.Contains(got, "200") {
		t.Errorf("half a header got %q", got)
	}
	const head = "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"
	got := say(t, address, head+"value=")
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(got)), nil)
	if err != nil {
		t.Fatalf("%q: %v", got, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusBadRequest || answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("half a body got %q", got)
	}
}

// A body that is announced as too large is refused without being read.
func TestHugeBodyIsNotRead(t *testing.T) {
	t.Parallel()
	address, _ := running(t, nil, server.Handler(server.Config{}, api()))
	got := say(t, address, "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Connection: close\r\nContent-Length: 999999999999\r\n\r\n"+strings.Repeat("x", respond.MaxBody+1))
	if !strings.Contains(got, "413") || !strings.Contains(got, "request_body_too_large") {
		t.Errorf("got %q", got)
	}
}
