package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// screen asks in a few lines that are drawn anew with each key. One program runs
// from the first question to Close: between two questions, too, what is typed is
// neither shown nor left for the next program.
type screen struct {
	in, out   *os.File
	interrupt func()

	start   sync.Once
	program *tea.Program
	ended   chan struct{}
	failed  error
}

// Messages to the program.
type (
	asked struct {
		q     Question
		reply chan<- reply
	}
	said  struct{ text string }
	busy  struct{ what string }
	over  struct{}
	reply struct {
		answer Answer
		err    error
	}
)

// Asks implements [Asker].
func (*screen) Asks() bool { return true }

// run starts the program.
func (s *screen) run() {
	s.start.Do(func() {
		// A trace of what is typed would hold the password.
		_ = os.Unsetenv("TEA_TRACE")
		s.ended = make(chan struct{})
		s.program = tea.NewProgram(&drawing{interrupt: s.interrupt}, tea.WithInput(s.in), tea.WithOutput(s.out), tea.WithoutSignalHandler())
		go func() {
			defer close(s.ended)
			_, s.failed = s.program.Run()
		}()
	})
}

// Ask implements [Asker].
func (s *screen) Ask(ctx context.Context, q Question) (Answer, error) {
	s.run()
	answered := make(chan reply, 1)
	s.program.Send(asked{q, answered})
	select {
	case r := <-answered:
		return r.answer, r.err
	case <-s.ended:
		return Answer{}, errors.Join(errors.New("the terminal is gone"), s.failed)
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// Say implements [Asker]. Before the first question a line is printed as it is:
// the terminal then breaks a long address so that it can be followed and copied
// as one.
func (s *screen) Say(line string) { s.print(shown(line)) }

// Draws implements [Asker].
func (*screen) Draws() bool { return true }

// Picture implements [Asker].
func (s *screen) Picture(text string) { s.print(strings.TrimSuffix(text, "\n")) }

func (s *screen) print(text string) {
	if s.program == nil {
		_, _ = fmt.Fprintln(s.out, text)
		return
	}
	if text == "" {
		text = " "
	}
	s.program.Send(said{text})
}

// Busy implements [Asker].
func (s *screen) Busy(what string) {
	if s.program != nil {
		s.program.Send(busy{what})
	}
}

// Close implements [Asker].
func (s *screen) Close() {
	if s.program == nil {
		return
	}
	s.program.Send(over{})
	<-s.ended
}
