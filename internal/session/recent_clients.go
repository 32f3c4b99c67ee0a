package session

import (
	"context"
	"sync"
	"time"
)

const (
	// recentWindow is how long a repeated tokenless creation by one device is
	// answered with the same client: the first launch of an app sends several
	// requests at once and retries them for some seconds.
	recentWindow = 15 * time.Second
	// recentCapacity bounds the memory an attacker with invented device ids can take.
	recentCapacity = 4096
)

// recentClients remembers the credentials created for devices moments ago, in
// memory: the zero value is ready. Losing it costs an empty client.
type recentClients struct {
	mu      sync.Mutex
	entries map[Device]*recentClient
}

type recentClient struct {
	turn  chan struct{} // holds one element while nobody creates
	token string        // guarded by turn
	at    time.Time     // guarded by recentClients.mu
}

// once runs create with the credential last created for d, or "", one caller
// per device at a time, and remembers the credential it issues.
func (r *recentClients) once(ctx context.Context, d Device, now func() time.Time, create func(token string) (Caller, error)) (Caller, error) {
	if d.ID == "" {
		return create("")
	}
	e := r.entry(d, now())
	select {
	case <-e.turn:
	case <-ctx.Done():
		return Caller{}, ctx.Err()
	}
	defer func() { e.turn <- struct{}{} }()
	caller, err := create(e.token)
	if err == nil {
		e.token = caller.Issued
	}
	return caller, err
}

func (r *recentClients) entry(d Device, now time.Time) *recentClient {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.entries[d]; ok {
		if age := now.Sub(e.at); age >= 0 && age < recentWindow {
			return e
		}
	}
	if len(r.entries) >= recentCapacity || r.entries == nil {
		r.dropOldLocked(now)
	}
	e := &recentClient{turn: make(chan struct{}, 1), at: now}
	e.turn <- struct{}{}
	r.entries[d] = e
	return e
}

// dropOldLocked makes room: what is past the window goes, and everything when
// that is not enough, since an entry is only a convenience.
func (r *recentClients) dropOldLocked(now time.Time) {
	kept := make(map[Device]*recentClient)
	for d, e := range r.entries {
		if age := now.Sub(e.at); age >= 0 && age < recentWindow {
			kept[d] = e
		}
	}
	if len(kept) >= recentCapacity {
		kept = make(map[Device]*recentClient)
	}
	r.entries = kept
}
