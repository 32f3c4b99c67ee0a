package main

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/prompt"
)

// otherDevice says whether the browser will be on a device that cannot come back
// to this one: it was asked for, or this terminal is a remote one, or has no
// screen beside it. Without a person only the flag counts.
func (l *webLogin) otherDevice() bool {
	return l.flags.otherDevice || (l.ask.Asks() && (l.flags.noBrowser || remote()))
}

func remote() bool {
	for _, name := range []string{"SSH_CONNECTION", "SSH_TTY"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	screen := os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
	return runtime.GOOS == "linux" && !screen
}

// runOnOtherDevice begins a flow at whose end the instance's page shows what a
// browser here would have brought back. Whoever sees that line gains nothing by
// it: it is worth something only together with the verifier that this device
// keeps (RFC 7636), once, and for a quarter of an hour.
func (l *webLogin) runOnOtherDevice(ctx context.Context) (loginResult, error) {
	address, err := l.start(ctx, auth.PasteReturn)
	pasted := "At the end it shows a line. Paste that here."
	var back *callbackServer
	if refusesReturn(err) {
		// An instance that does not list the page lists the loopback: the browser
		// finds nobody there, and shows the line where addresses are.
		pasted = "At the end the browser cannot open a page. Paste that page's whole address here."
		if back, address, err = l.startHere(ctx); err == nil {
			defer back.close()
		}
	}
	if err != nil {
		return loginResult{}, err
	}
	if !l.ask.Asks() {
		const next = "perennial login --callback-stdin"
		return loginResult{
			Status: "browser-needed", URL: address, Next: next,
			text: "Sign in at\n\n  " + address + "\n\n" + pasted + " With: " + next,
		}, l.keep(ctx)
	}
	l.show(address)
	return l.awaitPaste(ctx, back, pasted)
}

// refusesReturn says whether the instance does not allow the address to come
// back to.
func refusesReturn(err error) bool {
	var typed *device.Error
	return errors.As(err, &typed) && errors.Is(err, device.ErrRefused) && typed.Param == "redirect_url"
}

// show says where to go. Whoever has the questions read aloud has no use for a
// picture.
func (l *webLogin) show(address string) {
	l.ask.Say("Sign in on a device with a browser, at this address:")
	l.ask.Say("")
	l.ask.Say("  " + address)
	l.ask.Say("")
	if !l.ask.Draws() {
		return
	}
	if code, err := prompt.QR(address, prompt.Colour()); err == nil {
		l.ask.Picture(code)
	}
}

// awaitPaste asks until what was pasted belongs to the flow, or until a browser
// comes back by itself.
func (l *webLogin) awaitPaste(ctx context.Context, back *callbackServer, title string) (loginResult, error) {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	var arrived chan arrival
	if back != nil {
		arrived = back.done
	}
	entered := make(chan error, 1)
	go func() { entered <- l.paste(asking, title) }()
	select {
	case err := <-entered:
		return l.finished(err)
	case came := <-arrived:
		stop()
		if err := <-entered; err == nil {
			return l.finished(nil) // pasted in the same instant
		}
		return l.finished(l.insist(ctx, came))
	}
}

func (l *webLogin) paste(ctx context.Context, title string) error {
	for {
		answer, err := l.question(ctx, prompt.Question{Title: "Line from the browser", Hint: title, Flag: "--callback-stdin"})
		if err != nil {
			return err
		}
		err = l.device.HandleCallback(ctx, strings.TrimSpace(answer.Text))
		switch {
		case errors.Is(err, device.ErrCallback):
			l.problem = "That is not the whole line. Copy it with the button beside it."
		case errors.Is(err, device.ErrNoFlow):
			l.problem = "That line is of another sign-in. Use the one that began with the address above."
		case errors.Is(err, device.ErrOffline):
			l.problem = "The server could not be asked. Paste the line once more."
		default:
			return err
		}
	}
}
