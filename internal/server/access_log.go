package server

import (
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/perennialauth/perennial/internal/respond"
)

// logAccess gives the request its trace id and writes one line about it. The
// line never has the query or a header value: tickets, tokens and codes travel
// there.
func logAccess(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		trace := newTraceID()
		w.Header().Set(respond.TraceHeader, trace)
		rec := &recorder{ResponseWriter: w}
		path := r.URL.Path // before any handler rewrites it
		defer func() {
			level := slog.LevelInfo
			if rec.status >= http.StatusInternalServerError && r.Context().Err() == nil {
				level = slog.LevelError // a client that went away makes any answer look like trouble
			}
			slog.LogAttrs(r.Context(), level, "request",
				slog.String("method", r.Method), slog.String("path", path), slog.Int("status", rec.status),
				slog.Int64("bytes", rec.bytes), slog.Duration("took", time.Since(start)), slog.String("trace_id", trace))
		}()
		next.ServeHTTP(rec, r)
	})
}

// newTraceID returns a fresh random id. An id sent by the caller is not used:
// it could be made to look like somebody else's in the log. The runtime's
// generator is unpredictable enough: a trace id opens nothing.
func newTraceID() string {
	var raw [16]byte
	binary.LittleEndian.PutUint64(raw[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(raw[8:], rand.Uint64())
	return hex.EncodeToString(raw[:])
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
