package jsonapi

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
)

// watch hands out the states of a device one by one. The device keeps those
// that nobody has fetched yet, so a slow host misses none.
type watch struct {
	states chan device.State
	stop   context.CancelFunc
}

// next is the result of Next. State is nil when the time was over first, or
// when nothing more will come.
type next struct {
	State *bindings.State `json:"state"`
	Over  bool            `json:"over"`
}

type watching struct {
	Watch int64 `json:"watch"`
}

// Watch begins to follow a device: first its current state, then every later
// one, in order.
func (h *Host) Watch(handle int64) string {
	return respond(func() (any, error) {
		d, err := h.device(handle)
		if err != nil {
			return nil, err
		}
		ctx, stop := context.WithCancel(context.Background())
		w := &watch{states: make(chan device.State), stop: stop}
		go w.follow(ctx, d)
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

func (w *watch) follow(ctx context.Context, d *device.Device) {
	defer close(w.states)
	for state := range d.Watch(ctx) {
		select {
		case w.states <- state:
		case <-ctx.Done():
			return
		}
	}
}

// Next waits for the next state, at most timeoutMS milliseconds; a negative
// number waits without limit. One caller at a time may wait on one watch.
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
		case state, more := <-w.states:
			if !more {
				h.forget(handle)
				return next{Over: true}, nil
			}
			plain := bindings.StateOf(state)
			return next{State: &plain}, nil
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
