package hosted_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

func accept(languages string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Accept-Language", languages) }
}

// TestLanguage: what was chosen comes before what the browser asks for, which
// comes before English.
func TestLanguage(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	f := begin(t, s, "sign-in")
	f.send("GET", nil)
	f.must(200, `<html lang="en" dir="ltr">`)
	f.send("GET", nil, accept("de-AT,de;q=0.9,en;q=0.5"))
	f.must(200, `<html lang="de" dir="ltr">`, "Bei Test anmelden")
	page := f.page
	f.page = "/language"
	f.post("language", "ar", "back", page)
	f.must(303)
	if to := f.last.Header.Get("Location"); to != page {
		t.Errorf("sent to %s, not back to %s", to, page)
	}
	f.page = page
	f.send("GET", nil, accept("de"))
	f.must(200, `<html lang="ar" dir="rtl">`)
	f.cookies["__perennial_lang"] = "../../etc"
	f.send("GET", nil, accept("ja"))
	f.must(200, `<html lang="ja" dir="ltr">`)
	f.page = "/language"
	f.post("language", "tlh", "back", page)
	if f.must(303); len(f.last.Cookies()) != 0 {
		t.Errorf("a language that there is not is kept: %v", f.last.Cookies())
	}
}

// TestLanguageLeadsNowhereElse: the way back from the choice of a language is a
// page here, whatever the form says.
func TestLanguageLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	f := begin(t, s, "sign-in")
	f.page = "/language"
	for _, back := range []string{
		"", "//evil.example/sign-in", "https://evil.example/sign-in", `/\evil.example`, `\\evil.example`, "javascript:alert(1)", "/%2f/evil.example",
		"/sign-in/../../evil", "/v1/client", "/\t/evil.example", "/sign-in\r\nX: y", "//user@evil.example", "/.//evil.example", "/language", "sign-in", "/@evil.example",
	} {
		f.post("language", "de", "back", back)
		f.must(303)
		if to := f.last.Header.Get("Location"); to != "/sign-in" {
			t.Errorf("%q leads to %q", back, to)
		}
	}
	f.send("POST", url.Values{"language": {"de"}}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	f.must(403)
}

var loads = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// TestStatic: what pages load is kept for good, and a page that an older version
// wrote loads it, too.
func TestStatic(t *testing.T) {
	t.Parallel()
	s := withPasskeys(t)
	f := begin(t, s, "sign-in")
	f.send("GET", nil)
	found := loads.FindAllStringSubmatch(f.body, -1)
	if len(found) < 2 {
		t.Fatalf("the page loads %v", found)
	}
	for _, each := range found {
		f.page = each[1]
		f.send("GET", nil)
		f.must(200)
		if kept := f.last.Header.Get("Cache-Control"); kept != "public, max-age=31536000, immutable" || f.last.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", f.page, f.last.Header)
		}
		parts := strings.Split(f.page, "/")
		f.page = "/static/0123456789abcdef01234567/" + parts[len(parts)-1]
		f.send("GET", nil)
		if f.must(200); f.last.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("kept under the name of another: %v", f.last.Header)
		}
	}
	f.page = "/static/0/nothing.css"
	f.send("GET", nil)
	f.must(404)
}
