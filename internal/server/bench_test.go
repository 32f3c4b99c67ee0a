package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/server"
)

// discard is a ResponseWriter without a cost of its own.
type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// BenchmarkHandler is what every request pays before and after its handler,
// the line in the log included.
func BenchmarkHandler(b *testing.B) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.Discard, nil)))
	defer slog.SetDefault(before)
	m := respond.NewMux()
	body := []byte(`{"ok":true}`)
	m.HandleFunc("GET /v1/client", func(w http.ResponseWriter, _ *http.Request) { respond.Raw(w, http.StatusOK, body) })
	h := server.Handler(server.Config{}, m)
	r := httptest.NewRequest(http.MethodGet, "/v1/client?_is_native=1", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(&discard{h: http.Header{}}, r)
	}
}
