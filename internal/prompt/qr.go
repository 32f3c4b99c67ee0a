package prompt

import (
	"fmt"
	"os"
	"strings"

	"rsc.io/qr"
)

// quiet is the margin that a QR code needs to be found (ISO/IEC 18004: four
// modules).
const quiet = 4

// QR returns text as a QR code of half blocks, two rows of modules in a line.
// It is light on dark by its own colours, or, without colour, by those of a dark
// terminal.
func QR(text string, colour bool) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	light := func(x, y int) bool { return !code.Black(x, y) } // outside of the code all is light
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		if colour {
			b.WriteString("\x1b[97;40m")
		}
		for x := -quiet; x < code.Size+quiet; x++ {
			b.WriteString(halves(light(x, y), light(x, y+1) && y+1 < code.Size+quiet))
		}
		if colour {
			b.WriteString("\x1b[m")
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

func halves(top, bottom bool) string {
	switch {
	case top && bottom:
		return "█"
	case top:
		return "▀"
	case bottom:
		return "▄"
	default:
		return " "
	}
}

// Colour says whether colours are wanted here (no-color.org).
func Colour() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }
