package callbackvault_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/perennialauth/perennial/device/vault/callbackvault"
)

// host is an app's store: named values in memory, with a limit on their size
// and the ways in which platform stores have been seen to fail.
type host struct {
	mu       sync.Mutex
	values   map[string][]byte
	limit    int
	fault    error           // answers every call
	lost     map[string]bool // values whose key is gone
	empty    bool            // reads as if nothing were there, takes nothing
	blank    bool            // answers every read with an empty value
	panics   bool
	hang     chan struct{}
	calls    int
	cut      int  // the power fails at this writing call; zero is never
	applied  bool // what the cut call does is done all the same
	powerOut bool
}

var errCut = errors.New("power cut")

func newHost() *host { return &host{values: map[string][]byte{}, lost: map[string]bool{}} }

// clone is the same store after a restart.
func (h *host) clone() *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &host{values: maps.Clone(h.values), lost: maps.Clone(h.lost), limit: h.limit}
}

func (h *host) config() callbackvault.Config {
	return callbackvault.Config{
		Get: h.get, Set: h.set, Delete: h.delete, Tenant: tenant, Prefix: h.prefix(), MaxValue: h.limit,
	}
}

// prefix keeps the process-wide locks of different hosts apart.
func (h *host) prefix() string { return fmt.Sprintf("%p.", h) }

func (h *host) enter() error {
	if h.hang != nil {
		<-h.hang
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.panics {
		panic("host bug")
	}
	if h.powerOut {
		return errCut
	}
	return h.fault
}

func (h *host) get(name string) ([]byte, error) {
	if err := h.enter(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	value, ok := h.values[strings.TrimPrefix(name, h.prefix())]
	switch {
	case !ok, h.empty:
		return nil, callbackvault.ErrAbsent
	case h.lost[strings.TrimPrefix(name, h.prefix())]:
		return nil, fmt.Errorf("keystore: %w", callbackvault.ErrKeyLost)
	}
	if h.blank {
		return []byte{}, nil
	}
	return bytes.Clone(value), nil
}

func (h *host) set(name string, value []byte) error {
	if err := h.enter(); err != nil {
		return err
	}
	if h.limit > 0 && len(value) > h.limit {
		return errors.New("value is too large")
	}
	return h.write(func() {
		if !h.empty {
			h.values[strings.TrimPrefix(name, h.prefix())] = bytes.Clone(value)
			delete(h.lost, strings.TrimPrefix(name, h.prefix()))
		}
	})
}

func (h *host) delete(name string) error {
	if err := h.enter(); err != nil {
		return err
	}
	return h.write(func() { delete(h.values, strings.TrimPrefix(name, h.prefix())) })
}

func (h *host) write(do func()) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	if h.cut > 0 && h.calls >= h.cut {
		h.powerOut = true
		if h.applied {
			do()
		}
		return errCut
	}
	do()
	return nil
}

// change alters the host under its lock.
func (h *host) change(f func(h *host)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h)
}

func (h *host) names() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(maps.Keys(h.values))
}
