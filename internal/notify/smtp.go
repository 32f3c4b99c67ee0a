package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"
)

// SMTPConfig says how to reach a mail server.
type SMTPConfig struct {
	Host     string
	Port     int
	Username string // empty for a server without authentication
	Password string
	From     string // address, with or without a name
	// TLS is "starttls" (required), "implicit", or "none" for a relay on the
	// same machine. Nothing is ever downgraded by itself.
	TLS string
}

// SMTP delivers through a mail server. It opens a connection per mail: codes
// are few and a connection kept open is closed by most servers.
type SMTP struct {
	client *mail.Client
	from   netmail.Address
}

// NewSMTP checks the configuration. It does not connect.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	options := []mail.Option{mail.WithPort(c.Port), mail.WithTimeout(sendTimeout)}
	switch c.TLS {
	case "", "starttls":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "implicit":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("smtp tls: %q is not one of starttls, implicit, none", c.TLS)
	}
	if c.Username != "" {
		if c.TLS == "none" && !isLoopback(c.Host) {
			return nil, errors.New("smtp tls: refusing to send the password without TLS to another machine")
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(c.Username), mail.WithPassword(c.Password))
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("smtp from: %q is not an address", c.From)
	}
	client, err := mail.NewClient(c.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return &SMTP{client: client, from: *from}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Send implements [Sender].
func (s *SMTP) Send(ctx context.Context, m Mail) error {
	msg := mail.NewMsg()
	if err := s.address(msg, m); err != nil {
		return err
	}
	if err := msg.To(m.To); err != nil {
		return fmt.Errorf("%w: address", ErrRejected)
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageID()
	// Says to mail systems that nobody is there to read an automatic reply.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, m.Body)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	err := s.deliver(ctx, msg)
	var refused *mail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() &&
		(refused.Reason == mail.ErrSMTPRcptTo || refused.Reason == mail.ErrSMTPData) {
		return fmt.Errorf("%w: %v", ErrRejected, refused.Reason)
	}
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	return nil
}

// address says who a mail is from and who is to be answered: the configured
// sender, or somebody else of the same domain.
func (s *SMTP) address(msg *mail.Msg, m Mail) error {
	from := s.from
	if m.FromName != "" {
		from.Address = beside(from.Address, m.FromName)
	}
	if err := msg.From(from.String()); err != nil || m.ReplyToName == "" {
		return err
	}
	return msg.ReplyTo(beside(from.Address, m.ReplyToName))
}

// beside is the address of another local part at the same domain.
func beside(address, local string) string {
	return local + address[strings.LastIndexByte(address, '@'):]
}

// deliver sends msg over a connection of its own. A server that took the mail
// and then breaks the goodbye has taken it: reporting that would send it twice.
func (s *SMTP) deliver(ctx context.Context, msg *mail.Msg) error {
	conn, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.client.CloseWithSMTPClient(conn) }()
	return s.client.SendWithSMTPClient(conn, msg)
}
