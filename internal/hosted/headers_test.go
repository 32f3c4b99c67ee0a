package hosted_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/hosted"
)

// policies are what every answer of a page says, whatever it is. What a form may
// lead to is the one thing that differs.
var policies = map[string]string{
	"Content-Security-Policy": `^default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; ` +
		`form-action 'self'[^;*]*; base-uri 'none'; frame-ancestors 'none'$`,
	"Referrer-Policy":             `^same-origin$`,
	"Cache-Control":               `^no-store$`,
	"X-Content-Type-Options":      `^nosniff$`,
	"X-Frame-Options":             `^DENY$`,
	"Cross-Origin-Opener-Policy":  `^same-origin$`,
	"Access-Control-Allow-Origin": `^$`,
}

var (
	wildcard = regexp.MustCompile(`\{[^}]*\}`)
	inline   = regexp.MustCompile(`<style|<script>|\sstyle=|\son[a-z]+=|javascript:|<iframe|src="(?:http|//)`)
)

// TestEveryRoute: no page, however it is asked for and by whom, lacks the
// headers that keep it safe, needs what its policy forbids, or is anything but
// a page that says what to do next.
func TestEveryRoute(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	stranger, member := visit(t, s), visit(t, s)
	member.signIn("/sign-in", email)
	all := hosted.New(hosted.Config{Settings: auth.DefaultSettings}).Patterns()
	if len(all) < 6 {
		t.Fatalf("the pages are %v", all)
	}
	for _, pattern := range all {
		method, target, _ := strings.Cut(pattern, " ")
		if strings.HasPrefix(target, "/static/") {
			continue // kept for good, see TestStatic
		}
		if target == "/{$}" {
			continue // leads to a page, see TestHome
		}
		target = wildcard.ReplaceAllString(target, "nothing")
		for _, query := range []string{"", "?flow=pbf_made-up", "?redirect_url=https%3A%2F%2Fevil.example&state=x", "?said=%3Cscript%3E"} {
			for name, b := range map[string]*browser{"a stranger": stranger, "somebody": member} {
				if method == http.MethodPost && name == "somebody" && strings.Contains(target, "sign-out") {
					continue // the rest of the table would be about strangers
				}
				b.do(method, target+query, url.Values{"do": {"nonsense"}})
				checkPage(t, pattern+query+" for "+name, b)
			}
		}
	}
}

// checkPage holds one answer against what every page promises.
func checkPage(t *testing.T, what string, b *browser) {
	t.Helper()
	for name, want := range policies {
		if got := b.last.Header.Get(name); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %s: %q", what, name, got)
		}
	}
	status := b.last.StatusCode
	switch {
	case status == http.StatusSeeOther:
		if to := b.last.Header.Get("Location"); !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
			t.Errorf("%s: leads to %q", what, to)
		}
	case strings.HasPrefix(b.last.Header.Get("Content-Type"), "image/"):
	case status >= 500 || b.last.Header.Get("Content-Type") != "text/html; charset=utf-8":
		t.Errorf("%s: %d %s\n%.300s", what, status, b.last.Header.Get("Content-Type"), b.body)
	default:
		if strings.Count(b.body, "<h1") != 1 || strings.Count(b.body, "<main") != 1 || !strings.Contains(b.body, `<html lang="en" dir="ltr">`) {
			t.Errorf("%s: not one heading in one main part:\n%s", what, b.body)
		}
		if found := inline.FindString(b.body); found != "" {
			t.Errorf("%s: the page needs %q, which its policy forbids", what, found)
		}
	}
}
