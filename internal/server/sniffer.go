package server

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// tlsRecord is the first byte of every TLS connection: a handshake record
// (RFC 8446 §5.1). No HTTP method starts with it.
const tlsRecord = 0x16

// sniffer is a listener whose connections are TLS or plain by their first byte.
type sniffer struct {
	net.Listener
	config *tls.Config
	ready  chan net.Conn

	closing   chan struct{}
	closeOnce sync.Once
}

func newSniffer(l net.Listener, config *tls.Config) *sniffer {
	s := &sniffer{
		Listener: l, config: config,
		ready: make(chan net.Conn), closing: make(chan struct{}),
	}
	go s.acceptLoop()
	return s
}

// acceptLoop hands every connection to its own goroutine, so that one which
// never sends its first byte delays nobody. Only a closed listener ends it:
// running out of file descriptors passes, and a server that stopped accepting
// over it would look alive and never answer again.
func (s *sniffer) acceptLoop() {
	const longest = time.Second
	pause := 5 * time.Millisecond
	for {
		conn, err := s.Listener.Accept()
		if err == nil {
			pause = 5 * time.Millisecond
			go s.sniff(conn)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			s.stop()
			return
		}
		slog.Warn("connections cannot be accepted right now", "error", err)
		select {
		case <-s.closing:
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longest)
	}
}

// sniff reads the first byte within the time a request header may take.
func (s *sniffer) sniff(conn net.Conn) {
	first := make([]byte, 1)
	_ = conn.SetReadDeadline(time.Now().Add(readHeaderTimeout))
	if _, err := conn.Read(first); err != nil {
		_ = conn.Close()
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	conn = &peekedConn{Conn: conn, first: first}
	if first[0] == tlsRecord {
		conn = tls.Server(conn, s.config)
	}
	select {
	case s.ready <- conn:
	case <-s.closing:
		_ = conn.Close()
	}
}

// Accept implements [net.Listener].
func (s *sniffer) Accept() (net.Conn, error) {
	select {
	case conn := <-s.ready:
		return conn, nil
	case <-s.closing:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (s *sniffer) Close() error {
	s.stop()
	return s.Listener.Close()
}

func (s *sniffer) stop() { s.closeOnce.Do(func() { close(s.closing) }) }

// peekedConn gives back the byte that was read to decide.
type peekedConn struct {
	net.Conn
	first []byte
}

// Read implements [net.Conn].
func (c *peekedConn) Read(b []byte) (int, error) {
	if len(c.first) > 0 && len(b) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}
