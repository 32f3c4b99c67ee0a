package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Deeds of a sign-in in the browser. Step.Text names the flow.
const (
	BeginBrowser Deed = "begin-browser" // ask for the address to open; the person will sign in as User
	Callback     Deed = "callback"      // the browser comes back, N times at once; Status: foreign, garbled, expired
	StartsWith   Deed = "starts-with"   // launch, with the callback there before the first verdict
	PeerCallback Deed = "peer-callback" // the callback is delivered to another process of the device
)

// Browser is a [Client] that can sign in in the browser. A subject without it
// skips the scenarios.
type Browser interface {
	// BeginBrowser returns the address to open; redirect is where the browser
	// comes back to.
	BeginBrowser(ctx context.Context, redirect string) (address, failure string)
	// Callback takes in the URL that the browser came back with. Besides the
	// other classes it fails with no-flow or callback.
	Callback(ctx context.Context, url string) (failure string)
}

var errNoBrowser = errors.New("the subject cannot sign in in the browser")

const appRedirect = "com.example.app://callback"

// openFlow is a flow whose address has been opened.
type openFlow struct{ address, user string }

func (r *run) takeBrowser(ctx context.Context, step Step) error {
	if step.Do == StartsWith {
		return r.startWith(step)
	}
	client := r.client
	if step.Do == PeerCallback {
		peer, err := r.subject.Open(r.env)
		if err != nil {
			return err
		}
		defer peer.Close()
		client = peer
	}
	browser, ok := client.(Browser)
	if !ok {
		return errNoBrowser
	}
	if step.Do == BeginBrowser {
		address, failure := browser.BeginBrowser(ctx, appRedirect)
		r.flows[step.Text] = openFlow{address, step.User}
		return outcome(failure, step.Err)
	}
	url, err := r.callback(step)
	if err != nil {
		return err
	}
	failures := make(chan string, max(step.N, 1))
	for range cap(failures) {
		go func() { failures <- browser.Callback(ctx, url) }()
	}
	for range cap(failures) {
		if err := outcome(<-failures, step.Err); err != nil {
			return err
		}
	}
	return nil
}

// callback is the URL that the browser comes back with.
func (r *run) callback(step Step) (string, error) {
	flow, ok := r.flows[step.Text]
	if !ok && step.Status != "foreign" {
		return "", fmt.Errorf("flow %q was not begun", step.Text)
	}
	if r.came[step.Text] == "" && ok {
		url, err := r.server.Browse(flow.address, flow.user)
		if err != nil {
			return "", err
		}
		r.came[step.Text] = url
	}
	url := r.came[step.Text]
	switch step.Status {
	case "foreign":
		return appRedirect + "?state=of-nobody&rotating_token_nonce=n&created_session_id=sess_x", nil
	case "garbled":
		return strings.Replace(url, "rotating_token_nonce=", "rotating_token_nonce=x&rotating_token_nonce=", 1), nil
	case "expired":
		r.server.ExpireFlows()
	}
	return url, nil
}

// startWith launches a process that the system starts with the callback: it is
// handed over before the first verdict is there.
func (r *run) startWith(step Step) error {
	url, err := r.callback(step)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	failures := make(chan string, 1)
	r.launched = func(client Client) {
		browser, ok := client.(Browser)
		if !ok {
			failures <- errNoBrowser.Error()
			return
		}
		go func() { failures <- browser.Callback(ctx, url) }()
	}
	first := step
	first.Do = Starts
	err = r.start(first)
	r.launched = nil
	if err != nil {
		return err
	}
	return outcome(<-failures, step.Err)
}
