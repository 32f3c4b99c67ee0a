package hosted_test

import (
	"bytes"
	"compress/gzip"
	"regexp"
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

// TestAppearanceChanges: what a back end sets is what the next page looks like,
// what the published components show, and what nobody can set is refused.
func TestAppearanceChanges(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, b := s.BackEnd(), visit(t, s)
	b.get("/sign-in")
	before := styles.FindStringSubmatch(b.body)[1]
	back.Do(t, "PATCH", "/v1/instance/settings", `{"appearance":{"accent_color":"#117744","logo_url":"https://cdn.example.com/l.svg"}}`).OK(t)
	b.get("/sign-in")
	b.must(200, `src="https://cdn.example.com/l.svg"`)
	if after := styles.FindStringSubmatch(b.body)[1]; after == before {
		t.Error("the style has the name that it had in other colors")
	} else if b.get(after); !strings.Contains(b.body, "--accent:#117744") || !strings.Contains(b.body, "--radius:8px") {
		t.Errorf("the style is\n%s", b.body)
	}
	if b.get("/v1/environment"); !strings.Contains(b.body, `"logo_image_url":"https://cdn.example.com/l.svg"`) {
		t.Errorf("the components show no logo: %s", b.body)
	}
	back.Do(t, "PATCH", "/v1/instance/settings", `{"appearance":{"accent_color":"url(x)"}}`).Is(t, 422, "form_param_value_invalid")
}

var styles = regexp.MustCompile(`href="(/static/[^"]+\.css)"`)
