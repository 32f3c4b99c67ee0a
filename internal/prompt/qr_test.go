package prompt_test

import (
	"strings"
	"testing"

	"rsc.io/qr"

	"github.com/perennialauth/perennial/internal/prompt"
)

// The drawing has the modules of the code, with the margin that readers need.
func TestQR(t *testing.T) {
	t.Parallel()
	const address = "https://auth.example.com/sign-in?flow=" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	code, err := qr.Encode(address, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	for name, colour := range map[string]bool{"colours": true, "none": false} {
		drawn, err := prompt.QR(address, colour)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(drawn, "\x1b") != colour {
			t.Errorf("%s: control sequences are wrong in %q", name, drawn)
		}
		plain := strings.NewReplacer("\x1b[97;40m", "", "\x1b[m", "").Replace(drawn)
		lines := strings.Split(strings.TrimSuffix(plain, "\n"), "\n")
		const margin = 4
		if want := (code.Size + 2*margin + 1) / 2; len(lines) != want {
			t.Fatalf("%s: %d lines, want %d", name, len(lines), want)
		}
		for i, line := range lines {
			for x, r := range []rune(line) {
				column, row := x-margin, 2*i-margin
				if dark := r == ' ' || r == '▄'; dark != code.Black(column, row) {
					t.Fatalf("%s: module %d,%d is dark: %v", name, column, row, dark)
				}
				if dark := r == ' ' || r == '▀'; row+1 < code.Size+margin && dark != code.Black(column, row+1) {
					t.Fatalf("%s: module %d,%d is dark: %v", name, column, row+1, dark)
				}
			}
		}
	}
	if _, err := prompt.QR(strings.Repeat("x", 4000), false); err == nil {
		t.Error("too much for a QR code, and no error")
	}
}
