// Package newdevice owns the word to a person that somebody has signed in as
// them on a device that they had not used before.
//
// It offers [Watch], which adds the mail to the change that begins the session,
// so that both are durable or neither is, whichever way the person signed in.
//
// It refuses to keep anybody out: a device is known by the sessions that the
// account has had, and nothing depends on it but the mail.
package newdevice

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/perennialauth/perennial/internal/auth"
)

// Watch looks at changes before they are committed. It is safe for concurrent
// use.
type Watch struct {
	Sessions Sessions
	Mail     Composer
	Settings func() auth.Settings
	Now      func() time.Time
}

// Sessions lists sessions, newest first.
type Sessions interface {
	Sessions(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error)
}

// Composer seals a notice for the outbox. It does no I/O.
type Composer interface {
	Compose(ctx context.Context, n auth.Notice, now time.Time) (auth.Message, error)
}

// remembered is how many sessions of an account tell which devices it knows.
const remembered = 100

type unwatched struct{}

// Unwatched returns a context in which sessions begin without a word: they exist
// for a moment only, in the browser that a native app has opened, before the app
// has one of its own.
func Unwatched(ctx context.Context) context.Context {
	return context.WithValue(ctx, unwatched{}, true)
}

// Tell returns the change with the mails that are due. Whatever keeps them from
// being written is logged, and keeps nobody from signing in.
func (w *Watch) Tell(ctx context.Context, c auth.Change) auth.Change {
	if ctx.Value(unwatched{}) != nil || !w.Settings().NewDeviceMail {
		return c
	}
	for _, s := range c.Sessions {
		if s.Version != 0 || s.Actor != "" {
			continue
		}
		to := w.owner(c, s.User)
		if to == "" {
			continue
		}
		message, due, err := w.message(ctx, s, to)
		switch {
		case err != nil:
			slog.ErrorContext(ctx, "new device", "session", string(s.ID), "error", err)
		case due:
			c.Messages = append(c.Messages, message)
		}
	}
	return c
}

// owner is the address of the user whose session begins, as the change itself
// has it; empty when there is none, or none that is somebody's.
func (w *Watch) owner(c auth.Change, id auth.UserID) string {
	for _, u := range c.Users {
		e, ok := u.Email(u.PrimaryEmail)
		if u.ID == id && u.Version != 0 && ok && !(w.Settings().TestCodes && auth.TestAddress(e.Address)) {
			return e.Address
		}
	}
	return ""
}

func (w *Watch) message(ctx context.Context, s auth.Session, to string) (m auth.Message, due bool, err error) {
	before, _, err := w.Sessions.Sessions(ctx, auth.SessionQuery{User: s.User, Limit: remembered, Now: s.CreatedAt})
	if err != nil || len(before) == 0 || known(before, s) {
		return m, false, err
	}
	now := w.Now()
	m, err = w.Mail.Compose(ctx, auth.Notice{Kind: auth.NoticeNewDevice, To: to, About: described(s), At: now}, now)
	return m, err == nil, err
}

// known says whether one of the sessions before was on the same client, or in the
// same browser at the same place, whose cookies are gone.
func known(before []auth.Session, s auth.Session) bool {
	for _, b := range before {
		if b.Client == s.Client || (b.Activity.IPAddress == s.Activity.IPAddress && b.Activity.UserAgent == s.Activity.UserAgent) {
			return true
		}
	}
	return false
}

// described says what is known of a device, in words that are the same in every
// language. Devices name themselves: what could look like an address is left out.
func described(s auth.Session) string {
	plain := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' || r == ',' {
			return r
		}
		return -1
	}
	var parts []string
	for _, part := range []string{
		strings.Map(plain, s.Activity.Browser), strings.Map(plain, s.Activity.DeviceType), s.Activity.IPAddress,
		s.CreatedAt.UTC().Format("2006-01-02 15:04 UTC"),
	} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}
