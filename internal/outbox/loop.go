// Package outbox owns the loop by which a process empties an outbox: several
// claimants, so that a slow receiver holds up one of them, woken when something
// was written and looking for themselves now and then, for what other processes
// wrote and what is to be tried again.
//
// It offers [Loop]. It does not know what is claimed or how it is delivered.
package outbox

import (
	"context"
	"sync"
	"time"
)

// Loop calls Round. Its fields are not changed once it runs.
type Loop struct {
	// Claimants is how many rounds may be under way at once.
	Claimants int
	// Full is the size of a claim that says that more is waiting.
	Full int
	// Idle is how long nobody need wake the loop before it looks.
	Idle time.Duration
	// Round claims, delivers, and returns the size of its claim. It must be safe
	// for concurrent use and return soon after its context ends.
	Round func(ctx context.Context) int

	once sync.Once
	wake chan struct{}
}

// Wake makes the loop look at once. It never blocks.
func (l *Loop) Wake() {
	select {
	case l.calls() <- struct{}{}:
	default:
	}
}

// Run calls Round until ctx ends, and returns once no round is under way.
func (l *Loop) Run(ctx context.Context) {
	var running sync.WaitGroup
	for i := range l.Claimants {
		running.Go(func() { l.claim(ctx, i == 0) })
	}
	running.Wait()
}

// claim is one claimant. Those that do not poll are there to be woken while the
// others wait for a slow receiver.
func (l *Loop) claim(ctx context.Context, polls bool) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.calls():
		case <-timer.C:
		}
		for l.Round(ctx) == l.Full {
			continue
		}
		if polls {
			timer.Reset(l.Idle)
		}
	}
}

func (l *Loop) calls() chan struct{} {
	l.once.Do(func() { l.wake = make(chan struct{}, l.Claimants) })
	return l.wake
}
