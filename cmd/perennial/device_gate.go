package main

import (
	"context"
	"sync"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/shell"
)

// gate holds a device's requests back until the command wants the network. A
// command that only says what is stored here would otherwise begin a request
// at each start, which its exit then cuts off: work for both sides, for
// nothing, while the user waits for the verdict.
type gate struct {
	through shell.Transport
	once    sync.Once
	opened  chan struct{}
}

var _ shell.Transport = (*gate)(nil)

func newGate(through shell.Transport) *gate {
	return &gate{through: through, opened: make(chan struct{})}
}

// open lets every request through, also those that wait already.
func (g *gate) open() { g.once.Do(func() { close(g.opened) }) }

// Do implements [shell.Transport].
func (g *gate) Do(ctx context.Context, request core.SendRequest) core.Responded {
	select {
	case <-g.opened:
		return g.through.Do(ctx, request)
	case <-ctx.Done():
		return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout}
	}
}
