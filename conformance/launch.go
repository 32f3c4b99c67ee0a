package conformance

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// start launches a process and holds its first verdict to the local deadline.
func (r *run) start(step Step) error {
	release := sync.OnceFunc(r.server.HoldBack())
	defer release()
	launched := time.Now()
	client, err := r.subject.Open(r.env)
	if err != nil {
		return err
	}
	r.client = client
	r.processes = append(r.processes, client)
	if r.launched != nil {
		r.launched(client)
	}
	watching, stop := context.WithCancel(context.Background())
	r.stop = stop
	last := new(Observation)
	go client.Watch(watching, func(o Observation) {
		if watching.Err() == nil {
			r.see(o, last)
		}
	})

	ctx, cancel := context.WithTimeout(context.Background(), LocalDeadline+slack)
	defer cancel()
	first, err := client.Restore(ctx)
	if err != nil {
		return r.late(step, release)
	}
	if r.first == 0 {
		r.first = time.Since(launched)
	}
	return r.expect(step, first)
}

// late goes on with a subject that needs more than local data, or more than the
// deadline, for its first verdict. The scenario has failed by then; what it does
// next still tells whether the session is lost.
func (r *run) late(step Step, release func()) error {
	r.mu.Lock()
	r.marks.InTime = false
	if r.problem == nil {
		r.problem = fmt.Errorf("no verdict from local data within %v", LocalDeadline+slack)
	}
	r.mu.Unlock()
	release()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	first, err := r.client.Restore(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if (Observation{Kind: step.Kind}).SignedIn() && first.SignedIn() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.marks.Ever = true
		return nil
	}
	return r.expect(step, first)
}
