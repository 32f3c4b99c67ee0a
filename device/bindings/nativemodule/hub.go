package nativemodule

import (
	"context"
	"sync"
)

// Event is one event for the script.
type Event struct {
	Name    string `json:"name"`
	Payload any    `json:"payload"`
}

// hub hands events to listeners. Each has a queue of its own, so a slow one
// holds up nobody.
type hub struct {
	mu        sync.Mutex
	listeners map[*Listener]bool
	replay    replay
	ended     bool
}

// replay gives a listener of an event what it missed. later says that there is
// something which cannot be given yet.
type replay func(event string, give func(payload any)) (later bool)

// Listener receives the events of one name.
type Listener struct {
	hub  *hub
	name string

	mu    sync.Mutex
	owed  bool // what it missed could not be said when it came
	heard bool // it was given something already, and so has missed nothing
	queue []Event
	moved chan struct{} // has an element when the queue may have one
	over  bool
}

// maxQueue bounds what a listener that never fetches can pile up. The newest
// event says what is true; the oldest are dropped.
const maxQueue = 256

// Listen begins to receive the events of one name. The first one is what the
// listener missed, if there is anything.
func (m *Module) Listen(event string) *Listener {
	h := &m.hub
	l := &Listener{hub: h, name: event, moved: make(chan struct{}, 1)}
	h.mu.Lock()
	replay := h.replay
	if h.listeners == nil {
		h.listeners = map[*Listener]bool{}
	}
	h.listeners[l] = true
	if h.ended {
		l.over = true
	}
	h.mu.Unlock()
	if replay != nil {
		l.catchUp(replay)
	}
	return l
}

func (l *Listener) catchUp(replay replay) {
	later := replay(l.name, func(missed any) {
		if !l.hasHeard() {
			l.push(Event{l.name, missed})
		}
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed = later && !l.heard
}

func (l *Listener) hasHeard() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard
}

// settle tells the listeners that are owed something what they missed.
func (h *hub) settle() {
	h.mu.Lock()
	replay := h.replay
	var owed []*Listener
	for l := range h.listeners {
		if l.isOwed() {
			owed = append(owed, l)
		}
	}
	h.mu.Unlock()
	for _, l := range owed {
		if replay != nil {
			l.catchUp(replay)
		}
	}
}

func (l *Listener) isOwed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owed
}

func (h *hub) replayFrom(replay replay) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.replay = replay
}

func (h *hub) emit(name string, payload any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		if l.name == name {
			l.push(Event{name, payload})
		}
	}
}

func (h *hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended, h.replay = true, nil
	for l := range h.listeners {
		l.finish()
	}
}

func (l *Listener) push(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed, l.heard = false, true
	l.queue = append(l.queue, e)
	l.queue = l.queue[max(0, len(l.queue)-maxQueue):]
	l.wakeLocked()
}

func (l *Listener) finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.wakeLocked()
}

func (l *Listener) wakeLocked() {
	select {
	case l.moved <- struct{}{}:
	default:
	}
}

// Next waits for the next event. more is false when none will come.
func (l *Listener) Next(ctx context.Context) (e Event, more bool, err error) {
	for {
		l.mu.Lock()
		if len(l.queue) > 0 {
			e, l.queue = l.queue[0], l.queue[1:]
			l.mu.Unlock()
			return e, true, nil
		}
		over := l.over
		l.mu.Unlock()
		if over {
			return Event{}, false, nil
		}
		select {
		case <-l.moved:
		case <-ctx.Done():
			return Event{}, true, ctx.Err()
		}
	}
}

// Remove ends the listener; a Next that waits returns.
func (l *Listener) Remove() {
	l.hub.mu.Lock()
	delete(l.hub.listeners, l)
	l.hub.mu.Unlock()
	l.finish()
}
