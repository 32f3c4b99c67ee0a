package respond_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/respond"
)

func testMux() *respond.Mux {
	m := respond.NewMux()
	m.HandleFunc("GET /v1/client", func(w http.ResponseWriter, _ *http.Request) { respond.JSON(w, 200, "client") })
	m.HandleFunc("POST /v1/client", func(w http.ResponseWriter, _ *http.Request) { respond.JSON(w, 200, "made") })
	m.HandleFunc("POST /v1/client/sessions/{id}/tokens", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		respond.JSON(w, 200, r.PathValue("id")+":"+string(body))
	})
	return m
}

func TestMuxRoutes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, target string
		status               int
		body, allow          string
	}{
		{"plain", "GET", "/v1/client", 200, `"client"`, ""},
		{"head", "HEAD", "/v1/client", 200, `"client"`, ""},
		{"trailing slash", "GET", "/v1/client/", 200, `"client"`, ""},
		{"post keeps its body", "POST", "/v1/client/sessions/sess_1/tokens/", 200, `"sess_1:payload"`, ""},
		{"double slashes", "POST", "//v1//client", 200, `"made"`, ""},
		{"dots", "GET", "/v1/./x/../client", 200, `"client"`, ""},
		{"escaped letters", "GET", "/v1/%63lient", 200, `"client"`, ""},
		{"escaped slash", "GET", "/v1%2Fclient", 404, "resource_not_found", ""},
		{"escaped slash, lower case", "GET", "/v1%2fclient", 404, "resource_not_found", ""},
		{"escaped backslash", "GET", "/v1%5Cclient", 404, "resource_not_found", ""},
		{"escaped dots", "GET", "/v1/x/%2e%2e/client", 404, "resource_not_found", ""},
		{"escaped way out", "POST", "/v1/client/sessions/..%2f..%2f..%2fclient/tokens", 404, "resource_not_found", ""},
		{"escaped slash in a value", "POST", "/v1/client/sessions/a%2Fb/tokens", 404, "resource_not_found", ""},
		{"query untouched", "GET", "/v1/client?_is_native=1", 200, `"client"`, ""},
		{"unknown path", "GET", "/v1/nothing", 404, "resource_not_found", ""},
		{"root", "GET", "/", 404, "resource_not_found", ""},
		{"wrong method", "DELETE", "/v1/client", 405, "method_not_allowed", "GET, HEAD, POST"},
		{"wrong method with value", "GET", "/v1/client/sessions/x/tokens", 405, "method_not_allowed", "POST"},
		{"odd method", "BREW", "/v1/client/", 405, "method_not_allowed", "GET, HEAD, POST"},
		{"connect", "CONNECT", "/v1/client", 404, "resource_not_found", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			testMux().ServeHTTP(w, httptest.NewRequest(tt.method, tt.target, strings.NewReader("payload")))
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) || w.Header().Get("Allow") != tt.allow {
				t.Errorf("%d %s allow %q", w.Code, w.Body, w.Header().Get("Allow"))
			}
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %q", got)
			}
			if w.Header().Get("Location") != "" {
				t.Error("redirected")
			}
		})
	}
}

// "OPTIONS *" is answered in text by the inner mux if it ever gets there.
func TestMuxAsterisk(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodOptions, "/", nil)
	r.RequestURI, r.URL.Path = "*", "*"
	w := httptest.NewRecorder()
	testMux().ServeHTTP(w, r)
	if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %q", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestMuxMatch(t *testing.T) {
	t.Parallel()
	m := testMux()
	for target, want := range map[string]bool{"/v1/client": true, "/v1/client/": true, "/v1/users": false} {
		if got := m.Match(httptest.NewRequest(http.MethodGet, target, nil)); got != want {
			t.Errorf("Match(%s) = %v", target, got)
		}
	}
}

func TestMuxRefusesPatternsThatRedirect(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"GET /v1/client/", "/v1/client"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("pattern %q accepted", pattern)
				}
			}()
			respond.NewMux().Handle(pattern, http.NotFoundHandler())
		}()
	}
}
