package prompt

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// field is a line of text that is being typed.
type field struct {
	text []rune
	at   int // of the cursor
}

// insert takes typed or pasted text in. A pasted line end is not an answer:
// what was copied is seen before it is sent.
func (f *field) insert(s string) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	if len(string(f.text))+len(s) > maxAnswer {
		return
	}
	added := []rune(s)
	f.text = append(f.text[:f.at:f.at], append(added, f.text[f.at:]...)...)
	f.at += len(added)
}

// press edits, by the keys that shells have.
func (f *field) press(key string) {
	switch key {
	case "left", "ctrl+b":
		f.at = max(f.at-1, 0)
	case "right", "ctrl+f":
		f.at = min(f.at+1, len(f.text))
	case "home", "ctrl+a":
		f.at = 0
	case "end", "ctrl+e":
		f.at = len(f.text)
	case "backspace", "ctrl+h":
		f.remove(f.at-1, f.at)
	case "delete", "ctrl+d":
		f.remove(f.at, f.at+1)
	case "ctrl+u":
		f.remove(0, f.at)
	case "ctrl+k":
		f.remove(f.at, len(f.text))
	case "ctrl+w", "alt+backspace":
		from := f.at
		for from > 0 && f.text[from-1] == ' ' {
			from--
		}
		for from > 0 && f.text[from-1] != ' ' {
			from--
		}
		f.remove(from, f.at)
	}
}

func (f *field) remove(from, to int) {
	from, to = max(from, 0), min(to, len(f.text))
	f.text = append(f.text[:from:from], f.text[to:]...)
	f.at = from
}

// window is what fits into width columns, with the cursor in it, and the column
// of the cursor.
func (f *field) window(width int, secret bool) (text string, column int) {
	cells := f.text
	if secret {
		cells = []rune(strings.Repeat("*", len(f.text)))
	}
	from := 0
	for from < f.at && ansi.StringWidth(string(cells[from:f.at])) >= width {
		from++
	}
	column = ansi.StringWidth(string(cells[from:f.at]))
	return ansi.Truncate(string(cells[from:]), width, ""), column
}
