package device

import (
	"context"

	"github.com/perennialauth/perennial/device/core"
)

// ask sends the event that ask builds for a new call, and waits for its reply.
// When ctx ends first, what was begun goes on without a listener.
func (d *Device) ask(ctx context.Context, event func(core.CallID) core.Event) (core.Reply, error) {
	if err := ctx.Err(); err != nil {
		return core.Reply{}, err
	}
	waiting := make(chan core.Reply, 1)
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return core.Reply{}, ErrClosed
	}
	d.lastCall++
	call := d.lastCall
	d.calls[call] = waiting
	d.mu.Unlock()

	d.shell.Send(event(call))
	select {
	case reply, ok := <-waiting:
		if !ok {
			return core.Reply{}, ErrClosed
		}
		return reply, failure(reply)
	case <-ctx.Done():
		d.mu.Lock()
		delete(d.calls, call)
		d.mu.Unlock()
		d.shell.Send(core.CallCancelled{Call: call})
		return core.Reply{}, ctx.Err()
	}
}

func (d *Device) ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return ErrClosed
}

// Token returns a session token that is valid now. It comes from memory when
// that one has enough life left; else one request is made, however many callers
// wait for it. Errors: [ErrSignedOut], [ErrUndetermined], [ErrPending],
// [ErrOffline], [ErrRefused].
func (d *Device) Token(ctx context.Context) (string, error) {
	if token := d.token.Load(); token != nil && token.fresh(d.clock) {
		if !token.used.Load() && token.used.CompareAndSwap(false, true) {
			d.shell.Send(core.TokenUsed{})
		}
		return token.jwt, nil
	}
	return d.askToken(ctx, false)
}

// FreshToken is Token, but never from memory.
func (d *Device) FreshToken(ctx context.Context) (string, error) { return d.askToken(ctx, true) }

func (d *Device) askToken(ctx context.Context, force bool) (string, error) {
	reply, err := d.ask(ctx, func(call core.CallID) core.Event {
		return core.TokenAsked{Call: call, Force: force}
	})
	if err != nil {
		return "", err
	}
	return reply.Token.Reveal(), nil
}

// Adopt takes over a client credential that another SDK obtained. The
// credential in use is kept until the new one is verified, and both are durable
// meanwhile. [ErrOffline] means that it is kept and will be verified later,
// [ErrInvalid] that it cannot be a credential at all and was not looked at.
func (d *Device) Adopt(ctx context.Context, credential string) error {
	_, err := d.ask(ctx, func(call core.CallID) core.Event {
		return core.AdoptAsked{Call: call, Credential: core.NewSecret(credential)}
	})
	return err
}

// Offer is Adopt without waiting: the machine has the credential before anything
// that is asked of it later, and what comes of it is in the State.
func (d *Device) Offer(credential string) {
	d.shell.Send(core.AdoptAsked{Credential: core.NewSecret(credential)})
}

// Credential returns the client credential in use, the one that Adopt takes,
// for a host that runs another SDK of the same instance beside this package. It
// is empty, without an error, when nobody is signed in, and [ErrUndetermined]
// while that is not known. [State.Generation] moves when it changes.
func (d *Device) Credential(ctx context.Context) (string, error) {
	reply, err := d.ask(ctx, func(call core.CallID) core.Event { return core.CredentialAsked{Call: call} })
	return reply.Credential.Reveal(), err
}

// SignOut signs out here, durably and at once, and queues the end of the
// session on the server, which is delivered whenever it can be reached.
// [ErrVault] means that this process is signed out and the store does not know
// yet; it is being told. While the store cannot be read, SignOut waits.
func (d *Device) SignOut(ctx context.Context) error {
	_, err := d.ask(ctx, func(call core.CallID) core.Event { return core.SignOutAsked{Call: call} })
	return err
}
