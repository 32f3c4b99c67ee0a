package oauth

import (
	"context"
	"fmt"
	"sync"

	"github.com/perennialauth/perennial/internal/auth"
)

// endings are the trips that are being ended. The zero value is ready to use.
type endings struct {
	mu   sync.Mutex
	done map[auth.OAuthFlowID]chan struct{} // closed when it is over
}

// Alone returns a trip as it is once nobody else ends it. A browser may bring
// the same answer twice at once; a provider takes its code once, and the refusal
// of the second request could be stored before what the first one brought.
// Release is to be called when what came of it is stored. Errors: the context's,
// [auth.ErrUnavailable].
func (t *Trips) Alone(ctx context.Context, id auth.OAuthFlowID) (flow auth.OAuthFlow, release func(), err error) {
	if release, err = t.ending.enter(ctx, id); err != nil {
		return flow, nil, err
	}
	if flow, err = t.Store.OAuthFlow(ctx, id); err != nil {
		release()
		return flow, nil, fmt.Errorf("read trip: %w", err)
	}
	return flow, release, nil
}

// enter waits for its turn, and returns what ends it.
func (e *endings) enter(ctx context.Context, id auth.OAuthFlowID) (leave func(), err error) {
	for {
		e.mu.Lock()
		before, busy := e.done[id]
		if !busy {
			if e.done == nil {
				e.done = map[auth.OAuthFlowID]chan struct{}{}
			}
			own := make(chan struct{})
			e.done[id] = own
			e.mu.Unlock()
			return func() {
				e.mu.Lock()
				delete(e.done, id)
				e.mu.Unlock()
				close(own)
			}, nil
		}
		e.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
