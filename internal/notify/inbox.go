package notify

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// Recent lists the newest messages of the outbox, newest first, and removes
// messages from it. It is safe for concurrent use.
type Recent interface {
	RecentMessages(ctx context.Context, limit int) ([]auth.Message, error)
	DeleteMessages(ctx context.Context, ids []auth.MessageID) error
}

// inboxSize is how many of the newest messages development can look at.
const inboxSize = 500

// Inbox has every message instead of delivering it. It exists for development
// only: whoever can read it can sign in as anybody.
type Inbox struct {
	recent    Recent
	sealer    *secret.Sealer
	templates *Templates
}

// NewInbox returns the inbox over the messages of the store.
func NewInbox(recent Recent, master *secret.MasterKey, templates *Templates) *Inbox {
	return &Inbox{recent: recent, sealer: newSealer(master), templates: templates}
}

// Entry is one message as the inbox has it.
type Entry struct {
	ID        string  `json:"id"`
	To        string  `json:"to"`
	Channel   Channel `json:"channel"`
	Subject   string  `json:"subject"`
	Body      string  `json:"body"`
	HTML      string  `json:"html,omitempty"`
	Code      string  `json:"code"`       // empty when the message has none
	Link      string  `json:"link"`       // empty when the message has none
	CreatedAt int64   `json:"created_at"` // in milliseconds since 1970
}

// List returns the messages to an address, all when it is empty, newest first.
func (i *Inbox) List(ctx context.Context, to string) ([]Entry, error) {
	messages, err := i.recent.RecentMessages(ctx, inboxSize)
	if err != nil {
		return nil, err
	}
	entries := []Entry{}
	for _, m := range messages {
		notice, err := open(i.sealer, m)
		if err != nil {
			continue // made under another master key
		}
		mail, ok := i.templates.word(notice)
		if !ok || (to != "" && !strings.EqualFold(mail.To, to)) {
			continue
		}
		entries = append(entries, Entry{
			ID: string(m.ID), To: mail.To, Channel: mail.Channel, Subject: mail.Subject, Body: mail.Body, HTML: mail.HTML,
			Code: mail.Code, Link: mail.Link, CreatedAt: m.CreatedAt.UnixMilli(),
		})
	}
	return entries, nil
}

// Find returns one message, and false when there is none of this name.
func (i *Inbox) Find(ctx context.Context, id string) (Entry, bool, error) {
	entries, err := i.List(ctx, "")
	if err != nil {
		return Entry{}, false, err
	}
	for _, e := range entries {
		if e.ID == id {
			return e, true, nil
		}
	}
	return Entry{}, false, nil
}

// Clear removes the messages to an address, all when it is empty. One that
// arrives meanwhile stays.
func (i *Inbox) Clear(ctx context.Context, to string) error {
	entries, err := i.List(ctx, to)
	if err != nil || len(entries) == 0 {
		return err
	}
	ids := make([]auth.MessageID, len(entries))
	for at, e := range entries {
		ids[at] = auth.MessageID(e.ID)
	}
	return i.recent.DeleteMessages(ctx, ids)
}
