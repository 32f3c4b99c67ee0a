package auth

import "net/url"

// Appearance is how the instance's own pages and its mails look.
type Appearance struct {
	// LogoURL is an https address of a picture, shown above every page; empty
	// for the name of the application.
	LogoURL string `json:"logo_url"`
	// AccentColor fills buttons, and colors links, as #rrggbb. Where text could
	// not be read in it, or on it, a readable color takes its place.
	AccentColor string `json:"accent_color"`
	// AccentColorDark is the same for people who prefer dark pages; empty for
	// AccentColor.
	AccentColorDark string      `json:"accent_color_dark"`
	CornerRadius    int         `json:"corner_radius"` // of buttons and fields, in pixels
	ColorScheme     ColorScheme `json:"color_scheme"`
}

// ColorScheme is whether pages are light or dark.
type ColorScheme string

// Color schemes.
const (
	ColorSchemeAuto  ColorScheme = "auto" // as the visitor prefers
	ColorSchemeLight ColorScheme = "light"
	ColorSchemeDark  ColorScheme = "dark"
)

// MaxCornerRadius bounds the radius of corners, in pixels.
const MaxCornerRadius = 24

const maxLogoURL = 1024 // bytes

// DefaultAppearance is that of a new instance.
func DefaultAppearance() Appearance {
	return Appearance{AccentColor: "#3a4fd0", CornerRadius: 8, ColorScheme: ColorSchemeAuto}
}

// Accents are the colors of light and of dark pages.
func (a Appearance) Accents() (light, dark Color) {
	light, _ = ParseColor(a.AccentColor)
	dark, ok := ParseColor(a.AccentColorDark)
	if !ok {
		dark = light
	}
	return light, dark
}

// LogoOrigin is where the logo comes from, or empty.
func (a Appearance) LogoOrigin() string {
	u, err := url.Parse(a.LogoURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Check names what cannot be shown; the error has code [CodeParamInvalid].
func (a Appearance) Check() error {
	wrong := func(name string) error { return RefuseParam(CodeParamInvalid, "appearance."+name) }
	if _, ok := ParseColor(a.AccentColor); !ok {
		return wrong("accent_color")
	}
	if _, ok := ParseColor(a.AccentColorDark); !ok && a.AccentColorDark != "" {
		return wrong("accent_color_dark")
	}
	switch a.ColorScheme {
	case ColorSchemeAuto, ColorSchemeLight, ColorSchemeDark:
	default:
		return wrong("color_scheme")
	}
	if a.CornerRadius < 0 || a.CornerRadius > MaxCornerRadius {
		return wrong("corner_radius")
	}
	if !validLogo(a.LogoURL) {
		return wrong("logo_url")
	}
	return nil
}

// validLogo allows what can stand in a policy for content as its origin.
func validLogo(address string) bool {
	if address == "" {
		return true
	}
	u, err := url.Parse(address)
	return err == nil && len(address) <= maxLogoURL && u.Scheme == "https" && hostPattern(u.Host) && u.User == nil && u.Fragment == ""
}

// hostPattern says whether a host, with a port or without, is written in the
// letters of domain names alone.
func hostPattern(host string) bool {
	for _, r := range host {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != ':' {
			return false
		}
	}
	return host != ""
}
