// Package trace owns the account of one launch as lines of text: what happened,
// how many milliseconds after the launch began.
//
// It offers [New] and [FromEnvironment], the latter behind the one switch
// PERENNIAL_TRACE, and [Trace.Follow] for hosts whose output nobody sees.
//
// It refuses secrets, which are named by their length only, and to hold anybody
// up: a nil Trace is a trace that is off, and lines nobody reads are dropped.
package trace

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"sync"
	"time"
)

// Switch is the environment variable that turns the trace on.
const Switch = "PERENNIAL_TRACE"

// kept bounds the lines that a follower who comes late still gets.
const kept = 256

// Trace is the account of one launch. A nil *Trace is off.
type Trace struct {
	out   io.Writer
	began time.Time

	mu    sync.Mutex
	lines []Line
	first int           // the number of lines[0]
	moved chan struct{} // closed and replaced with each line
}

// Line is one line of a trace.
type Line struct {
	AfterMS int64  `json:"afterMs"` // milliseconds after the launch began
	Text    string `json:"text"`
}

// String is the line as it is printed.
func (l Line) String() string { return fmt.Sprintf("perennial %+6d ms  %s", l.AfterMS, l.Text) }

// New returns a trace that begins now. Its lines go to out, which may be nil.
func New(out io.Writer) *Trace {
	return &Trace{out: out, began: time.Now(), moved: make(chan struct{})}
}

// FromEnvironment returns a trace to standard error when the switch is on, nil
// otherwise.
func FromEnvironment() *Trace {
	if on, err := strconv.ParseBool(os.Getenv(Switch)); err != nil || !on {
		return nil
	}
	return New(os.Stderr)
}

// Printf adds a line.
func (t *Trace) Printf(format string, args ...any) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	l := Line{time.Since(t.began).Milliseconds(), fmt.Sprintf(format, args...)}
	t.lines = append(t.lines, l)
	if over := len(t.lines) - kept; over > 0 {
		t.lines, t.first = append([]Line(nil), t.lines[over:]...), t.first+over
	}
	close(t.moved)
	t.moved = make(chan struct{})
	if t.out != nil {
		_, _ = fmt.Fprintln(t.out, l)
	}
}

// Follow yields the lines so far and every later one, until ctx ends or the loop
// is left. A follower that lags misses the oldest lines.
func (t *Trace) Follow(ctx context.Context) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		if t == nil {
			<-ctx.Done()
			return
		}
		for next := 0; ; {
			t.mu.Lock()
			next = max(next, t.first)
			pending := append([]Line(nil), t.lines[next-t.first:]...)
			moved := t.moved
			t.mu.Unlock()
			for _, l := range pending {
				if !yield(l) {
					return
				}
			}
			next += len(pending)
			if len(pending) > 0 {
				continue
			}
			select {
			case <-moved:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Secret names a secret without showing any of it.
func Secret(text string) string {
	if text == "" {
		return "null"
	}
	return fmt.Sprintf("…(len %d)", len(text))
}
