// Package server owns the listener and everything that is true of every
// request: TLS and plain http on one address, timeouts and limits, trace ids,
// the access log, CORS, security headers, method override, the client's
// address, recovery from panics, health, and the graceful stop.
//
// It offers [Listen], [Handler] and [LocalCA].
//
// It refuses to know any resource or rule: the API handlers are given to it.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of a connection. A phone on a slow network must get through; somebody
// who holds connections open on purpose must not get many of them for long.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second // whole request, body included
	requestTimeout    = 20 * time.Second // time a handler may take
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 256 << 10 // net/http answers a larger one in text, so only abuse may get there
	stopTimeout       = 10 * time.Second
	readyTimeout      = 2 * time.Second
)

// Server serves one handler on one address until it is told to stop.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen binds address. It is bound on return, but nothing is served before
// [Server.Run].
func Listen(ctx context.Context, address string) (*Server, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return &Server{listener: l, http: &http.Server{
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// "OPTIONS *" is answered like any other, with CORS and a trace id.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}}, nil
}

// UseTLS makes the one port answer TLS and plain http alike, told apart by the
// first byte. It must be called before [Server.Run].
func (s *Server) UseTLS(config *tls.Config) {
	config = config.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	s.http.TLSConfig = config
}

// Address is the bound address, with the port that was chosen if it was 0.
func (s *Server) Address() *net.TCPAddr {
	a, _ := s.listener.Addr().(*net.TCPAddr)
	return a
}

// Run serves handler until ctx ends, then stops accepting and lets requests in
// flight finish, at most ten seconds. It returns nil after a stop, and why
// serving ended otherwise.
func (s *Server) Run(ctx context.Context, handler http.Handler) error {
	s.http.Handler = handler
	listener := s.listener
	if s.http.TLSConfig != nil {
		listener = newSniffer(listener, s.http.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := s.http.Shutdown(stopping)
	if errors.Is(err, context.DeadlineExceeded) {
		slog.Warn("requests were still running at the end of the grace period")
		err = s.http.Close()
	}
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		return served
	}
	return err
}

// Close releases the address of a server that never ran.
func (s *Server) Close() error { return s.listener.Close() }
