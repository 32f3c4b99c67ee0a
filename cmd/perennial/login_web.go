package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device"
)

// webTimeout is how long a person may take in the browser, unless --timeout
// says otherwise.
const webTimeout = 20 * time.Minute

// webLogin signs in in the system's browser (RFC 8252): the instance's page is
// opened, and the browser comes back to a listener on the loopback. On another
// device it cannot; see login_other_device.go.
type webLogin struct {
	*login
	open func(address string) error // nil: the address is only printed
}

// run begins a flow and waits until a browser comes back. Of the one that was
// begun before, by a process that has ended since, too: its tab may still be
// open.
func (l *webLogin) run(ctx context.Context) (loginResult, error) {
	if l.otherDevice() {
		return l.runOnOtherDevice(ctx)
	}
	back, address, err := l.startHere(ctx)
	if err != nil {
		return loginResult{}, err
	}
	defer back.close()
	l.ask.Say("Continue in the browser:")
	l.ask.Say("")
	l.ask.Say("  " + address)
	l.ask.Say("")
	if l.open != nil {
		if err := l.open(address); err != nil {
			l.ask.Say("No browser could be opened here; open the address yourself.")
		}
	}
	l.ask.Busy("Waiting for the browser")
	select {
	case came := <-back.done:
		return l.finished(l.insist(ctx, came))
	case <-ctx.Done():
		return loginResult{}, l.nobodyCame(ctx, back.url())
	}
}

// startHere begins a flow that ends at a listener of this process.
func (l *webLogin) startHere(ctx context.Context) (*callbackServer, string, error) {
	listener, err := l.listen(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("no port to come back to: %w", err)
	}
	back := newCallbackServer(l.device, listener)
	address, err := l.start(ctx, back.url())
	if err != nil {
		back.close()
		return nil, "", err
	}
	return back, address, nil
}

// start begins a flow that comes back to an address.
func (l *webLogin) start(ctx context.Context, back string) (string, error) {
	l.begun = true
	address, err := l.device.StartBrowserFlow(ctx, device.BrowserFlow{RedirectURL: back, SignUp: l.flags.signUp})
	if err != nil && !errors.Is(err, device.ErrVault) {
		return "", err
	}
	return address, l.command.profile.remember(l.command.home)
}

// nobodyCame says how to go on after the time was over. A person who pressed
// Ctrl-C does not want to.
func (l *webLogin) nobodyCame(ctx context.Context, back string) error {
	if errors.Is(ctx.Err(), context.Canceled) && l.ask.Asks() {
		return ctx.Err()
	}
	return fmt.Errorf("nobody came back from the browser yet; the sign-in is kept. "+
		"When the browser shows an address that begins with %s, run: perennial login --callback ADDRESS", back)
}

// complete takes in an address that a browser came back with.
func (l *webLogin) complete(ctx context.Context, callback string) (loginResult, error) {
	return l.finished(l.device.HandleCallback(ctx, strings.TrimSpace(callback)))
}

// insist tries again while the server cannot be asked: the browser is back, and
// a person waits.
func (l *webLogin) insist(ctx context.Context, came arrival) error {
	const pause = 2 * time.Second
	for err := came.err; ; err = l.device.HandleCallback(ctx, came.url) {
		if !errors.Is(err, device.ErrOffline) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

func (l *webLogin) finished(err error) (loginResult, error) {
	if err != nil && !errors.Is(err, device.ErrVault) {
		return loginResult{}, err
	}
	return signedIn(l.device.State()), err
}

// listen takes the port of a pending flow again if it is free.
func (l *webLogin) listen(ctx context.Context) (net.Listener, error) {
	var config net.ListenConfig
	if flow, pending := l.device.PendingBrowserFlow(); pending {
		if u, err := url.Parse(flow.Redirect); err == nil && u.Hostname() == "127.0.0.1" && u.Port() != "" {
			if listener, err := config.Listen(ctx, "tcp4", u.Host); err == nil {
				return listener, nil
			}
		}
	}
	return config.Listen(ctx, "tcp4", "127.0.0.1:0")
}

// callbackServer waits on the loopback for a browser.
type callbackServer struct {
	device   *device.Device
	listener net.Listener
	http     *http.Server
	done     chan arrival // the first callback that belongs to a flow
}

// arrival is a callback with what came of it.
type arrival struct {
	url string
	err error
}

const callbackPath = "/callback"

func newCallbackServer(d *device.Device, listener net.Listener) *callbackServer {
	s := &callbackServer{device: d, listener: listener, done: make(chan arrival, 1)}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10}
	go func() { _ = s.http.Serve(listener) }() // ends with close
	return s
}

func (s *callbackServer) url() string { return "http://" + s.listener.Addr().String() + callbackPath }

// close waits a moment for the page that the browser is being shown.
func (s *callbackServer) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.http.Shutdown(ctx)
}

// ServeHTTP takes a callback in. Anything on this machine can send a request
// here; what belongs to no flow of ours is told so and changes nothing.
func (s *callbackServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path != callbackPath || r.Host != s.listener.Addr().String() {
		answerBrowser(w, http.StatusNotFound, "There is nothing here.")
		return
	}
	came := arrival{url: "http://" + r.Host + r.URL.RequestURI()}
	came.err = s.device.HandleCallback(r.Context(), came.url)
	err := came.err
	switch {
	case errors.Is(err, device.ErrCallback), errors.Is(err, device.ErrNoFlow):
		answerBrowser(w, http.StatusBadRequest, "This sign-in is not one that is waited for here. Start again in the terminal.")
		return
	case errors.Is(err, device.ErrOffline):
		answerBrowser(w, http.StatusOK, "Almost done: the server could not be asked. The terminal goes on by itself.")
	case err != nil && !errors.Is(err, device.ErrVault):
		answerBrowser(w, http.StatusOK, "This did not work. The terminal says why.")
	default:
		answerBrowser(w, http.StatusOK, "You are signed in. You can close this page.")
	}
	select {
	case s.done <- came:
	default: // not the first
	}
}

func answerBrowser(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\"><title>Perennial</title><main><h1>Perennial</h1><p>%s</p></main></html>\n", text)
}

// openBrowser asks the system to show a page. The address was checked to be one
// of a web page when the server named it.
func openBrowser(address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	command := exec.Command(name, args...) //nolint:gosec,noctx // it outlives this call, and what it is given was checked
	if err := command.Start(); err != nil {
		return err
	}
	go func() { _ = command.Wait() }() // or it would stay a zombie
	return nil
}
