package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// browser goes through the instance's pages as a person would, and stops where
// it is sent back to the program.
type browser struct {
	t      *testing.T
	client *http.Client
	page   string
	text   string // of the last answer to a form
}

func newBrowser(t *testing.T, page string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, page: page, client: &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// post sends a form of the page and returns where it leads, or nothing.
func (b *browser) post(pairs ...string) (back string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	response, err := b.client.PostForm(b.page, form)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	b.text = string(text)
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("%s: %d\n%s", form.Get("do"), response.StatusCode, text)
	}
	return response.Header.Get("Location")
}

// follow opens an address and returns what is shown.
func (b *browser) follow(address string) (string, error) {
	response, err := b.client.Get(address)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// webProcess is a running `perennial login --web`.
type webProcess struct {
	command *exec.Cmd
	page    string // the address it printed
	output  *strings.Builder
	ended   chan error
}

func startWebLogin(t *testing.T, args ...string) *webProcess {
	t.Helper()
	p := &webProcess{output: new(strings.Builder), ended: make(chan error, 1)}
	p.command = exec.Command(mustBuildPerennial(t), append([]string{"login", "--web", "--no-browser"}, args...)...)
	p.command.Stdout = p.output
	said, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	lines, told := bufio.NewScanner(said), ""
	for p.page == "" && lines.Scan() {
		told += lines.Text() + "\n"
		if address := strings.TrimSpace(lines.Text()); strings.HasPrefix(address, "http") {
			p.page = address
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, said)
		p.ended <- p.command.Wait()
	}()
	if p.page == "" {
		t.Fatalf("no address in %q", told)
	}
	return p
}

func (p *webProcess) mustEnd(t *testing.T, parts ...string) {
	t.Helper()
	select {
	case err := <-p.ended:
		for _, part := range parts {
			if err != nil || !strings.Contains(p.output.String(), part) {
				t.Fatalf("%v, %q", err, p.output.String())
			}
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the command does not end")
	}
}

func (p *webProcess) kill(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-p.ended; !errors.As(err, &exit) {
		t.Fatalf("killed: %v", err)
	}
}

// TestLoginInTheBrowser signs up and in through the pages of a real server, and
// kills the program while the browser is open.
func TestLoginInTheBrowser(t *testing.T) {
	clearDeviceEnvironment(t)
	server := startServerProcess(t)
	t.Setenv(envKey, server.PublishableKey)
	t.Setenv(envServer, server.URL)
	const address, password = "grace@example.com", "a long enough passphrase 1"

	p := startWebLogin(t, "--sign-up")
	b := newBrowser(t, p.page)
	b.post("do", "create", "email_address", address, "password", password)
	back := b.post("do", "prove", "strategy", "email_code", "code", server.code(t, address, ""))
	if text, err := b.follow(strings.Replace(back, "/callback", "/other", 1)); err != nil || !strings.Contains(text, "nothing here") {
		t.Errorf("another path: %q %v", text, err)
	}
	if text, err := b.follow(strings.Replace(back, "state=", "state=x", 1)); err != nil || !strings.Contains(text, "not one that is waited for") {
		t.Errorf("a foreign state: %q %v", text, err)
	}
	text, err := b.follow(back)
	if err != nil || !strings.Contains(text, "You are signed in") {
		t.Fatalf("the browser shows %q, %v", text, err)
	}
	p.mustEnd(t, "Signed in as "+address)
	expect(t, runCommand(t, "", "whoami", "--wait", "confirmed"), 0, "confirmed by the server")
	expect(t, runCommand(t, "", "logout"), 0)
	expect(t, runCommand(t, "", "login", "--callback", back), 1, "no sign-in in the browser")

	signIn := func(page string) string {
		b := newBrowser(t, page)
		b.post("do", "identify", "identifier", address)
		return b.post("do", "prove", "strategy", "password", "password", password)
	}
	// Killed while the browser is open; another process finishes it, twice.
	p = startWebLogin(t)
	p.kill(t)
	back = signIn(p.page)
	if _, err := newBrowser(t, "").follow(back); err == nil {
		t.Error("somebody answers on the port of a program that is gone")
	}
	expect(t, runCommand(t, "", "login", "--callback", "http://127.0.0.1:1/callback"), 1, "not an address")
	expect(t, runCommand(t, "", "login", "--callback", back), 0, "Signed in as "+address)
	expect(t, runCommand(t, "", "login", "--callback", back), 0, "Signed in as "+address)
	expect(t, runCommand(t, "", "logout"), 0)

	// Killed, and begun again: the tab that was opened first comes back.
	p = startWebLogin(t)
	p.kill(t)
	again := startWebLogin(t)
	if text, err := newBrowser(t, "").follow(signIn(p.page)); err != nil || !strings.Contains(text, "You are signed in") {
		t.Fatalf("the browser shows %q, %v", text, err)
	}
	again.mustEnd(t, "Signed in as "+address)
}
