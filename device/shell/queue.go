package shell

import (
	"sync"

	"github.com/perennialauth/perennial/device/core"
)

// queue is the one line in which events wait. It is unbounded, so that putting
// never blocks and nothing is lost; what fills it is bounded by the requests
// under way and the calls of the application.
type queue struct {
	mu     sync.Mutex
	ready  sync.Cond
	events []core.Event
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.ready.L = &q.mu
	return q
}

func (q *queue) put(event core.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.events = append(q.events, event)
		q.ready.Signal()
	}
}

// take waits for the next event; ok is false when the queue was closed.
func (q *queue) take() (event core.Event, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.events) == 0 && !q.closed {
		q.ready.Wait()
	}
	if q.closed {
		return nil, false
	}
	event = q.events[0]
	q.events[0] = nil
	q.events = q.events[1:]
	return event, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.ready.Broadcast()
}
