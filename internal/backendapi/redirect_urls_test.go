package backendapi_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// What a back end adds is a return address at once, and no more once removed.
func TestRedirectURLs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *apitest.Options) { o.Settings.Production = true })
	const path, app = "/v1/redirect_urls", "com.example.app:/callback"
	if w.Live.Settings().MayReturnTo(app) {
		t.Fatal("an address nobody listed is allowed")
	}
	first := w.must("POST", path, `{"url":"`+app+`","id":"ru_evil"}`)
	second := w.must("POST", path, `{"url":"https://app.example.com/done"}`)
	id := first["id"].(string)
	if first["object"] != "redirect_url" || first["url"] != app || id == "ru_evil" || !w.Live.Settings().MayReturnTo(app) {
		t.Errorf("added %v", first)
	}
	if got := w.must("GET", path+"/"+id, ""); got["url"] != app {
		t.Errorf("read %v", got)
	}
	if _, text := w.send("GET", path, ""); len(ids(t, text)) != 2 {
		t.Errorf("list %s", text)
	}
	if _, text := w.send("GET", path+"?limit=1&offset=1", ""); ids(t, text)[0] != second["id"] {
		t.Errorf("second page %s", text)
	}
	if got := w.must("GET", path+"?paginated=true&limit=1", ""); got["total_count"] != 2.0 || len(got["data"].([]any)) != 1 {
		t.Errorf("paginated %v", got)
	}
	if got := w.must("DELETE", path+"/"+id, ""); got["deleted"] != true || w.Live.Settings().MayReturnTo(app) {
		t.Errorf("deleted %v", got)
	}
	w.refused("GET", path+"/"+id, "", 404, "resource_not_found")
	w.refused("DELETE", path+"/"+id, "", 404, "resource_not_found")
}

func TestRedirectURLRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refused("POST", "/v1/redirect_urls", `{}`, 422, "form_param_missing")
	for _, bad := range []string{
		"javascript:alert(1)", "http://example.com/callback", "https://user@example.com/", "//example.com", "https://example.com/../x",
		"https://еxample.com/", "data:text/html,x", "myapp://x?next=1", "https://example.com/#x", "https://127.0.0.1/",
	} {
		w.refused("POST", "/v1/redirect_urls", fmt.Sprintf(`{"url":%q}`, bad), 422, "form_param_value_invalid")
	}
	if got := w.Live.Settings().RedirectURLs; len(got) != 0 {
		t.Errorf("refused addresses were kept: %v", got)
	}
	// Of any number of parallel requests for one address exactly one adds it.
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if status, _ := w.send("POST", "/v1/redirect_urls", `{"url":"myapp://callback"}`); status == 200 {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || len(w.Live.Settings().RedirectURLs) != 1 {
		t.Errorf("%d requests added it: %v", won.Load(), w.Live.Settings().RedirectURLs)
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.must("GET", "/v1/domains", "")
	one := got["data"].([]any)[0].(map[string]any)
	if got["total_count"] != 1.0 || one["name"] != w.Host || one["frontend_api_url"] != "https://"+w.Host || one["is_satellite"] != false {
		t.Errorf("domains %v", got)
	}
}
