// Package notify owns telling people something outside the request that
// caused it: wording a notice, sealing it for the outbox, and delivering it.
//
// It offers [Composer] for the use cases, [Templates] of what is said, [Worker] which delivers what the
// outbox holds through a [Sender] ([SMTP] for mails, [SMSWebhook] for texts), and [Inbox], the mailbox of development.
//
// It refuses to decide who is told what, to keep a one-time code in clear at
// rest or in a log, and to deliver inside a request: a slow mail server must
// not tell by its delay whether an account exists.
package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/locale"
	"github.com/perennialauth/perennial/internal/secret"
)

// Composer turns notices into sealed messages for the outbox. It does no I/O
// besides reading entropy, and is safe for concurrent use if entropy is.
type Composer struct {
	sealer  *secret.Sealer
	entropy io.Reader
}

// NewComposer returns a composer that seals under a key derived from master.
func NewComposer(master *secret.MasterKey, entropy io.Reader) *Composer {
	return &Composer{sealer: newSealer(master), entropy: entropy}
}

func newSealer(master *secret.MasterKey) *secret.Sealer { return master.Sealer("outbox") }

// Compose returns the message to put into the change that causes the notice,
// so that both become durable together or not at all. A notice to nobody is
// composed like any other and dropped on delivery. It is worded in the language
// of the person for whom the change is made, or else in that of the notice.
func (c *Composer) Compose(ctx context.Context, n auth.Notice, now time.Time) (auth.Message, error) {
	if reader, ok := locale.From(ctx); ok {
		n.Language = reader.Code
	} else if reader, ok := locale.Wanted(n.Language); ok {
		n.Language = reader.Code
	}
	id, err := auth.NewMessageID(now, c.entropy)
	if err != nil {
		return auth.Message{}, err
	}
	plain, err := json.Marshal(payload(n))
	if err != nil {
		return auth.Message{}, fmt.Errorf("encode notice: %w", err)
	}
	// Sealed for its own id: a row copied over another does not open.
	sealed, err := c.sealer.Seal(string(id), plain)
	if err != nil {
		return auth.Message{}, fmt.Errorf("seal notice: %w", err)
	}
	return auth.Message{ID: id, Sealed: sealed, CreatedAt: now}, nil
}

// payload is a notice as stored inside the seal.
type payload struct {
	Kind auth.NoticeKind `json:"kind"`
	To   string          `json:"to"`
	Code string          `json:"code,omitempty"`
	Link string          `json:"link,omitempty"`
	// About is the name of what the notice is about.
	About string    `json:"about,omitempty"`
	At    time.Time `json:"at"`
	// Language is the code of that of the reader.
	Language string `json:"language,omitempty"`
}

// open reads a sealed message back.
func open(sealer *secret.Sealer, m auth.Message) (auth.Notice, error) {
	plain, err := sealer.Open(string(m.ID), m.Sealed)
	if err != nil {
		return auth.Notice{}, err
	}
	var p payload
	if err := json.Unmarshal(plain, &p); err != nil {
		return auth.Notice{}, fmt.Errorf("decode notice: %w", err)
	}
	return auth.Notice(p), nil
}
