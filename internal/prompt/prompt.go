// Package prompt owns how a person is asked on a terminal.
//
// It offers an [Asker] in two forms: a field with choices beneath it, drawn in
// place, and questions line by line, for screen readers, for terminals that can
// do no more, and for logs.
//
// It refuses to know what is asked and what becomes of the answers, and to show
// or to keep anything that was asked as a secret.
package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// ErrInterrupted means that the person wants no more: Ctrl-C, or the end of
// input where an answer was asked for.
var ErrInterrupted = errors.New("interrupted")

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 4 << 10

// Question is one thing to be known.
type Question struct {
	// Title names what is asked: "Email address".
	Title string
	// Hint says more, in a line of its own; or is empty.
	Hint string
	// Flag is what would have answered it where nobody can be asked.
	Flag string
	// Menu asks for one of the Choices, and for nothing else.
	Menu bool
	// Secret answers are not shown.
	Secret bool
	// Optional: an empty answer is an answer.
	Optional bool
	// Choices are what may be done instead of answering, or the answers of a
	// Menu.
	Choices []Choice
	// Problem says what was wrong with the answer before; or is empty.
	Problem string
}

// Choice is something to choose.
type Choice struct{ Key, Label string }

// Answer is a text, or the Key of a choice.
type Answer struct{ Text, Key string }

// Asker asks a person. It is not safe for concurrent use.
type Asker interface {
	// Asks says whether there is anybody to ask.
	Asks() bool
	// Ask returns [ErrInterrupted], the context's error, or that of the terminal.
	Ask(ctx context.Context, q Question) (Answer, error)
	// Say shows a line that stays. After the first question it must be a short one.
	Say(line string)
	// Draws says whether a picture made of characters is any use here.
	Draws() bool
	// Picture shows lines with styles of their own, as they are, before the first
	// question.
	Picture(text string)
	// Busy says what is waited for until the next question.
	Busy(what string)
	// Close leaves the terminal as it was found. Nothing is asked after it.
	Close()
}

// Terminal is where to ask, and how.
type Terminal struct {
	In  io.Reader
	Out io.Writer // standard error: standard output stays for results
	// Plain asks line by line whatever the terminal can do.
	Plain bool
	// Interrupt is called on Ctrl-C while nothing is asked. The terminal is in
	// a mode then in which it sends no signal.
	Interrupt func()
}

// Open returns the form of asking that fits: drawn if both sides are a terminal
// that can do it, line by line if only answers can come, and none at all without
// a terminal.
func Open(t Terminal) Asker {
	in, ok := t.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nobody{t.Out}
	}
	out, ok := t.Out.(*os.File)
	if kind := os.Getenv("TERM"); t.Plain || !ok || !term.IsTerminal(int(out.Fd())) || kind == "dumb" || kind == "" {
		return &lines{in: in, out: t.Out}
	}
	return &screen{in: in, out: out, interrupt: t.Interrupt}
}

// ReadLine reads one line byte by byte: what follows belongs to whoever reads
// next.
func ReadLine(in io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < maxAnswer {
		n, err := in.Read(b[:])
		if n == 1 && b[0] == '\n' {
			break
		}
		line = append(line, b[:n]...)
		if err != nil && len(line) == 0 {
			return "", err
		}
		if err != nil {
			break
		}
	}
	return strings.TrimSuffix(string(line), "\r"), nil
}

// nobody is where there is no terminal.
type nobody struct{ out io.Writer }

func (nobody) Asks() bool { return false }

func (nobody) Ask(_ context.Context, q Question) (Answer, error) {
	return Answer{}, fmt.Errorf("no terminal to ask on: give %s", q.Flag)
}

func (n nobody) Say(line string) { _, _ = fmt.Fprintln(n.out, line) }
func (nobody) Draws() bool       { return false }
func (nobody) Picture(string)    {}
func (nobody) Busy(string)       {}
func (nobody) Close()            {}

// shown is text without what would move the cursor or turn the reading
// direction: some of it comes from a server.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069) {
			return -1
		}
		return r
	}, text)
}
