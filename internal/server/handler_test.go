package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/server"
)

// api is a small API that fails in every way an API can.
func api() http.Handler {
	m := respond.NewMux()
	m.HandleFunc("GET /v1/client", func(http.ResponseWriter, *http.Request) { panic("in client") })
	m.HandleFunc("GET /v1/panic", func(http.ResponseWriter, *http.Request) { panic(errors.New("secret in a panic")) })
	m.HandleFunc("GET /v1/late", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		panic("after the status")
	})
	m.HandleFunc("GET /v1/limited", func(w http.ResponseWriter, r *http.Request) {
		respond.Error(w, r, auth.Refuse(auth.CodeTooManyRequests))
	})
	echo := func(w http.ResponseWriter, r *http.Request) {
		f, err := respond.Read(w, r)
		if err != nil {
			respond.Error(w, r, err)
			return
		}
		respond.JSON(w, http.StatusOK, map[string]string{"method": r.Method, "value": f.String("value"), "address": respond.ClientAddress(r)})
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		m.HandleFunc(method+" /v1/echo", echo)
	}
	return m
}

func do(c server.Config, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	server.Handler(c, api()).ServeHTTP(w, r)
	return w
}

func formPost(target, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// A browser turns an answer without CORS headers into a network error, and
// @clerk/backend reads one with another content type as empty.
func TestEveryAnswerIsReadable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		r      *http.Request
		status int
	}{
		{"success", formPost("/v1/echo", "value=x"), 200},
		{"health", httptest.NewRequest("GET", "/v1/health", nil), 200},
		{"health, wrong method", httptest.NewRequest("DELETE", "/v1/health", nil), 405},
		{"unknown path", httptest.NewRequest("GET", "/nothing/here", nil), 404},
		{"root", httptest.NewRequest("GET", "/", nil), 404},
		{"wrong method", httptest.NewRequest("PUT", "/v1/panic", nil), 405},
		{"too large", formPost("/v1/echo", "value="+strings.Repeat("x", respond.MaxBody)), 413},
		{"too large, not a form", httptest.NewRequest("POST", "/v1/echo", strings.NewReader(strings.Repeat("x", respond.MaxBody+1))), 413},
		{"malformed", formPost("/v1/echo", "value=%zz"), 400},
		{"rate limit", httptest.NewRequest("GET", "/v1/limited", nil), 429},
		{"panic", httptest.NewRequest("GET", "/v1/panic", nil), 500},
		{"panic in GET client is no verdict", httptest.NewRequest("GET", "/v1/client/", nil), 503},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.r.Header.Set("Origin", "https://app.test")
			w := do(server.Config{}, tt.r)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			for name, want := range map[string]string{
				"Content-Type":                     "application/json",
				"Access-Control-Allow-Origin":      "https://app.test",
				"Access-Control-Allow-Credentials": "true",
				"Vary":                             "Origin",
				"Cache-Control":                    "no-store",
				"X-Content-Type-Options":           "nosniff",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			for _, name := range []string{"Authorization", "Clerk-Db-Jwt", "X-Country", "Retry-After", "Clerk-Trace-Id"} {
				if !strings.Contains(w.Header().Get("Access-Control-Expose-Headers"), name) {
					t.Errorf("%s is not exposed", name)
				}
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("not JSON: %s", w.Body)
			}
			trace := w.Header().Get("Clerk-Trace-Id")
			if len(trace) != 32 || (tt.status >= 400 && !strings.Contains(w.Body.String(), trace)) {
				t.Errorf("trace id %q, body %s", trace, w.Body)
			}
			if strings.Contains(w.Body.String(), "secret in a panic") {
				t.Error("the panic is shown")
			}
		})
	}
}

func TestPanicAfterTheStatusCutsTheConnection(t *testing.T) {
	t.Parallel()
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // the value itself is the contract
			t.Errorf("recovered %v, want http.ErrAbortHandler", p)
		}
	}()
	do(server.Config{}, httptest.NewRequest("GET", "/v1/late", nil))
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/v1/echo", "/v1/nothing", "/", "/v1/client"} {
		r := httptest.NewRequest(http.MethodOptions, target, nil)
		r.Header.Set("Origin", "https://app.test")
		r.Header.Set("Access-Control-Request-Method", "PATCH")
		r.Header.Set("Access-Control-Request-Headers", "x-mobile, authorization")
		w := do(server.Config{AllowedOrigin: func(string) bool { return false }}, r)
		h := w.Header()
		if w.Code != http.StatusNoContent || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "PATCH") ||
			h.Get("Access-Control-Allow-Headers") != "x-mobile, authorization" || h.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s: %d %v", target, w.Code, h)
		}
	}
}

func TestForeignOrigins(t *testing.T) {
	t.Parallel()
	c := server.Config{AllowedOrigin: func(o string) bool { return o == "https://app.test" }}
	tests := []struct {
		name, target, origin string
		header               [2]string
		status               int
	}{
		{"own page", "/v1/echo", "https://app.test", [2]string{}, 200},
		{"no browser", "/v1/echo", "", [2]string{}, 200},
		{"foreign page", "/v1/echo", "https://evil.test", [2]string{}, 400},
		{"sandboxed page", "/v1/echo", "null", [2]string{}, 400},
		{"foreign page with cookies", "/v1/echo", "https://evil.test", [2]string{"Cookie", "__client=x"}, 400},
		{"native app", "/v1/echo?_is_native=1", "https://evil.test", [2]string{}, 200},
		{"own credential", "/v1/echo", "https://evil.test", [2]string{"Authorization", "x"}, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", tt.target, nil)
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			if tt.header[0] != "" {
				r.Header.Set(tt.header[0], tt.header[1])
			}
			w := do(c, r)
			if w.Code != tt.status {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if w.Code == 400 && !strings.Contains(w.Body.String(), "origin_invalid") {
				t.Errorf("body %s", w.Body)
			}
		})
	}
}

// A web view that shows a file says its origin is null: it may read what its own
// credential opens, and nothing of a browser's cookies.
func TestNullOrigin(t *testing.T) {
	t.Parallel()
	c := server.Config{AllowedOrigin: func(string) bool { return false }}
	for target, want := range map[string]string{"/v1/echo?_is_native=1": "null", "/v1/echo": ""} {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Origin", "null")
		h := do(c, r).Header()
		if h.Get("Access-Control-Allow-Origin") != want || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", target, h)
		}
	}
}

func TestMethodOverride(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		r      *http.Request
		method string
	}{
		{"query", formPost("/v1/echo?_method=PATCH", "value=kept"), "PATCH"},
		{"query delete", formPost("/v1/echo?_method=DELETE", "value=kept"), "DELETE"},
		{"form", formPost("/v1/echo", "_method=GET&value=kept"), "GET"},
		{"query wins", formPost("/v1/echo?_method=PUT", "_method=GET&value=kept"), "PUT"},
		{"none", formPost("/v1/echo", "value=kept"), "POST"},
		{"unknown method is ignored", formPost("/v1/echo?_method=CONNECT", "value=kept"), "POST"},
		{"lower case is ignored", formPost("/v1/echo?_method=patch", "value=kept"), "POST"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := do(server.Config{}, tt.r)
			if !strings.Contains(w.Body.String(), `"method":"`+tt.method+`"`) || !strings.Contains(w.Body.String(), `"value":"kept"`) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	r := httptest.NewRequest("GET", "/v1/echo?_method=DELETE", nil)
	if w := do(server.Config{}, r); !strings.Contains(w.Body.String(), `"method":"GET"`) {
		t.Errorf("a GET was turned into something else: %s", w.Body)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	tests := []struct {
		name, remote, forwarded, want string
		trusted                       []netip.Prefix
	}{
		{"direct", "192.0.2.1:5", "", "192.0.2.1", nil},
		{"direct with a forged header", "192.0.2.1:5", "203.0.113.9", "192.0.2.1", proxies},
		{"one proxy", "10.0.0.1:5", "203.0.113.9", "203.0.113.9", proxies},
		{"two proxies", "10.0.0.1:5", "203.0.113.9, 10.0.0.2", "203.0.113.9", proxies},
		{"forged left part", "10.0.0.1:5", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9", proxies},
		{"proxy without header", "10.0.0.1:5", "", "10.0.0.1", proxies},
		{"garbage", "10.0.0.1:5", "unknown", "10.0.0.1", proxies},
		{"garbage behind a hop", "10.0.0.1:5", "x, 10.0.0.2", "10.0.0.2", proxies},
		{"IPv6 proxy", "[::1]:5", "2001:db8::1", "2001:db8::1", proxies},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/v1/echo", nil)
			r.RemoteAddr = tt.remote
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			w := do(server.Config{TrustedProxies: tt.trusted}, r)
			if !strings.Contains(w.Body.String(), `"address":"`+tt.want+`"`) {
				t.Errorf("%s, want %s", w.Body, tt.want)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	var down error
	c := server.Config{Ready: func(context.Context) error { return down }}
	status := func(path string) int { return do(c, httptest.NewRequest("GET", path, nil)).Code }
	if status("/readyz") != 200 || status("/healthz") != 200 || status("/v1/health/") != 200 {
		t.Error("a healthy server is not ready")
	}
	down = errors.New("disk on fire")
	w := do(c, httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "fire") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if status("/healthz") != 200 {
		t.Error("a process without its store is alive: restarting it would not help")
	}
}

func TestHSTSOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	for _, hsts := range []bool{false, true} {
		w := do(server.Config{HSTS: hsts}, httptest.NewRequest("GET", "/healthz", nil))
		if got := w.Header().Get("Strict-Transport-Security") != ""; got != hsts {
			t.Errorf("HSTS %v: header present %v", hsts, got)
		}
	}
}

// Not parallel: it replaces the process-wide logger.
func TestLogHasNoSecrets(t *testing.T) { //nolint:paralleltest // see above
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	r := formPost("/v1/echo?ticket=TICKET&"+url.Values{"__clerk_db_jwt": {"DBJWT"}}.Encode(), "value=BODY")
	r.Header.Set("Authorization", "HEADER")
	r.Header.Set("Cookie", "__client=COOKIE")
	do(server.Config{}, r)
	do(server.Config{}, httptest.NewRequest("GET", "/v1/panic?ticket=TICKET", nil))
	for _, leak := range []string{"TICKET", "DBJWT", "BODY", "HEADER", "COOKIE"} {
		if strings.Contains(log.String(), leak) {
			t.Errorf("%s is in the log: %s", leak, log.String())
		}
	}
	for _, want := range []string{`"path":"/v1/echo"`, `"status":200`, `"status":500`, "trace_id", "secret in a panic"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is missing from the log", want)
		}
	}
	_, _ = io.Copy(io.Discard, &log)
}
