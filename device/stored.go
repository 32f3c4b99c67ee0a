package device

import "context"

// Stored waits until everything that was done is stored, or until ctx ends.
// Unlike [Device.Drain] it does not wait for the server: a program that ends
// after a step of a sign-in calls it, so that the next one finds the attempt.
func (d *Device) Stored(ctx context.Context) error {
	for {
		d.mu.Lock()
		unsaved, moved := d.pending.Unsaved, d.moved
		d.mu.Unlock()
		if !unsaved {
			return nil
		}
		select {
		case <-moved:
		case <-d.states.over():
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
