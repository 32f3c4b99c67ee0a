package webhook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/outbox"
	"github.com/perennialauth/perennial/internal/secret"
)

// Outbox holds what is to be delivered. ClaimDeliveries lends deliveries until
// the given instant: those of a process that died come back. SettleDelivery
// leaves alone what was claimed again since. Both are safe for concurrent use.
type Outbox interface {
	ClaimDeliveries(ctx context.Context, now, until time.Time, limit int) ([]auth.DueDelivery, error)
	SettleDelivery(ctx context.Context, d auth.WebhookDelivery, claimed time.Time) error
}

const (
	claimLimit = 16 // delivered side by side
	// claimants is how many claims may wait for slow receivers before other
	// deliveries have to.
	claimants = 4
	lease     = 2 * tryTimeout
	idlePoll  = 5 * time.Second // when nobody wakes us: tries that failed, other processes' events
	maxReason = 200             // bytes of a failure that are kept
)

// Worker delivers events while its loop runs.
type Worker struct {
	*outbox.Loop
	outbox Outbox
	sender *sender
	now    func() time.Time
}

// NewWorker returns a worker. Private lets it connect to addresses of private
// networks and of this machine.
func NewWorker(deliveries Outbox, master *secret.MasterKey, private bool, now func() time.Time) *Worker {
	w := &Worker{outbox: deliveries, sender: newSender(master, private, now), now: now}
	w.Loop = &outbox.Loop{Claimants: claimants, Full: claimLimit, Idle: idlePoll, Round: w.round}
	return w
}

// round delivers one claim and returns its size.
func (w *Worker) round(ctx context.Context) int {
	now := w.now()
	until := now.Add(lease)
	claimed, err := w.outbox.ClaimDeliveries(ctx, now, until, claimLimit)
	if err != nil {
		if ctx.Err() == nil {
			slog.Warn("webhook deliveries cannot be read", "error", err)
		}
		return 0
	}
	var tries sync.WaitGroup
	for _, d := range claimed {
		tries.Go(func() { w.try(ctx, d) })
	}
	tries.Wait()
	return len(claimed)
}

func (w *Worker) try(ctx context.Context, d auth.DueDelivery) {
	if d.Endpoint.Disabled {
		w.settle(ctx, d, d.Delivery.Failed(0, "the endpoint is disabled", w.now(), rand.Float64()))
		return
	}
	answer, err := w.sender.send(ctx, d)
	if ctx.Err() != nil {
		return // being stopped says nothing about the receiver; the claim runs out
	}
	if err == nil {
		w.settle(ctx, d, d.Delivery.Succeeded(answer, w.now()))
		return
	}
	reason := err.Error()
	w.settle(ctx, d, d.Delivery.Failed(answer, reason[:min(len(reason), maxReason)], w.now(), rand.Float64()))
}

func (w *Worker) settle(ctx context.Context, d auth.DueDelivery, settled auth.WebhookDelivery) {
	if settled.Status != auth.WebhookDelivered {
		slog.Warn("webhook is not delivered", "endpoint_id", string(d.Endpoint.ID), "event_id", string(d.Event.ID),
			"attempts", settled.Attempts, "final", settled.Status == auth.WebhookFailed, "reason", settled.Failure)
	}
	// What was delivered is written down even when the process is asked to stop
	// now, or it would be delivered again after the restart.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryTimeout)
	defer cancel()
	if err := w.outbox.SettleDelivery(ctx, settled, d.Delivery.DueAt); err != nil {
		slog.Warn("webhook delivery is not settled and will be repeated", "event_id", string(d.Event.ID), "error", err)
	}
}
