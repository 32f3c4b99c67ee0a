package server

import (
	"crypto/tls"
	"net"
	"time"
)

// Sniff returns the listener that tells TLS from plain http on l.
func Sniff(l net.Listener, config *tls.Config) net.Listener { return newSniffer(l, config) }

// Hurry shortens the time a client may take for its header and its body.
func (s *Server) Hurry(d time.Duration) {
	s.http.ReadHeaderTimeout, s.http.ReadTimeout = d, d
}
