package demo

import (
	"fmt"
	"io"
	"strings"
)

// progress draws a bar, or says each new fault on a line where nothing can be
// drawn over.
type progress struct {
	out      io.Writer
	animated bool
	total    int
	at       int
	fault    string
}

const barWidth = 30

func newProgress(out io.Writer, animated bool, total int) *progress {
	if out == nil {
		out = io.Discard
	}
	return &progress{out: out, animated: animated, total: total}
}

func (p *progress) step(fault string) {
	p.at++
	if !p.animated {
		if fault != p.fault {
			_, _ = fmt.Fprintf(p.out, "%4d/%d %s\n", p.at, p.total, fault)
		}
		p.fault = fault
		return
	}
	filled := barWidth * p.at / p.total
	_, _ = fmt.Fprintf(p.out, "\r[%s%s] %d/%d %-28s", strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), p.at, p.total, fault)
}

func (p *progress) done() {
	if p.animated {
		_, _ = fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", barWidth+50))
	}
}
