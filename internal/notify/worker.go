package notify

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/outbox"
	"github.com/perennialauth/perennial/internal/secret"
)

var codeMinutes = strconv.Itoa(int(auth.CodeLifetime / time.Minute))

// Sender delivers one message. An error means that it may not have arrived and
// will be tried again, so a mail can arrive twice; [ErrRejected] means that
// trying again is pointless. It must respect ctx and be safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, m Mail) error
}

// ErrRejected is matched by a sender's error when the mail will never be
// accepted, such as for an address that does not exist.
var ErrRejected = errors.New("mail rejected")

// Outbox holds what is to be delivered. It is declared here because this
// package is its consumer.
//
// ClaimMessages returns due messages oldest first and makes them due again at
// until in the same durable step: no two workers get one before then, and the
// messages of a worker that died come back. DeleteMessages ignores those that
// are gone. Both are safe for concurrent use.
type Outbox interface {
	ClaimMessages(ctx context.Context, now, until time.Time, limit int) ([]auth.Message, error)
	DeleteMessages(ctx context.Context, ids []auth.MessageID) error
}

const (
	claimLimit = 16 // delivered side by side
	// parallelClaims is how many claims may wait for slow mail servers before
	// further mail has to.
	parallelClaims = 4
	sendTimeout    = 20 * time.Second
	lease          = 2 * sendTimeout  // of a claim; also the pause before the next try
	idlePoll       = 15 * time.Second // when nobody wakes us: other replicas' messages, retries
	// giveUpAfter drops what could not be delivered: the codes in it are over
	// long before, and a mail about a password change is stale by then.
	giveUpAfter = 24 * time.Hour
)

// Worker delivers the outbox while its loop runs.
type Worker struct {
	*outbox.Loop
	outbox    Outbox
	sealer    *secret.Sealer
	sender    Sender
	templates *Templates
	now       func() time.Time
}

// NewWorker returns a worker that delivers through sender.
func NewWorker(messages Outbox, master *secret.MasterKey, sender Sender, templates *Templates, now func() time.Time) *Worker {
	w := &Worker{outbox: messages, sealer: newSealer(master), sender: sender, templates: templates, now: now}
	w.Loop = &outbox.Loop{Claimants: parallelClaims, Full: claimLimit, Idle: idlePoll, Round: w.round}
	return w
}

// round delivers one claim and returns its size.
func (w *Worker) round(ctx context.Context) int {
	now := w.now()
	claimed, err := w.outbox.ClaimMessages(ctx, now, now.Add(lease), claimLimit)
	if err != nil {
		if ctx.Err() == nil {
			slog.Warn("outbox cannot be read", "error", err)
		}
		return 0
	}
	done := w.settleAll(ctx, claimed, now)
	if len(done) == 0 {
		return len(claimed)
	}
	// What was sent is removed even when the process is asked to stop now, or
	// it would be sent again after the restart.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	if err := w.outbox.DeleteMessages(settle, done); err != nil {
		slog.Warn("delivered messages stay in the outbox", "count", len(done), "error", err)
	}
	return len(claimed)
}

// settleAll delivers messages side by side and returns those that are over.
func (w *Worker) settleAll(ctx context.Context, messages []auth.Message, now time.Time) []auth.MessageID {
	over := make([]bool, len(messages))
	var deliveries sync.WaitGroup
	for i, m := range messages {
		deliveries.Go(func() { over[i] = w.settle(ctx, m, now) })
	}
	deliveries.Wait()
	var done []auth.MessageID
	for i, m := range messages {
		if over[i] {
			done = append(done, m.ID)
		}
	}
	return done
}

// settle delivers one message and says whether it is over. Neither the address
// nor the text is logged: an address in the log of a failure tells who has an
// account.
func (w *Worker) settle(ctx context.Context, m auth.Message, now time.Time) bool {
	notice, err := open(w.sealer, m)
	if err != nil {
		slog.Error("message cannot be opened and is dropped", "message_id", string(m.ID), "error", err)
		return true
	}
	mail, ok := w.templates.word(notice)
	if !ok {
		return true
	}
	mail.ID = string(m.ID)
	sending, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err = w.sender.Send(sending, mail)
	switch {
	case err == nil:
		return true
	case errors.Is(err, ErrRejected), now.Sub(m.CreatedAt) > giveUpAfter:
		slog.Error("message is given up", "message_id", string(m.ID), "kind", string(notice.Kind), "error", err)
		return true
	default:
		slog.Warn("message is not delivered yet", "message_id", string(m.ID), "kind", string(notice.Kind), "error", err)
		return false
	}
}
