package conformance

import (
	"context"
	"fmt"
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
	case Fits:
		return r.fits(step.N)
	case Watches:
		return r.watch(step.Text)
	case WatchersAgree:
		return r.agree()
	case Explains:
		return r.explains(step.Text)
	case ServerSays:
		if alive := r.server.Alive(r.credential); alive != (step.Status == "alive") {
			return fmt.Errorf("the session on the server is alive: %v", alive)
		}
	case BeginBrowser, Callback, StartsWith, PeerCallback:
		return r.takeBrowser(ctx, step)
	default:
		return r.arrange(step)
	}
	return nil
}

func outcome(got, want string) error {
	if got != want && want != Any {
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
		r.leave(r.storage.afterKill())
	case Script:
		r.server.Script(step.Server...)
	case EndSession:
		r.server.End(r.credential, step.Status)
	case Forget:
		r.server.Forget(r.credential)
	case SetTask:
		r.server.SetTask(r.credential, step.Task)
	case Rotates:
		r.server.Rotate(r.credential)
	case Binds:
		r.server.Bind()
	case ServerAhead:
		r.server.SetAhead(step.For)
	case Comes:
		return r.comes(step)
	case Installs:
		r.env.Install, r.env.DiscardForeign = step.Text, step.Status == "discard"
	case Life:
		r.server.Life(step.For)
	case Swells:
		r.server.Pad(step.N)
	case Age:
		r.env.Clock.set(step.For)
	case Sleeps:
		r.env.Clock.sleep(step.For)
	case PeerOut, PeerIn, PeerUses:
		return r.peer(step)
	default:
		return r.arrangeStorage(step)
	}
	return nil
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
