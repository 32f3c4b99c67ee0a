package auth_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestContrast(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want float64 // as the tools of WCAG compute it
	}{
		{"#000000", "#ffffff", 21},
		{"#ffffff", "#ffffff", 1},
		{"#777777", "#ffffff", 4.48},
		{"#0000ff", "#ffffff", 8.59},
		{"#ff0000", "#ffff00", 3.72},
	} {
		a, _ := auth.ParseColor(test.a)
		b, _ := auth.ParseColor(test.b)
		if got := a.Contrast(b); got < test.want-0.01 || got > test.want+0.01 || got != b.Contrast(a) {
			t.Errorf("%s on %s: %.3f, want %.2f", a, b, got, test.want)
		}
	}
}

// TestReadable: whatever color an instance has, text on it and text in it can be
// read, on light and on dark pages.
func TestReadable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same colors each time
	surfaces := []auth.Color{auth.White, {R: 0xf6, G: 0xf6, B: 0xf8}, {R: 0x1b, G: 0x1d, B: 0x21}, auth.Black}
	for range 5000 {
		c := auth.Color{R: uint8(random.Uint32()), G: uint8(random.Uint32()), B: uint8(random.Uint32())} //nolint:gosec // any
		if on := c.Text(); on.Contrast(c) < auth.TextContrast {
			t.Fatalf("%s on %s", on, c)
		}
		for _, surface := range surfaces {
			if text := c.ReadableOn(surface); text.Contrast(surface) < auth.TextContrast {
				t.Fatalf("%s, made %s, on %s: %.2f", c, text, surface, text.Contrast(surface))
			} else if c.Contrast(surface) >= auth.TextContrast && text != c {
				t.Fatalf("%s can be read on %s, and is made %s", c, surface, text)
			}
		}
	}
}

func TestAppearanceIsChecked(t *testing.T) {
	t.Parallel()
	for text, param := range map[string]string{
		`{}`: "",
		`{"accent_color":"#FF8800","accent_color_dark":"#ffaa33","corner_radius":0,"color_scheme":"dark"}`: "",
		`{"logo_url":"https://cdn.example.com:8443/logo.svg?v=2"}`:                                         "",
		`{"accent_color":"red"}`:                                        "accent_color",
		`{"accent_color":""}`:                                           "accent_color",
		`{"accent_color":"#ff88"}`:                                      "accent_color",
		`{"accent_color":"#+12345"}`:                                    "accent_color",
		`{"accent_color_dark":"#gggggg"}`:                               "accent_color_dark",
		`{"accent_color":"#000;}b"}`:                                    "accent_color",
		`{"corner_radius":-1}`:                                          "corner_radius",
		`{"corner_radius":25}`:                                          "corner_radius",
		`{"color_scheme":"sepia"}`:                                      "color_scheme",
		`{"logo_url":"http://example.com/logo.png"}`:                    "logo_url",
		`{"logo_url":"javascript:alert(1)"}`:                            "logo_url",
		`{"logo_url":"https://u:p@example.com/"}`:                       "logo_url",
		`{"logo_url":"https://example.com;script-src *"}`:               "logo_url",
		`{"logo_url":"https:///logo.png"}`:                              "logo_url",
		`{"logo_url":"https://e.com/` + strings.Repeat("x", 2e3) + `"}`: "logo_url",
	} {
		_, err := auth.DefaultSettings().Configured(json.RawMessage(`{"appearance":` + text + `}`))
		if param == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		var refused *auth.Error
		if !errors.As(err, &refused) || refused.Param != "appearance."+param {
			t.Errorf("%.80s: %v, want appearance.%s", text, err, param)
		}
	}
}
