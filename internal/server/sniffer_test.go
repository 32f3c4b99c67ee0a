package server_test

import (
	"crypto/tls"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perennialauth/perennial/internal/server"
)

// flakyListener runs out of file descriptors for a while.
type flakyListener struct {
	failures int
	conns    chan net.Conn
	closed   chan struct{}
}

func (f *flakyListener) Accept() (net.Conn, error) {
	if f.failures > 0 {
		f.failures--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

func (f *flakyListener) Close() error   { close(f.closed); return nil }
func (f *flakyListener) Addr() net.Addr { return &net.TCPAddr{} }

// A listener that gave up at the first such error looked alive and never
// answered again.
func TestRunningOutOfDescriptorsPasses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &flakyListener{failures: 20, conns: make(chan net.Conn), closed: make(chan struct{})}
		l := server.Sniff(f, &tls.Config{MinVersion: tls.VersionTLS12})
		ours, theirs := net.Pipe()
		go func() {
			f.conns <- theirs
			_, _ = ours.Write([]byte("G"))
		}()
		start := time.Now()
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited > 30*time.Second {
			t.Errorf("waited %v", waited)
		}
		first := make([]byte, 1)
		if _, err := conn.Read(first); err != nil || first[0] != 'G' {
			t.Errorf("read %q, %v", first, err)
		}
		_, _ = conn.Close(), ours.Close()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after closing: %v", err)
		}
	})
}
