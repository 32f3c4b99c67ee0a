package jsonapi

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/bindings/nativemodule"
)

// watch hands out states or events one by one. What nobody has fetched yet is
// kept where it comes from, so a slow host misses nothing.
type watch struct {
	items chan next
	stop  context.CancelFunc
}

// next is the result of Next. State and Event are nil when the time was over
// first, or when nothing more will come.
type next struct {
	State *bindings.State     `json:"state"`
	Event *nativemodule.Event `json:"event,omitempty"`
	Over  bool                `json:"over"`
}

type watching struct {
	Watch int64 `json:"watch"`
}

// Watch begins to follow a device: first its current state, then every later
// one, in order.
func (h *Host) Watch(handle int64) string { return h.Listen(handle, "") }

// Listen begins to follow one event of a native module: first what a listener
// that comes now has missed, then every later one.
func (h *Host) Listen(handle int64, event string) string {
	return respond(func() (any, error) {
		c, err := h.find(handle)
		if err != nil {
			return nil, err
		}
		w, err := c.follow(event)
		if err != nil {
			return nil, err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.watches == nil {
			h.watches = map[int64]*watch{}
		}
		h.last++
		h.watches[h.last] = w
		return watching{h.last}, nil
	})
}

// newWatch runs produce until it returns or the watch ends. produce hands over
// an item with give, which reports false when the watch is over.
func newWatch(produce func(ctx context.Context, give func(next) bool)) *watch {
	ctx, stop := context.WithCancel(context.Background())
	w := &watch{items: make(chan next), stop: stop}
	go func() {
		defer close(w.items)
		produce(ctx, func(item next) bool {
			select {
			case w.items <- item:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	return w
}

func (c deviceCallee) follow(topic string) (*watch, error) {
	if topic != "" {
		return nil, usage("a device has states and no event %.40q", topic)
	}
	return newWatch(func(ctx context.Context, give func(next) bool) {
		for state := range c.d.Watch(ctx) {
			plain := bindings.StateOf(state)
			if !give(next{State: &plain}) {
				return
			}
		}
	}), nil
}

// Next waits for the next state or event, at most timeoutMS milliseconds; a
// negative number waits without limit. One caller at a time may wait on one
// watch.
func (h *Host) Next(handle, timeoutMS int64) string {
	return respond(func() (any, error) {
		h.mu.Lock()
		w := h.watches[handle]
		h.mu.Unlock()
		if w == nil {
			return next{Over: true}, nil
		}
		var late <-chan time.Time
		if timeoutMS >= 0 {
			timer := time.NewTimer(bindings.Milliseconds(timeoutMS))
			defer timer.Stop()
			late = timer.C
		}
		select {
		case item, more := <-w.items:
			if !more {
				h.forget(handle)
				return next{Over: true}, nil
			}
			return item, nil
		case <-late:
			return next{}, nil
		}
	})
}

// Unwatch ends a watch; a Next that waits on it returns.
func (h *Host) Unwatch(handle int64) string {
	return respond(func() (any, error) {
		if w := h.forget(handle); w != nil {
			w.stop()
		}
		return nil, nil
	})
}

func (h *Host) forget(handle int64) *watch {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.watches[handle]
	delete(h.watches, handle)
	return w
}
