package notify_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/notify"
)

// smtpServer speaks just enough SMTP (RFC 5321) to receive one mail, and
// answers RCPT with what it is told.
func smtpServer(t *testing.T, rcpt string) (port int, received chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	received = make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
		say("220 test")
		in := bufio.NewScanner(conn)
		for in.Scan() {
			verb, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
			switch verb {
			case "RCPT":
				say(rcpt)
			case "DATA":
				say("354 go on")
				var data strings.Builder
				for in.Scan() && in.Text() != "." {
					data.WriteString(in.Text() + "\n")
				}
				received <- data.String()
				say("250 ok")
			case "QUIT":
				say("221 bye")
				return
			default:
				say("250 ok")
			}
		}
	}()
	addr, _ := l.Addr().(*net.TCPAddr)
	return addr.Port, received
}

func mustSMTP(t *testing.T, port int) *notify.SMTP {
	t.Helper()
	s, err := notify.NewSMTP(notify.SMTPConfig{Host: "127.0.0.1", Port: port, From: "Acme <no-reply@acme.test>", TLS: "none"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var aMail = notify.Mail{To: "a@x.test", Subject: "123456 is your code", Body: "Your code is\n\n    123456\n"}

func TestSMTPDelivers(t *testing.T) {
	t.Parallel()
	port, received := smtpServer(t, "250 ok")
	if err := mustSMTP(t, port).Send(t.Context(), aMail); err != nil {
		t.Fatal(err)
	}
	data := <-received
	for _, want := range []string{"From: \"Acme\" <no-reply@acme.test>", "To: <a@x.test>", "Subject: 123456 is your code", "    123456", "Message-ID:", "Auto-Submitted: auto-generated"} {
		if !strings.Contains(data, want) {
			t.Errorf("%q is missing from\n%s", want, data)
		}
	}
}

func TestSMTPTellsHopelessFromBusy(t *testing.T) {
	t.Parallel()
	for rcpt, rejected := range map[string]bool{"550 no such user": true, "451 try again later": false} {
		port, _ := smtpServer(t, rcpt)
		err := mustSMTP(t, port).Send(t.Context(), aMail)
		if err == nil || errors.Is(err, notify.ErrRejected) != rejected {
			t.Errorf("%s: err = %v", rcpt, err)
		}
		if err != nil && strings.Contains(err.Error(), "123456") {
			t.Errorf("the code is in the error: %v", err)
		}
	}
}

func TestSMTPServerDown(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := mustSMTP(t, addr.Port).Send(t.Context(), aMail); err == nil || errors.Is(err, notify.ErrRejected) {
		t.Errorf("err = %v, want one that is tried again", err)
	}
}

func TestSMTPConfig(t *testing.T) {
	t.Parallel()
	good := notify.SMTPConfig{Host: "mail.test", Port: 587, From: "a@acme.test", Username: "u", Password: "p"}
	for name, tt := range map[string]struct {
		edit func(*notify.SMTPConfig)
		ok   bool
	}{
		"starttls":                   {func(*notify.SMTPConfig) {}, true},
		"implicit":                   {func(c *notify.SMTPConfig) { c.TLS = "implicit" }, true},
		"unknown tls":                {func(c *notify.SMTPConfig) { c.TLS = "maybe" }, false},
		"bad sender":                 {func(c *notify.SMTPConfig) { c.From = "nobody" }, false},
		"password in clear":          {func(c *notify.SMTPConfig) { c.TLS = "none" }, false},
		"password in clear, at home": {func(c *notify.SMTPConfig) { c.TLS, c.Host = "none", "127.0.0.1" }, true},
	} {
		c := good
		tt.edit(&c)
		if _, err := notify.NewSMTP(c); (err == nil) != tt.ok {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// A template changes who at the domain of the sender writes, and adds HTML
// beside the plain text.
func TestSMTPTemplate(t *testing.T) {
	t.Parallel()
	port, received := smtpServer(t, "250 ok")
	m := aMail
	m.FromName, m.ReplyToName, m.HTML = "codes", "help", "<p>123456</p>"
	m.Subject = "a\r\nBcc: b@x.test" // could not be set; here it is held to be one line all the same
	if err := mustSMTP(t, port).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	data := <-received
	for _, want := range []string{`From: "Acme" <codes@acme.test>`, "Reply-To: <help@acme.test>", "multipart/alternative", "text/plain", "text/html", "<p>123456</p>"} {
		if !strings.Contains(data, want) {
			t.Errorf("%q is missing from\n%s", want, data)
		}
	}
	if strings.Contains(data, "\nBcc:") {
		t.Errorf("a header was added:\n%s", data)
	}
}
