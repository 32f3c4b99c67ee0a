package hosted

import (
	"embed"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/perennialauth/perennial/internal/auth"
)

//go:embed style
var styleFiles embed.FS

// theme is the style sheet in the colors of the instance, made when they change.
type theme struct{ last atomic.Pointer[themed] }

type themed struct {
	of    auth.Appearance
	sheet asset
}

// sheet is the style sheet as the instance looks now.
func (t *theme) sheet(a auth.Appearance) asset {
	if last := t.last.Load(); last != nil && last.of == a {
		return last.sheet
	}
	made := &themed{a, newAsset(styleName, []byte(styleOf(a)))}
	t.last.Store(made)
	return made.sheet
}

// styleName is the name of the style sheet among the static files.
const styleName = "style.css"

// surfaces are what text stands on, the one with the least contrast first: of
// light.css and of dark.css.
var (
	lightSurface = auth.Color{R: 0xf4, G: 0xf4, B: 0xf6}
	darkSurface  = auth.Color{R: 0x23, G: 0x25, B: 0x29}
)

// styleOf writes the values that differ between light and dark pages before the
// rules that use them.
func styleOf(a auth.Appearance) string {
	accent, accentDark := a.Accents()
	light := values("light.css", accent, lightSurface)
	dark := values("dark.css", accentDark, darkSurface)
	var b strings.Builder
	switch a.ColorScheme {
	case auth.ColorSchemeLight:
		b.WriteString(":root{" + light + "}\n")
	case auth.ColorSchemeDark:
		b.WriteString(":root{" + dark + "}\n")
	default:
		b.WriteString(":root{" + light + "}\n@media (prefers-color-scheme:dark){:root{" + dark + "}}\n")
	}
	fmt.Fprintf(&b, ":root{--radius:%dpx}\n", a.CornerRadius)
	b.WriteString(styleFile(styleName))
	return b.String()
}

// values are those of a scheme, and the accent in it.
func values(name string, accent, surface auth.Color) string {
	readable := accent.ReadableOn(surface)
	return fmt.Sprintf("%s--accent:%s;--on-accent:%s;--accent-text:%s;--accent-edge:%s;",
		styleFile(name), accent, accent.Text(), readable, edge(accent, readable, surface))
}

// edge is around what is filled with the accent: the accent itself, unless it
// would not stand out from the page.
func edge(accent, readable, surface auth.Color) auth.Color {
	const standsOut = 3 // as WCAG 2.2 asks of parts of controls
	if accent.Contrast(surface) >= standsOut {
		return accent
	}
	return readable
}

func styleFile(name string) string {
	text, _ := styleFiles.ReadFile("style/" + name) // part of the program
	return string(text)
}
