package mobile

import "github.com/perennialauth/perennial/device"

// StartBrowserFlow begins a sign-in in the system's browser and returns the
// address to open. redirectURL is where the browser comes back to: a scheme of
// the application or a claimed https link. The application may be killed
// meanwhile, unless the store cannot be written; the sign-in itself is possible
// then, too.
func (d *Device) StartBrowserFlow(redirectURL string, signUp bool, timeoutMillis int64) (string, error) {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	address, err := d.inner.StartBrowserFlow(ctx, device.BrowserFlow{RedirectURL: redirectURL, SignUp: signUp})
	if address != "" {
		return address, nil // Java and Objective-C get one or the other
	}
	return "", failure(err)
}

// HandleCallback takes in the URL with which the browser came back, at any time
// after Open and any number of times, and waits until the sign-in is complete.
func (d *Device) HandleCallback(url string, timeoutMillis int64) error {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	return failure(d.inner.HandleCallback(ctx, url))
}

// AbandonBrowserFlow drops every pending browser flow.
func (d *Device) AbandonBrowserFlow(timeoutMillis int64) error {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	return failure(d.inner.AbandonBrowserFlow(ctx))
}

// BrowserFlow is a pending sign-in in the browser. It survives a restart.
type BrowserFlow struct {
	RedirectURL string
	SignUp      bool
	// Returned: the browser has come back, and the server has not answered yet.
	Returned        bool
	StartedAtMillis int64
}

// PendingBrowserFlow returns the pending browser flow, null if there is none.
func (d *Device) PendingBrowserFlow() *BrowserFlow {
	f, ok := d.inner.PendingBrowserFlow()
	if !ok {
		return nil
	}
	return &BrowserFlow{RedirectURL: f.Redirect, SignUp: f.SignUp, Returned: f.Returned, StartedAtMillis: int64(f.StartedAt)}
}
