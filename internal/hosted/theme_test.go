package hosted_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// sheet is the style sheet that a page of a server with this appearance loads,
// and the policy of the page.
func sheet(t *testing.T, change func(*auth.Appearance)) (style, policy, page string) {
	t.Helper()
	s := apitest.Start(t, func(o *apitest.Options) { change(&o.Settings.Appearance) })
	b := visit(t, s)
	b.get("/sign-in")
	page, policy = b.body, b.last.Header.Get("Content-Security-Policy")
	for _, found := range loads.FindAllStringSubmatch(page, -1) {
		if strings.HasSuffix(found[1], ".css") {
			b.get(found[1])
			b.must(200)
			return b.body, policy, page
		}
	}
	t.Fatalf("no style sheet in\n%s", page)
	return "", "", ""
}

// TestAppearance: the settings are what the pages look like, and a color in
// which nothing could be read is replaced where it matters.
func TestAppearance(t *testing.T) {
	t.Parallel()
	style, policy, page := sheet(t, func(a *auth.Appearance) {
		a.LogoURL, a.AccentColor, a.AccentColorDark, a.CornerRadius = "https://cdn.example.com/l.svg", "#ffee00", "#112244", 3
	})
	for _, want := range []string{
		"--accent:#ffee00;--on-accent:#000000;", "prefers-color-scheme:dark", "--accent:#112244;--on-accent:#ffffff;", "--radius:3px",
	} {
		if !strings.Contains(style, want) {
			t.Errorf("no %s in\n%s", want, style)
		}
	}
	if strings.Contains(style, "--accent-text:#ffee00") || strings.Contains(style, "--accent-text:#112244") {
		t.Error("links in a color in which nobody can read them")
	}
	if !strings.Contains(policy, "img-src 'self' data: https://cdn.example.com;") || !strings.Contains(page, `<img src="https://cdn.example.com/l.svg" alt="Test">`) {
		t.Errorf("no logo: %s\n%s", policy, page)
	}
	for scheme, other := range map[auth.ColorScheme]string{auth.ColorSchemeLight: "color-scheme:dark", auth.ColorSchemeDark: "color-scheme:light"} {
		style, _, page := sheet(t, func(a *auth.Appearance) { a.ColorScheme = scheme })
		if strings.Contains(style, other) || strings.Contains(style, "prefers-color-scheme") || !strings.Contains(page, `content="`+string(scheme)+`"`) {
			t.Errorf("%s pages are not always %s", scheme, scheme)
		}
	}
}

// TestWeight: all script is at most 30 KB, and the first page with everything
// that it loads at most 100 KB, compressed as any proxy does.
func TestWeight(t *testing.T) {
	t.Parallel()
	b := visit(t, withPasskeys(t))
	b.get("/sign-in")
	total, scripts := compressed(t, b.body), 0
	for _, found := range loads.FindAllStringSubmatch(b.body, -1) {
		b.get(found[1])
		n := compressed(t, b.body)
		total += n
		if strings.HasSuffix(found[1], ".js") {
			scripts += n
		}
	}
	if scripts == 0 || scripts > 30<<10 || total > 100<<10 {
		t.Errorf("%d bytes, of which %d of script", total, scripts)
	}
	t.Logf("%d bytes, of which %d of script", total, scripts)
}

func compressed(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
