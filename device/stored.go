package device

import "context"

// Stored waits until everything that was done is stored, or until ctx ends.
// Unlike [Device.Drain] it does not wait for the server: a program that ends
// after a step of a sign-in calls it, so that the next one finds the attempt.
func (d *Device) Stored(ctx context.Context) error {
	return d.await(ctx, func() bool { return d.pending.Unsaved })
}

// await returns when left, which is asked with the lock held, is false.
func (d *Device) await(ctx context.Context, left func() bool) error {
	for {
		d.mu.Lock()
		waiting, moved := left(), d.moved
		d.mu.Unlock()
		if !waiting {
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
