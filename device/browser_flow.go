package device

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/perennialauth/perennial/device/core"
)

// PendingFlow is what may be shown of a browser flow under way.
type PendingFlow = core.FlowView

// BrowserFlow says how to sign in in the system's browser.
type BrowserFlow struct {
	// RedirectURL is where the browser comes back to: a scheme of the
	// application (com.example.app:/callback), a claimed https link, or the
	// loopback (http://127.0.0.1:49152/callback). It has no query and no
	// fragment, and the instance must allow it.
	RedirectURL string
	// SignUp begins with a new account.
	SignUp bool
}

// StartBrowserFlow begins a sign-in in the system's browser and returns the
// address to open. By then everything that is needed for its end is stored, so
// the application may be killed while the browser is in front. A flow that was
// begun before stays pending beside this one.
//
// [ErrInvalid] means that the RedirectURL is not one, [ErrVault] that the
// address is good and the flow will not survive this process.
func (d *Device) StartBrowserFlow(ctx context.Context, flow BrowserFlow) (address string, err error) {
	target, ok := canonicalReturn(flow.RedirectURL)
	if !ok {
		return "", &Error{Kind: ErrInvalid, Message: "the redirect URL must have a scheme of the application, be an " +
			"https link, or lie on the loopback, without query and fragment"}
	}
	verifier := randomText()
	challenge := sha256.Sum256([]byte(verifier))
	reply, err := d.ask(ctx, func(call core.CallID) core.Event {
		return core.BrowserFlowAsked{
			Call: call, State: randomText(), Verifier: core.NewSecret(verifier),
			Challenge: base64.RawURLEncoding.EncodeToString(challenge[:]), Redirect: target, SignUp: flow.SignUp,
		}
	})
	return reply.URL.Reveal(), err
}

// randomText returns 43 characters that hold 256 bits, the form that RFC 7636,
// section 4.1, recommends for a code verifier.
func randomText() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// HandleCallback takes in the URL with which the browser came back, and waits
// until the sign-in is complete. It may be called at any time after Open, also
// before the first verdict, in another process than the one that began the
// flow, and any number of times: the flow is completed once, and every call for
// it succeeds.
//
// [ErrCallback] means that the URL has not the form of a callback; [ErrNoFlow]
// that nothing pending belongs to it: it is of an older flow, of another
// application's, came to another address, or somebody has signed out since. In
// both cases the session is as it was. With [ErrOffline] the callback is kept,
// and completed as soon as the server can be asked, by this process or the
// next. [ErrRefused] ends the flow: what the browser brought has expired.
func (d *Device) HandleCallback(ctx context.Context, rawURL string) error {
	callback, ok := parseCallback(rawURL)
	if !ok {
		return &Error{Kind: ErrCallback}
	}
	_, err := d.ask(ctx, func(call core.CallID) core.Event {
		callback.Call = call
		return callback
	})
	return err
}

// PendingBrowserFlow returns the browser flow that is under way, if there is
// one. The device ends none by its own clock: a host that wants to forget one
// that StartedAt long ago abandons it.
func (d *Device) PendingBrowserFlow() (PendingFlow, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pending.Flow, !d.pending.Flow.IsZero()
}

// AbandonBrowserFlow drops every pending browser flow.
func (d *Device) AbandonBrowserFlow(ctx context.Context) error {
	_, err := d.ask(ctx, func(call core.CallID) core.Event { return core.BrowserFlowAbandoned{Call: call} })
	return err
}
