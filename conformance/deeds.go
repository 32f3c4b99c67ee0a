package conformance

import (
	"context"
	"fmt"

	"github.com/perennialauth/perennial/device/vault/memvault"
)

// take performs one step.
func (r *run) take(step Step) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	switch step.Do {
	case Starts:
		return r.start(step)
	case Becomes:
		return r.becomes(step)
	case Stays:
		return r.stays(step)
	case Token, FreshToken:
		token, failure := r.client.Token(ctx, step.Do == FreshToken)
		if failure == "" && token == "" {
			return fmt.Errorf("an empty token and no error")
		}
		return outcome(failure, step.Err)
	case Calls:
		return r.calls(step)
	case SignIn:
		return outcome(r.client.SignIn(ctx, step.User, Password), step.Err)
	case BeginCode:
		return outcome(r.client.BeginCode(ctx, step.User), step.Err)
	case EnterCode:
		return outcome(r.client.EnterCode(ctx, Code), step.Err)
	case SignOut:
		return outcome(r.client.SignOut(ctx), step.Err)
	case Adopt:
		return outcome(r.client.Adopt(ctx, r.handedOver(step.Text)), step.Err)
	case Nudge:
		r.client.Nudge()
	case Reload:
		r.client.Reload()
	case Drains:
		if !r.client.Drain(ctx) {
			return fmt.Errorf("not everything was delivered")
		}
	case Stores:
		return r.stores(step.Stored)
	case Requests:
		return r.requests(step)
	case ServerSays:
		if alive := r.server.Alive(r.credential); alive != (step.Status == "alive") {
			return fmt.Errorf("the session on the server is alive: %v", alive)
		}
	default:
		return r.arrange(step)
	}
	return nil
}

func outcome(got, want string) error {
	if got != want {
		return fmt.Errorf("the call ended with %q, want %q", got, want)
	}
	return nil
}

// arrange changes the world around the subject.
func (r *run) arrange(step Step) error {
	switch step.Do {
	case Restart:
		r.stop()
		r.client.Close()
		r.client = nil
	case Kill:
		r.kill()
	case Script:
		r.server.Script(step.Server...)
	case StoreScript:
		r.scriptStore(step.Store)
	case EndSession:
		r.server.End(r.credential, step.Status)
	case Forget:
		r.server.Forget(r.credential)
	case SetTask:
		r.server.SetTask(r.credential, step.Task)
	case Rotates:
		r.server.Rotate(r.credential)
	case Installs:
		r.env.Install, r.env.DiscardForeign = step.Text, step.Status == "discard"
	case Life:
		r.server.Life(step.For)
	case Age:
		r.env.Ahead += step.For
	case PeerOut, PeerIn, PeerUses:
		return r.peer(step)
	default:
		return fmt.Errorf("no such deed")
	}
	return nil
}

// kill leaves the process behind as it is: what it does from now on reaches a
// store that nobody looks at any more.
func (r *run) kill() {
	r.stop()
	version, body, present := r.env.Store.Peek()
	next := memvault.NewStore()
	if present {
		next.Put(version, body)
	}
	r.env.Store = next
	r.client = nil
}

func (r *run) scriptStore(faults []StoreFault) {
	r.env.Store.Clear()
	for _, f := range faults {
		if f.Hang {
			f.Fault.Wait = r.hanging
		}
		if f.Lasting {
			r.env.Store.MakeUnreadable(f.Fault.Answer, f.Fault.Schema)
			continue
		}
		r.env.Store.Inject(f.Operation, f.Fault)
	}
}

// handedOver returns a credential for Adopt.
func (r *run) handedOver(which string) string {
	switch which {
	case "other":
		credential, _, _ := r.server.SignedIn(SecondUserID)
		return credential
	case "useless":
		return "credential-of-nobody"
	default:
		return r.credential
	}
}

// peer lets a second process of the subject do something on the same store.
func (r *run) peer(step Step) error {
	client, err := r.subject.Open(r.env)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := client.Restore(ctx); err != nil {
		return err
	}
	switch step.Do {
	case PeerOut:
		return outcome(client.SignOut(ctx), "")
	case PeerIn:
		return outcome(client.SignIn(ctx, step.User, Password), "")
	default:
		for range 3 {
			if _, failure := client.Token(ctx, true); failure != "" {
				return outcome(failure, "")
			}
			if !client.Drain(ctx) {
				return fmt.Errorf("the peer could not store")
			}
		}
		return nil
	}
}
