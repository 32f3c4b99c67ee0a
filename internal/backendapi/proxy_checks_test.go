package backendapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// proxied is a server that is reached through a proxy, which adds what change
// leaves of the headers it must add.
func proxied(t *testing.T) (w *world, proxy *httptest.Server, change *atomic.Value) {
	t.Helper()
	var target atomic.Pointer[world]
	change = &atomic.Value{}
	change.Store(func(http.Header) {})
	proxy = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization") + r.Header.Get("Clerk-Secret-Key"); got != "" {
			t.Errorf("the proxy was sent a secret: %s", got)
		}
		r.Header.Set("Clerk-Proxy-Url", "https://"+r.Host)
		r.Header.Set("Clerk-Secret-Key", apitest.SecretKey)
		r.Header.Set("X-Forwarded-For", "127.0.0.1")
		change.Load().(func(http.Header))(r.Header)
		target.Load().Handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(proxy.Close)
	w = newWorld(t, func(o *apitest.Options) {
		o.Host, o.ProxyClient = strings.TrimPrefix(proxy.URL, "https://"), proxy.Client()
	})
	target.Store(w)
	return w, proxy, change
}

// A proxy passes where it leads here and says of itself what it must.
func TestProxyCheck(t *testing.T) {
	t.Parallel()
	w, proxy, change := proxied(t)
	const path = "/v1/proxy_checks"
	domain := w.must("GET", "/v1/domains", "")["data"].([]any)[0].(map[string]any)["id"].(string)
	got := w.must("POST", path, `{"domain_id":"`+domain+`","proxy_url":"`+proxy.URL+`","successful":false,"id":"x"}`)
	if got["successful"] != true || got["domain_id"] != domain || got["proxy_url"] != proxy.URL ||
		!strings.HasPrefix(got["id"].(string), "proxchk_") {
		t.Errorf("a good proxy: %v", got)
	}
	if got = w.must("POST", path, `{}`); got["successful"] != true || got["proxy_url"] != proxy.URL {
		t.Errorf("the public address: %v", got)
	}
	for name, spoil := range map[string]func(http.Header){
		"no secret":       func(h http.Header) { h.Del("Clerk-Secret-Key") },
		"wrong secret":    func(h http.Header) { h.Set("Clerk-Secret-Key", "sk_test_wrong") },
		"other address":   func(h http.Header) { h.Set("Clerk-Proxy-Url", "https://app.example.com/__clerk") },
		"forwards nobody": func(h http.Header) { h.Del("X-Forwarded-For") },
	} {
		change.Store(spoil)
		if got = w.must("POST", path, `{"proxy_url":"`+proxy.URL+`"}`); got["successful"] != false {
			t.Errorf("%s: %v", name, got)
		}
	}
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	if got = w.must("POST", path, `{"proxy_url":"`+stranger.URL+`"}`); got["successful"] != false {
		t.Errorf("an address that leads elsewhere: %v", got)
	}
}

func TestProxyCheckRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *apitest.Options) { o.Settings.Production = true })
	const path = "/v1/proxy_checks"
	w.refused("POST", path, `{"domain_id":"dmn_other"}`, 404, "resource_not_found")
	for _, bad := range []string{
		"x", "http://example.com", "ftp://example.com/", "https://", "https://user:secret@example.com", "https://example.com/?a=1",
		"https://example.com/#x", "javascript:alert(1)", "https://example.com/\\\\evil", "https:example.com",
		"https://example.com/" + strings.Repeat("x", 2048),
	} {
		w.refused("POST", path, `{"proxy_url":"`+bad+`"}`, 422, "form_param_format_invalid")
	}
	w.refused("POST", path, `{"proxy_url":7}`, 422, "form_param_value_invalid")
	w.refused("POST", path, `{"proxy_url":"https://example.com\u0000"}`, 400, "request_body_invalid")
}
