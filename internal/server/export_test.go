package server

import "time"

// Hurry shortens the time a client may take for its header and its body.
func (s *Server) Hurry(d time.Duration) {
	s.http.ReadHeaderTimeout, s.http.ReadTimeout = d, d
}
