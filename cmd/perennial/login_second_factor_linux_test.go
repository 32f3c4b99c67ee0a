package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/factor"
)

const totpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// TestLoginWithASecondFactor goes through second factors of a real server: a
// wrong code, other ways than the first, and one that is sent.
func TestLoginWithASecondFactor(t *testing.T) {
	clearDeviceEnvironment(t)
	passwordFile, settings := filepath.Join(t.TempDir(), "password"), filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(settings, []byte(`{"second_factors":{"email_code":true}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	server := startServerProcess(t, "--settings", settings)
	const address, password = "grace@example.com", "a long enough passphrase 1"
	server.mustCreateUser(t, url.Values{
		"email_address": {address}, "password": {password}, "totp_secret": {totpSecret}, "backup_codes": {"first-spare-code", "second-spare-code"},
	})
	if err := os.WriteFile(passwordFile, []byte(password+"\nnot this\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(envKey, server.PublishableKey)
	t.Setenv(envServer, server.URL)

	p := sitDown(t, []string{drawn, envKey + "=" + server.PublishableKey, envServer + "=" + server.URL},
		"login", "--email", address, "--password-file", passwordFile)
	p.awaitField("Code of the authenticator app")
	p.enter("000000")
	p.await("✗")
	p.choose("Get a code by email")
	p.awaitField("Code sent by email")
	p.choose("Send another code")
	p.await("Code sent by email: Send another code")
	p.awaitField("Code sent by email")
	p.choose("Use a backup code")
	p.awaitField("Backup code")
	p.enter("first-spare-code")
	p.await("Signed in as " + address)
	p.mustEnd(0)
	expect(t, runCommand(t, "", "logout"), 0)

	// In steps of their own, for a script.
	login := []string{"login", "--email", address, "--password-file", passwordFile}
	expect(t, runCommand(t, "", append(login, "--json")...), 0, `"status":"second-factor-needed"`, `"second_factors":["totp","backup_code","email_code"]`)
	code, err := factor.Password(totpSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect(t, runCommand(t, "", "login", "--second-factor", "totp", "--code", code), 0, "Signed in as "+address)
	expect(t, runCommand(t, "", "logout"), 0)

	expect(t, runCommand(t, "", login...), 0, "A second factor is needed")
	before := server.code(t, address, "")
	expect(t, runCommand(t, "", "login", "--second-factor", "email_code"), 0, "login --second-factor email_code --code CODE")
	expect(t, runCommand(t, "", "login", "--second-factor", "email_code", "--code", server.code(t, address, before)), 0, "Signed in as "+address)
}

// choose moves the mark to a choice and takes it.
func (p *person) choose(label string) {
	p.t.Helper()
	for range 8 {
		before := p.marked()
		p.press("\x1b[B")
		p.awaitUntil("another choice", func() bool { return p.marked() != "" && p.marked() != before })
		if p.marked() == label {
			p.press("\r")
			return
		}
	}
	p.t.Fatalf("no choice %q in\n%s", label, p.screen())
}

// awaitField waits for a question, with the mark on what can be typed: keys that
// come before it are dropped.
func (p *person) awaitField(title string) { p.t.Helper(); p.await(title + "\n>\n") }

// marked is what Enter would take.
func (p *person) marked() string {
	for line := range strings.Lines(p.screen()) {
		if label, ok := strings.CutPrefix(line, "> "); ok {
			return strings.TrimSpace(label)
		}
	}
	return ""
}

// mustCreateUser imports a user with the Backend API.
func (s runningServer) mustCreateUser(t *testing.T, form url.Values) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/users", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.SecretKey)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("create a user: status %d", response.StatusCode)
	}
}
