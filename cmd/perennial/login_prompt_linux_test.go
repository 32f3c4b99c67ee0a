package main

import (
	"regexp"
	"strings"
	"testing"
)

// drawn is a terminal whose control sequences the tests understand.
const drawn = "TERM=vt220"

func atHome(t *testing.T, stub *frontendStub, more ...string) []string {
	t.Helper()
	return append([]string{envHome + "=" + t.TempDir(), envKey + "=" + keyOne, envServer + "=" + stub.URL}, more...)
}

// On a terminal login asks for what is missing, says what was wrong about a
// code, has another one sent, and shows no password.
func TestLoginAsksOnATerminal(t *testing.T) {
	t.Parallel()
	const down = "\x1b[B"
	for name, test := range map[string]struct {
		environment []string
		args        []string
		resend      []string // what to type to have another code sent
	}{
		"drawn":                 {[]string{drawn}, nil, []string{down + "\r"}},
		"a dumb terminal":       {[]string{"TERM=dumb"}, nil, []string{"\r", "2\r"}},
		"line by line":          {[]string{drawn}, []string{"--plain"}, []string{"\r", "2\r"}},
		"line by line, by name": {[]string{drawn, envPlain + "=1"}, nil, []string{"\r", "2\r"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := newFrontendStub(t)
			p := sitDown(t, atHome(t, stub, test.environment...), append([]string{"login", "--sign-up"}, test.args...)...)
			p.await("Email address")
			p.enter("ada@example.com")
			p.await("New password")
			p.enter("hush-hush-hush")
			p.await("Code sent to ada@example.com")
			p.enter("000 000")
			p.await("Incorrect code")
			for _, keys := range test.resend {
				p.press(keys)
			}
			p.await("Another code is on its way")
			p.enter("424 242")
			p.await("Signed in as ada")
			p.mustEnd(0)
			if strings.Contains(p.seen, "hush") {
				t.Errorf("the password was shown: %q", p.seen)
			}
			if strings.Contains(strings.Join(test.environment, " ")+strings.Join(test.args, " "), "dumb") && strings.Contains(p.seen, "\x1b") {
				t.Errorf("control sequences on a terminal that knows none: %q", p.seen)
			}
		})
	}
}

// Somebody signs in with a wrong password, changes their mind, and has a code
// sent to another address instead.
func TestLoginOnATerminalAnotherWay(t *testing.T) {
	t.Parallel()
	const down = "\x1b[B"
	stub := newFrontendStub(t)
	p := sitDown(t, atHome(t, stub, drawn), "login")
	p.await("Email address")
	p.enter("")
	p.await("Nothing was entered")
	p.enter("bob@example.com")
	p.await("of bob@example.com")
	p.press(strings.Repeat(down, 3) + "\r") // another address
	p.await("Password: Use another email address")
	p.enter("ada@example.com")
	p.await("of ada@example.com")
	p.press("secret" + down + "\r") // a code, whatever was typed
	p.await("Code sent to a**@example.com")
	p.enter(stubCode)
	p.await("Signed in as ada")
	p.mustEnd(0)
	if strings.Contains(p.seen, "secret") {
		t.Errorf("what was typed as a password was shown: %q", p.seen)
	}
}

// Ctrl-C in the middle leaves no attempt behind, and the terminal as it was.
func TestLoginStoppedLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	for name, environment := range map[string]string{"drawn": drawn, "line by line": "TERM=dumb"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := newFrontendStub(t)
			home := atHome(t, stub, environment)
			p := sitDown(t, home, "login", "--email", "ada@example.com", "--strategy", "email_code")
			p.await("Code sent to a**@example.com")
			p.press("\x03")
			p.mustEnd(exitInterrupted)
			p.await("stopped; nobody was signed in")
			p = sitDown(t, home, "login", "--code", stubCode)
			p.await("no sign-in is waiting for this")
			p.mustEnd(1)
			// At a password, too, whose question turns signals off.
			p = sitDown(t, home, "login", "--email", "ada@example.com")
			p.await("Password")
			p.press("half\x03")
			p.mustEnd(exitInterrupted)
			if strings.Contains(p.seen, "half") {
				t.Errorf("the password was shown: %q", p.seen)
			}
		})
	}
}

// Who wants no colours gets none.
func TestLoginWithoutColours(t *testing.T) {
	t.Parallel()
	colour := regexp.MustCompile(`\x1b\[[0-9;]*(3[0-9]|9[0-7]|4[0-9])[0-9;:]*m`)
	for name, test := range map[string]struct {
		environment string
		want        bool
	}{"colours": {"NO_COLOR=", true}, "none": {"NO_COLOR=1", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := newFrontendStub(t)
			p := sitDown(t, atHome(t, stub, "TERM=xterm-256color", test.environment), "login")
			p.await("Email address")
			p.enter("ada@example.com")
			p.await("of ada@example.com")
			p.press("\x03")
			p.mustEnd(exitInterrupted)
			if got := colour.MatchString(p.seen); got != test.want {
				t.Errorf("colours: %v, want %v: %q", got, test.want, p.seen)
			}
		})
	}
}
