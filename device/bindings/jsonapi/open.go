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
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.devices == nil {
			h.devices = map[int64]*device.Device{}
		}
		h.last++
		h.devices[h.last] = d
		return opened{Device: h.last, State: bindings.StateOf(d.State())}, nil
	})
}

// Close ends this process's part of the session; nobody is signed out. Calls
// that wait are answered, watches end. Closing twice is fine.
func (h *Host) Close(handle int64) string {
	return respond(func() (any, error) {
		h.mu.Lock()
		d := h.devices[handle]
		delete(h.devices, handle)
		h.mu.Unlock()
		if d == nil {
			return nil, nil
		}
		return nil, d.Close()
	})
}

func (h *Host) device(handle int64) (*device.Device, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d := h.devices[handle]; d != nil {
		return d, nil
	}
	return nil, device.ErrClosed
}
