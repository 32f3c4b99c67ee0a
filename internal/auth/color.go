package auth

import (
	"fmt"
	"math"
	"strconv"
)

// Color is one of the sRGB color space.
type Color struct{ R, G, B uint8 }

// Colors that text has on a filled surface.
var (
	Black = Color{}
	White = Color{0xff, 0xff, 0xff}
)

// ParseColor reads a color as #rrggbb.
func ParseColor(text string) (Color, bool) {
	if len(text) != 7 || text[0] != '#' {
		return Color{}, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return Color{}, false
	}
	return Color{uint8(n >> 16), uint8(n >> 8 & 0xff), uint8(n & 0xff)}, true //nolint:gosec // 24 bits
}

// String is the color as [ParseColor] reads it.
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast is the ratio of the luminances of two colors as WCAG 2 defines it,
// from 1 to 21.
func (c Color) Contrast(other Color) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func (c Color) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// TextContrast is what WCAG 2.2 asks of text at level AA.
const TextContrast = 4.5

// Text is the color of text that can be read on this one: black or white. One of
// both always has a contrast above [TextContrast].
func (c Color) Text() Color {
	if c.Contrast(White) >= c.Contrast(Black) {
		return White
	}
	return Black
}

// ReadableOn is the color nearest to this one that can be read as text on a
// surface: moved towards black or white, as little as it takes.
func (c Color) ReadableOn(surface Color) Color {
	end, at := surface.Text(), c
	for step := 1; at.Contrast(surface) < TextContrast && step <= 50; step++ {
		at = c.mix(end, float64(step)/50)
	}
	return at
}

func (c Color) mix(other Color, part float64) Color {
	of := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-part) + float64(b)*part)) }
	return Color{of(c.R, other.R), of(c.G, other.G), of(c.B, other.B)}
}
