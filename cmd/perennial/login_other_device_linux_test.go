package main

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	signInAddress = regexp.MustCompile(`https?://[^\s\x1b]+flow=[^\s\x1b]+`)
	lineToPaste   = regexp.MustCompile(`<textarea[^>]*>([^<]*)</textarea>`)
)

// TestLoginOnAnotherDevice signs in over SSH with the browser of another device,
// through the pages of a real server: the line that they show is pasted.
func TestLoginOnAnotherDevice(t *testing.T) {
	clearDeviceEnvironment(t)
	server := startServerProcess(t)
	t.Setenv(envKey, server.PublishableKey)
	t.Setenv(envServer, server.URL)
	const address, password = "grace@example.com", "a long enough passphrase 1"

	p := sitDown(t, []string{drawn, envKey + "=" + server.PublishableKey, envServer + "=" + server.URL, "SSH_CONNECTION=192.0.2.1 1 192.0.2.2 22"},
		"login", "--web", "--sign-up")
	p.await("Line from the browser")
	if !strings.Contains(p.seen, "▀") {
		t.Errorf("no QR code in %q", p.seen)
	}
	b := newBrowser(t, signInAddress.FindString(p.seen))
	b.post("do", "create", "email_address", address, "password", password)
	b.post("do", "prove", "strategy", "email_code", "code", server.code(t, address, ""))
	line := b.line()
	p.enter(server.URL + "/sign-in")
	p.await("That is not the whole line")
	p.enter(strings.Replace(line, "state=", "state=x", 1))
	p.await("of another sign-in")
	p.press("\x1b[200~" + line + "\n\x1b[201~\r") // as a terminal pastes
	p.await("Signed in as " + address)
	p.mustEnd(0)
	expect(t, runCommand(t, "", "whoami", "--wait", "confirmed"), 0, "confirmed by the server")
	expect(t, runCommand(t, "", "logout"), 0)

	// Without a person: one process begins, another one finishes.
	got := runCommand(t, "", "login", "--web", "--other-device", "--json")
	expect(t, got, 0, `"status":"browser-needed"`, "--callback-stdin")
	var begun loginResult
	if err := json.Unmarshal([]byte(got.stdout), &begun); err != nil {
		t.Fatal(err)
	}
	b = newBrowser(t, begun.URL)
	b.post("do", "identify", "identifier", address)
	b.post("do", "prove", "strategy", "password", "password", password)
	expect(t, runCommand(t, b.line()+"\n", "login", "--callback-stdin"), 0, "Signed in as "+address)
}

// An instance that does not list the page with the line is used by the loopback,
// and the terminal says what to paste instead. Chosen among the questions, too.
func TestLoginOnAnotherDeviceWithoutThePage(t *testing.T) {
	t.Parallel()
	stub := newFrontendStub(t)
	p := sitDown(t, atHome(t, stub, drawn), "login", "--no-browser")
	p.await("Email address")
	p.press("\x1b[A\r") // the last choice
	p.await("Email address: Sign in in the browser")
	p.await("Paste that page's whole address here.")
	p.enter("http://127.0.0.1:1/callback?state=a&rotating_token_nonce=b&created_session_id=c")
	p.await("of another sign-in")
	p.press("\x03")
	p.mustEnd(exitInterrupted)
	p.await("stopped; nobody was signed in")
}

// line is what the last page shows to be pasted.
func (b *browser) line() string {
	b.t.Helper()
	found := lineToPaste.FindStringSubmatch(b.text)
	if found == nil {
		b.t.Fatalf("no line in\n%s", b.text)
	}
	line := html.UnescapeString(found[1])
	if !strings.HasPrefix(line, auth.PasteReturn+"?") {
		b.t.Fatalf("the line is %q", line)
	}
	return line
}
