package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxAnswer bounds one line of an answer, in bytes.
const maxAnswer = 4 << 10

// asker gets answers from a person or from a pipe. Questions go to standard
// error, so that standard output stays for the result.
type asker struct {
	in       io.Reader
	out      io.Writer
	terminal bool
	file     *os.File
}

func newAsker(in io.Reader, out io.Writer) *asker {
	a := &asker{in: in, out: out}
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		a.terminal, a.file = true, file
	}
	return a
}

// line reads one line byte by byte: what follows belongs to the next question.
func (a *asker) line() (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < maxAnswer {
		n, err := a.in.Read(b[:])
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

// question asks a person; without one it says which flag would have answered.
func (a *asker) question(prompt, flag string) (string, error) {
	if !a.terminal {
		return "", fmt.Errorf("no terminal to ask on: give %s", flag)
	}
	_, _ = fmt.Fprint(a.out, prompt)
	answer, err := a.line()
	if err == nil && answer == "" {
		err = errors.New("nothing was entered")
	}
	return strings.TrimSpace(answer), err
}

// secret asks without showing what is typed. An empty answer is an answer.
func (a *asker) secret(prompt, flag string) (string, error) {
	if !a.terminal {
		return "", fmt.Errorf("no terminal to ask on: give %s", flag)
	}
	// Showing is turned off before the question appears: whoever types at once,
	// a script above all, must not find it still on.
	fd := int(a.file.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(fd, before) }()
	return term.NewTerminal(screenAndKeys{a.file, a.out}, "").ReadPassword(prompt)
}

// screenAndKeys joins where a terminal is read and where it is written.
type screenAndKeys struct {
	io.Reader
	io.Writer
}
