package notify

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// Recent lists the newest messages of the outbox, newest first. It is safe for
// concurrent use.
type Recent interface {
	RecentMessages(ctx context.Context, limit int) ([]auth.Message, error)
}

// inboxSize is how many of the newest messages development can look at.
const inboxSize = 500

// Inbox shows every message instead of delivering it. It exists for
// development only: whoever can reach it can sign in as anybody.
type Inbox struct {
	recent    Recent
	sealer    *secret.Sealer
	templates *Templates
}

// NewInbox returns the inbox over the messages of the store.
func NewInbox(recent Recent, master *secret.MasterKey, templates *Templates) *Inbox {
	return &Inbox{recent: recent, sealer: newSealer(master), templates: templates}
}

// entry is one message as the inbox shows it.
type entry struct {
	ID        string `json:"id"`
	To        string `json:"to"`
	Channel   string `json:"channel"` // "email" or "sms"
	Subject   string `json:"subject"`
	Body      string `json:"body"`
	HTML      string `json:"html,omitempty"`
	Code      string `json:"code"` // empty when the message has none
	Link      string `json:"link"` // empty when the message has none
	CreatedAt int64  `json:"created_at"`
}

// List returns the messages to an address, all when it is empty, newest first.
func (i *Inbox) list(ctx context.Context, to string) ([]entry, error) {
	messages, err := i.recent.RecentMessages(ctx, inboxSize)
	if err != nil {
		return nil, err
	}
	entries := []entry{}
	for _, m := range messages {
		notice, err := open(i.sealer, m)
		if err != nil {
			continue // made under another master key
		}
		mail, ok := i.templates.word(notice)
		if !ok || (to != "" && !strings.EqualFold(mail.To, to)) {
			continue
		}
		entries = append(entries, entry{
			ID: string(m.ID), To: mail.To, Channel: string(mail.Channel), Subject: mail.Subject, Body: mail.Body, HTML: mail.HTML,
			Code: mail.Code, Link: mail.Link, CreatedAt: m.CreatedAt.UnixMilli(),
		})
	}
	return entries, nil
}

// ServeList answers GET /dev/inbox?to=ADDRESS with a JSON array. It waits for
// nothing: whoever polls decides how often.
func (i *Inbox) ServeList(w http.ResponseWriter, r *http.Request) {
	to := strings.TrimSpace(r.URL.Query().Get("to"))
	// A plus sign in an unescaped address arrives as a space, and an address
	// has no spaces.
	entries, err := i.list(r.Context(), strings.ReplaceAll(to, " ", "+"))
	if err != nil {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "the outbox cannot be read"})
		return
	}
	writeJSON(w, http.StatusOK, entries)
}

// ServeOne answers GET /dev/inbox/{id}.
func (i *Inbox) ServeOne(w http.ResponseWriter, r *http.Request) {
	entries, err := i.list(r.Context(), "")
	if err != nil {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "the outbox cannot be read"})
		return
	}
	for _, e := range entries {
		if e.ID == r.PathValue("id") {
			writeJSON(w, http.StatusOK, e)
			return
		}
	}
	writeJSON(w, http.StatusNotFound, map[string]string{"error": "no such message"})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
