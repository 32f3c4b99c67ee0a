package prompt

import (
	"strings"
	"testing"
)

func TestField(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		keys []string // a key by its name, or what is typed
		want string
	}{
		"typed":                      {[]string{"=ada@example.com"}, "ada@example.com"},
		"inserted":                   {[]string{"=ad", "left", "=X", "end", "=Y", "home", "=Z"}, "ZaXdY"},
		"deleted":                    {[]string{"=abcd", "backspace", "home", "delete"}, "bc"},
		"deleted at the edges":       {[]string{"backspace", "delete", "left", "right", "=a", "delete", "home", "backspace"}, "a"},
		"the rest deleted":           {[]string{"=abcd", "left", "left", "ctrl+k"}, "ab"},
		"the beginning deleted":      {[]string{"=abcd", "left", "ctrl+u"}, "d"},
		"a word deleted":             {[]string{"=one two  ", "ctrl+w"}, "one "},
		"other writing":              {[]string{"=مرحبا", "backspace", "=日本😀", "left", "backspace"}, "مرحب日😀"},
		"pasted with line ends":      {[]string{"=12\r\n34\x1b[31m\t"}, "1234[31m"},
		"a key that means nothing":   {[]string{"=a", "f5", "ctrl+x"}, "a"},
		"more than an answer can be": {[]string{"=" + strings.Repeat("x", maxAnswer), "=y"}, strings.Repeat("x", maxAnswer)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f field
			for _, key := range test.keys {
				if typed, ok := strings.CutPrefix(key, "="); ok {
					f.insert(typed)
				} else {
					f.press(key)
				}
			}
			if got := string(f.text); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// What does not fit is cut off so that the cursor stays in sight.
func TestFieldWindow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		typed  string
		left   int
		secret bool
		want   string
		column int
	}{
		"short":           {"abc", 0, false, "abc", 3},
		"long":            {"abcdefghijkl", 0, false, "defghijkl", 9},
		"long, at start":  {"abcdefghijkl", 12, false, "abcdefghij", 0},
		"wide characters": {"日本語日本語", 0, false, "語日本語", 8},
		"secret":          {"日本語", 1, true, "***", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f field
			f.insert(test.typed)
			for range test.left {
				f.press("left")
			}
			if got, column := f.window(10, test.secret); got != test.want || column != test.column {
				t.Errorf("%q with the cursor at %d, want %q at %d", got, column, test.want, test.column)
			}
		})
	}
}

// What comes from a server cannot move the cursor or turn the text around.
func TestShown(t *testing.T) {
	t.Parallel()
	if got := shown("a\x1b[2Jb\u202ec\r\nd\u0007é"); got != "a[2Jbcdé" {
		t.Errorf("%q", got)
	}
}
