package jsonapi

import (
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
)

// opened is the result of Open.
type opened struct {
	Device int64          `json:"device"`
	State  bindings.State `json:"state"`
}

// Open begins to restore a session and returns at once, with the handle of the
// device and what is known at that instant. store is nil unless the options ask
// for the vault "host".
func (h *Host) Open(options string, store *bindings.Store) string {
	return respond(func() (any, error) {
		var o bindings.Options
		if err := decode(options, &o); err != nil {
			return nil, err
		}
		d, err := o.Open(store)
		if err != nil {
			return nil, err
		}
		return opened{Device: h.keep(deviceCallee{d}), State: bindings.StateOf(d.State())}, nil
	})
}

// Close ends this process's part of the session; nobody is signed out. Calls
// that wait are answered, watches end. Closing twice is fine.
func (h *Host) Close(handle int64) string {
	return respond(func() (any, error) {
		h.mu.Lock()
		c := h.open[handle]
		delete(h.open, handle)
		h.mu.Unlock()
		if c == nil {
			return nil, nil
		}
		return nil, c.close()
	})
}

func (h *Host) keep(c callee) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = map[int64]callee{}
	}
	h.last++
	h.open[h.last] = c
	return h.last
}

func (h *Host) find(handle int64) (callee, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.open[handle]; c != nil {
		return c, nil
	}
	return nil, device.ErrClosed
}

// Call calls a method of a device or of a native module and waits for its
// answer, at most the argument timeout_ms (default 60 s). A call that ran out of
// time goes on without a listener and can be repeated.
func (h *Host) Call(handle int64, name, args string) string {
	return respond(func() (any, error) {
		c, err := h.find(handle)
		if err != nil {
			return nil, err
		}
		return c.call(name, args)
	})
}
