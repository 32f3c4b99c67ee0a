package device

import (
	"context"
	"iter"
	"sync"
)

// feed is the line of states, each linked to its successor. Every watcher walks
// it at its own pace: a slow one holds up nobody and misses nothing, and what
// all have passed is collected.
type feed struct {
	mu    sync.RWMutex
	last  *link
	ended chan struct{}
}

type link struct {
	state State
	next  *link         // set before ready is closed
	ready chan struct{} // closed when next is set
}

func (f *feed) begin(state State) {
	f.last = &link{state: state, ready: make(chan struct{})}
	f.ended = make(chan struct{})
}

func (f *feed) current() *link {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.last
}

func (f *feed) publish(state State) {
	next := &link{state: state, ready: make(chan struct{})}
	f.mu.Lock()
	before := f.last
	f.last = next
	f.mu.Unlock()
	before.next = next
	close(before.ready)
}

func (f *feed) end() { close(f.ended) }

func (f *feed) over() <-chan struct{} { return f.ended }

// Watch yields the current state and then every later one, in order and without
// gaps in [State.Sequence], until ctx ends, the device is closed or the loop is
// left. The loop body runs on the caller's goroutine: however slow it is, and
// should it panic, no other watcher and no session notices.
func (d *Device) Watch(ctx context.Context) iter.Seq[State] {
	return func(yield func(State) bool) {
		for at := d.states.current(); yield(at.state); at = at.next {
			select {
			case <-at.ready:
				continue
			default:
			}
			select {
			case <-at.ready:
			case <-ctx.Done():
				return
			case <-d.states.over():
				return
			}
		}
	}
}
