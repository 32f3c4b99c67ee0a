package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// lines asks line by line. Whatever can be chosen instead of an answer is
// offered after an empty one, so that the questions stay short for the ear.
type lines struct {
	in  *os.File
	out io.Writer
}

// Asks implements [Asker].
func (*lines) Asks() bool { return true }

// Ask implements [Asker].
func (l *lines) Ask(ctx context.Context, q Question) (Answer, error) {
	if q.Problem != "" {
		l.Say("Error: " + q.Problem)
	}
	if q.Hint != "" {
		l.Say(q.Hint)
	}
	if q.Menu {
		return l.choose(ctx, q)
	}
	prompt := shown(q.Title)
	if !q.Optional && len(q.Choices) > 0 {
		prompt += " (empty for other choices)"
	}
	for {
		text, err := l.read(ctx, prompt+": ", q.Secret)
		if !q.Secret {
			text = strings.TrimSpace(text)
		}
		switch {
		case err != nil:
			return Answer{}, err
		case text != "" || q.Optional:
			return Answer{Text: text}, nil
		case len(q.Choices) == 0:
			l.Say("Error: nothing was entered.")
		default:
			back := Choice{Label: "Go back to: " + q.Title}
			answer, err := l.choose(ctx, Question{Title: "Other choices", Choices: append([]Choice{back}, q.Choices...)})
			if err != nil || answer.Key != "" {
				return answer, err
			}
		}
	}
}

// choose shows a numbered list.
func (l *lines) choose(ctx context.Context, q Question) (Answer, error) {
	l.Say(q.Title + ":")
	for i, c := range q.Choices {
		l.Say(fmt.Sprintf("  %d. %s", i+1, c.Label))
	}
	for {
		text, err := l.read(ctx, fmt.Sprintf("Number, 1 to %d: ", len(q.Choices)), false)
		if err != nil {
			return Answer{}, err
		}
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n >= 1 && n <= len(q.Choices) {
			return Answer{Key: q.Choices[n-1].Key}, nil
		}
		l.Say("Error: that is not one of the numbers.")
	}
}

// Say implements [Asker].
func (l *lines) Say(line string) { _, _ = fmt.Fprintln(l.out, shown(line)) }

// Draws implements [Asker].
func (*lines) Draws() bool { return false }

// Picture implements [Asker].
func (*lines) Picture(string) {}

// Busy implements [Asker]. Between lines there is nothing to be shown for a
// moment only.
func (*lines) Busy(string) {}

// Close implements [Asker].
func (*lines) Close() {}

// read waits for a line, or for the context: an interrupt does not end a read.
func (l *lines) read(ctx context.Context, prompt string, secret bool) (string, error) {
	if secret {
		return l.readSecret(ctx, prompt)
	}
	_, _ = fmt.Fprint(l.out, prompt)
	return l.await(ctx, func() (string, error) { return ReadLine(l.in) })
}

// readSecret turns showing off before the question appears: whoever types at
// once, a script above all, must not find it still on.
func (l *lines) readSecret(ctx context.Context, prompt string) (string, error) {
	fd := int(l.in.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(fd, before) }()
	return l.await(ctx, func() (string, error) {
		return term.NewTerminal(screenAndKeys{l.in, l.out}, "").ReadPassword(prompt)
	})
}

func (l *lines) await(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	came := make(chan result, 1)
	go func() {
		text, err := read() // goes on after the context, which ends the process
		came <- result{text, err}
	}()
	select {
	case r := <-came:
		if errors.Is(r.err, io.EOF) {
			r.err = ErrInterrupted
		}
		return r.text, r.err
	case <-ctx.Done():
		_, _ = fmt.Fprintln(l.out)
		return "", ctx.Err()
	}
}

// screenAndKeys joins where a terminal is read and where it is written.
type screenAndKeys struct {
	io.Reader
	io.Writer
}
