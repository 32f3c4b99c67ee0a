package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

const webhookDeliveryColumns = `d.id, d.event_id, d.endpoint_id, d.event_type, d.status, d.attempts, d.due_at, d.answer,
	d.failure, d.created_at, d.updated_at`

var (
	// An endpoint that was deleted meanwhile wants nothing any more.
	insertWebhookDelivery = fixed(`INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, status, attempts,
		due_at, answer, failure, created_at, updated_at)
		SELECT $1, $2, e.id, $4, $5, $6, $7, $8, $9, $10, $11 FROM webhook_endpoints e WHERE e.id = $3`)
	claimWebhookDeliveries = fixed(`UPDATE webhook_deliveries SET due_at = $2 WHERE id IN
		(SELECT d.id FROM webhook_deliveries d WHERE d.status = 'pending' AND d.due_at <= $1 ORDER BY d.due_at, d.id LIMIT $3)
		RETURNING id, event_id, endpoint_id, event_type, status, attempts, due_at, answer, failure, created_at, updated_at`)
	settleWebhookDelivery = fixed(`UPDATE webhook_deliveries SET status = $3, attempts = $4, due_at = $5, answer = $6,
		failure = $7, updated_at = $8 WHERE id = $1 AND due_at = $2 AND status = 'pending'`)
	replayWebhookDelivery = fixed(`UPDATE webhook_deliveries SET status = 'pending', attempts = 0, due_at = $2, updated_at = $2
		WHERE id = $1`)
	webhookDeliveryByID = fixed(`SELECT ` + webhookDeliveryColumns + ` FROM webhook_deliveries d WHERE d.id = $1`)
	webhookDeliveries   = fixed(`SELECT ` + webhookDeliveryColumns + ` FROM webhook_deliveries d WHERE d.endpoint_id = $1
		ORDER BY d.created_at DESC, d.id DESC LIMIT $2 OFFSET $3`)
	countWebhookDeliveries = fixed(`SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = $1`)
)

// ClaimDeliveries returns up to limit deliveries that are due at now, with what
// is to be delivered and where, and makes them due again at until, in one step:
// no two callers get the same one before then, and those whose caller died come
// back by themselves. Oldest first. A later [Store.SettleDelivery] is told from
// that of another claim by DueAt.
func (s *Store) ClaimDeliveries(ctx context.Context, now, until time.Time, limit int) (out []auth.DueDelivery, _ error) {
	err := s.write(ctx, "claim webhook deliveries", nothing, func(c *conn) error {
		out = nil
		err := c.each(claimWebhookDeliveries, []any{ms(now), ms(until), limit}, func(r *row) {
			out = append(out, auth.DueDelivery{Delivery: scanWebhookDelivery(r)})
		})
		for i := range out {
			err = cmp.Or(err, c.complete(&out[i]))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b auth.DueDelivery) int {
		return cmp.Or(a.Delivery.CreatedAt.Compare(b.Delivery.CreatedAt), cmp.Compare(a.Delivery.ID, b.Delivery.ID))
	})
	return out, nil
}

// complete reads what the delivery refers to; both are there while it is.
func (c *conn) complete(d *auth.DueDelivery) error {
	_, err := c.one(webhookEventByID, func(r *row) { d.Event = scanWebhookEvent(r) }, string(d.Delivery.Event))
	if err != nil {
		return err
	}
	_, err = c.one(webhookEndpointByID, func(r *row) { d.Endpoint = scanWebhookEndpoint(r) }, string(d.Delivery.Endpoint))
	return err
}

// SettleDelivery writes what became of a claimed delivery, due until then at
// the instant of its claim. One that somebody else has claimed, settled or
// removed since is left alone.
func (s *Store) SettleDelivery(ctx context.Context, d auth.WebhookDelivery, claimed time.Time) error {
	return s.write(ctx, "settle webhook delivery", nothing, func(c *conn) error {
		_, err := c.exec(settleWebhookDelivery, string(d.ID), ms(claimed), string(d.Status), d.Attempts, ms(d.DueAt), d.Answer,
			d.Failure, ms(d.UpdatedAt))
		return err
	})
}

// ReplayDelivery makes a delivery due at now as if it had never been tried, and
// returns it.
func (s *Store) ReplayDelivery(ctx context.Context, id auth.WebhookDeliveryID, now time.Time) (out auth.WebhookDelivery, _ error) {
	err := s.write(ctx, "replay webhook delivery", nothing, func(c *conn) error {
		if _, err := c.exec(replayWebhookDelivery, string(id), ms(now)); err != nil {
			return err
		}
		return found(c.one(webhookDeliveryByID, func(r *row) { out = scanWebhookDelivery(r) }, string(id)))
	})
	return out, err
}

// WebhookDeliveries returns a page of what went or goes to an endpoint, newest
// first, and how many there are.
func (s *Store) WebhookDeliveries(ctx context.Context, endpoint auth.WebhookEndpointID, limit, offset int) (out []auth.WebhookDelivery, total int, _ error) {
	err := s.read(ctx, "webhook deliveries", func(c *conn) error {
		err := c.each(webhookDeliveries, []any{string(endpoint), limit, offset}, func(r *row) {
			out = append(out, scanWebhookDelivery(r))
		})
		if err != nil {
			return err
		}
		_, err = c.one(countWebhookDeliveries, func(r *row) { total = int(r.int()) }, string(endpoint))
		return err
	})
	return out, total, err
}

func (c *conn) insertWebhookDelivery(d *auth.WebhookDelivery) error {
	_, err := c.exec(insertWebhookDelivery, string(d.ID), string(d.Event), string(d.Endpoint), d.EventType, string(d.Status),
		d.Attempts, ms(d.DueAt), d.Answer, d.Failure, ms(d.CreatedAt), ms(d.UpdatedAt))
	return err
}

func scanWebhookDelivery(r *row) auth.WebhookDelivery {
	return auth.WebhookDelivery{
		ID:        auth.WebhookDeliveryID(r.text()),
		Event:     auth.WebhookEventID(r.text()),
		Endpoint:  auth.WebhookEndpointID(r.text()),
		EventType: r.text(),
		Status:    auth.WebhookStatus(r.text()),
		Attempts:  int(r.int()),
		DueAt:     r.instant(),
		Answer:    int(r.int()),
		Failure:   r.text(),
		CreatedAt: r.instant(),
		UpdatedAt: r.instant(),
	}
}
