package mobile

import (
	"context"
	"sync"
)

// StateListener is implemented by the app. OnState is called from one thread at
// a time, never the app's main thread; it may take its time.
type StateListener interface {
	OnState(state *State)
}

// Subscription is a running watch.
type Subscription struct {
	stop  context.CancelFunc
	ended sync.WaitGroup
}

// Watch calls the listener with the current state and then with every later
// one, in order, until the subscription or the device ends.
func (d *Device) Watch(listener StateListener) *Subscription {
	ctx, stop := context.WithCancel(context.Background())
	s := &Subscription{stop: stop}
	s.ended.Go(func() {
		for state := range d.inner.Watch(ctx) {
			// What was under way when the app stopped listening is dropped.
			if ctx.Err() != nil || !tell(listener, stateOf(state)) {
				return
			}
		}
	})
	return s
}

// tell ends the watch of a listener that panics, and nothing else.
func tell(listener StateListener, state *State) (alive bool) {
	defer func() { alive = recover() == nil }()
	listener.OnState(state)
	return true
}

// Stop ends the subscription. No call begins after it, one may be under way.
func (s *Subscription) Stop() { s.stop() }
