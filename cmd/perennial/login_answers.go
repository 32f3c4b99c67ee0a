package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/perennialauth/perennial/internal/prompt"
)

// Environment variables of `perennial login`.
const (
	// envPassword answers where a password is asked for.
	envPassword = "PERENNIAL_PASSWORD"
	// envPlain asks line by line, as --plain does.
	envPlain = "PERENNIAL_PLAIN"
)

// read takes the answers that were promised elsewhere than on the command line,
// which other users of the machine can see. On standard input there is one line
// each, the password before the code.
func (f *loginFlags) read(in io.Reader) error {
	var err error
	switch {
	case f.passwordStdin:
		if f.password, err = prompt.ReadLine(in); err != nil || f.password == "" {
			return errors.New("--password-stdin: no password on standard input")
		}
	case f.passwordFile != "":
		if f.password, err = firstLine(f.passwordFile); err != nil {
			return fmt.Errorf("--password-file: %w", err)
		}
	default:
		f.password = os.Getenv(envPassword)
	}
	if f.codeStdin {
		if f.code, err = prompt.ReadLine(in); err != nil || f.code == "" {
			return errors.New("--code-stdin: no code on standard input")
		}
	}
	if f.callbackStdin {
		if f.callback, err = prompt.ReadLine(in); err != nil || f.callback == "" {
			return errors.New("--callback-stdin: no address on standard input")
		}
	}
	return nil
}

// maxPasswordFile bounds what is read of one, in bytes.
const maxPasswordFile = 64 << 10

func firstLine(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxPasswordFile))
	if err != nil {
		return "", err
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	if line = bytes.TrimSuffix(line, []byte("\r")); len(line) == 0 {
		return "", errors.New("its first line is empty")
	}
	return string(line), nil
}

// openAsker returns how to ask a person here.
func openAsker(in io.Reader, out io.Writer, plain bool, interrupt func()) prompt.Asker {
	return prompt.Open(prompt.Terminal{
		In: in, Out: out, Interrupt: interrupt,
		// ACCESSIBLE is what other programs of this kind look at.
		Plain: plain || os.Getenv(envPlain) != "" || os.Getenv("ACCESSIBLE") != "",
	})
}
