package assets_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/assets"
)

// served is a copy of the synced folder, and what serves it.
func served(t testing.TB) (*assets.Handler, string) {
	t.Helper()
	path := synced(t)
	return assets.NewHandler(assets.NewFolder(path)), path
}

func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	w.Header().Set("Access-Control-Allow-Credentials", "true") // as the middleware before does
	h.ServeHTTP(w, r)
	return w
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	h, _ := served(t)
	const forever, short = "public, max-age=31536000, immutable", "public, max-age=300"
	tests := []struct{ name, target, says, keep string }{
		{"major", "/npm/@clerk/ui@1/dist/ui.browser.js", "@clerk/ui 1.10.0", short},
		{"major and minor", "/npm/@clerk/ui@1.9/dist/ui.browser.js", "@clerk/ui 1.9.0", short},
		{"version", "/npm/@clerk/ui@1.9.0/dist/ui.browser.js", "@clerk/ui 1.9.0", forever},
		{"pre-release", "/npm/@clerk/ui@2.0.0-canary.v1/dist/ui.browser.js", "@clerk/ui 2.0.0-canary.v1", forever},
		{"tag", "/npm/@clerk/ui@canary/dist/ui.browser.js", "@clerk/ui 2.0.0-canary.v1", short},
		{"latest", "/npm/@clerk/ui@latest/dist/ui.browser.js", "@clerk/ui 1.10.0", short},
		{"nothing", "/npm/@clerk/ui/dist/ui.browser.js", "@clerk/ui 1.10.0", short},
		{"escaped at sign", "/npm/%40clerk/ui%401/dist/ui.browser.js", "@clerk/ui 1.10.0", short},
		{"part of the release before the last sync", "/npm/@clerk/ui@1/dist/part_1.9.0.js", "part of 1.9.0", short},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := get(h, tt.target)
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), tt.says) {
				t.Fatalf("%d %.80s", w.Code, w.Body)
			}
			for name, want := range map[string]string{
				"Cache-Control": tt.keep, "Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*",
				"Access-Control-Allow-Credentials": "", "Cross-Origin-Resource-Policy": "cross-origin", "Vary": "Accept-Encoding",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	h, _ := served(t)
	const target = "/npm/@clerk/ui@1.10.0/dist/ui.browser.js"
	plain := get(h, target)
	for accept, compressed := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "": false, "gzip; q = 0.0": false,
	} {
		w := get(h, target, "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != compressed {
			t.Errorf("%q: compressed %v", accept, got)
		}
		if w.Header().Get("ETag") == plain.Header().Get("ETag") == compressed {
			t.Errorf("%q: the entity tag does not tell the encodings apart", accept)
		}
		if !compressed {
			continue
		}
		r, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(r); err != nil || string(raw) != plain.Body.String() {
			t.Errorf("%q: other content, %v", accept, err)
		}
	}
	if w := get(h, target, "If-None-Match", plain.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("unchanged: %d", w.Code)
	}
}

func TestMissingReleaseNamesTheCommand(t *testing.T) {
	t.Parallel()
	h, path := served(t)
	if err := os.WriteFile(filepath.Join(path, "@clerk/ui/1.9.0/dist/ui.browser.js"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := assets.NewHandler(assets.NewFolder(filepath.Join(t.TempDir(), "absent")))
	tests := []struct {
		name      string
		h         http.Handler
		target    string
		command   string
		installed int
	}{
		{"nothing was synced", none, "/npm/@clerk/ui@1/dist/ui.browser.js", "perennial assets sync @clerk/ui@1", 0},
		{"another package", h, "/npm/@clerk/clerk-js@6/dist/clerk.browser.js", "perennial assets sync @clerk/clerk-js@6", 0},
		{"another major", h, "/npm/@clerk/ui@2/dist/ui.browser.js", "perennial assets sync @clerk/ui@2", 3},
		{"damaged", h, "/npm/@clerk/ui@1.9.0/dist/ui.browser.js", "perennial assets sync @clerk/ui@1.9.0", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := get(tt.h, tt.target)
			var got struct {
				Errors []struct {
					Code string
					Meta struct {
						Command   string
						Installed []string
					}
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusNotFound || len(got.Errors) != 1 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			e := got.Errors[0]
			if e.Code != "assets_missing" || e.Meta.Command != tt.command || len(e.Meta.Installed) != tt.installed {
				t.Errorf("%+v", e)
			}
			if w.Header().Get("Content-Type") != "application/json" || strings.Contains(w.Header().Get("Cache-Control"), "max-age") {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

// Nothing but a script of a release is to be had, however the path is written.
func TestNoWayOut(t *testing.T) {
	t.Parallel()
	h, path := served(t)
	outside := filepath.Join(filepath.Dir(path), "outside.js")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(path, "@clerk/ui/1.10.0/dist")
	if err := os.Symlink(outside, filepath.Join(dist, "link.js")); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{
		"/npm/@clerk/ui@1/dist/../../../../../outside.js", "/npm/@clerk/ui@1/dist/..%2f..%2f..%2f..%2foutside.js",
		"/npm/@clerk/ui@1/dist/%2e%2e/%2e%2e/release.json", "/npm/@clerk/ui@1/dist/..%5c..%5crelease.json",
		"/npm/@clerk/ui@1/release.json", "/npm/@clerk/ui@1/dist/release.json", "/npm/@clerk/ui@1.10.0/dist/ui.browser.js.gz",
		"/npm/@clerk/ui@1/dist/link.js", "/npm/@clerk/ui@../dist/outside.js", "/npm/@clerk/ui@1/dist/", "/npm/@clerk/ui@1/dist",
		"/npm/@clerk/../../outside.js", "/npm/", "/npm/.lock", "/npm/@other/ui@1/dist/ui.browser.js", "/npm/@clerk/backend@1/dist/index.js",
		"/npm/@clerk/ui@1/dist/absent.js", "/npm/@clerk/ui@1/dist/%00.js", "/npm/@clerk/ui@1%23sha512-x/dist/ui.browser.js",
	} {
		w := get(h, target)
		if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/json" || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %.100s", target, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/npm/@clerk/ui@1/dist/ui.browser.js", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}
