package sqlstore

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

var webhookEndpointList = columnList(func() string {
	return `id, version, url, description, events, sealed, disabled, created_at, updated_at`
})

var (
	webhookEndpoints = built(func() string {
		return `SELECT ` + webhookEndpointList.of("e") + ` FROM webhook_endpoints e ORDER BY e.created_at, e.id LIMIT $1`
	})
	webhookEndpointByID = built(func() string {
		return `SELECT ` + webhookEndpointList.of("e") + ` FROM webhook_endpoints e WHERE e.id = $1`
	})
	insertWebhookEndpoint = built(func() string { return webhookEndpointList.insert("webhook_endpoints") })
	updateWebhookEndpoint = built(func() string { return webhookEndpointList.update("webhook_endpoints", "created_at") })
	deleteWebhookEndpoint = fixed(`DELETE FROM webhook_endpoints WHERE id = $1 AND version = $2`)
	insertWebhookEvent    = fixed(`INSERT INTO webhook_events (id, type, payload, created_at) VALUES ($1, $2, $3, $4)`)
	webhookEventByID      = fixed(`SELECT v.id, v.type, v.payload, v.created_at FROM webhook_events v WHERE v.id = $1`)
)

// mostEndpoints is beyond what an instance can have even when several are added
// at once: every one is read.
const mostEndpoints = 2 * auth.MaxWebhookEndpoints

// WebhookEndpoints returns every endpoint, oldest first.
func (s *Store) WebhookEndpoints(ctx context.Context) (out []auth.WebhookEndpoint, _ error) {
	err := s.read(ctx, "webhook endpoints", func(c *conn) error {
		return c.each(webhookEndpoints, []any{mostEndpoints}, func(r *row) { out = append(out, scanWebhookEndpoint(r)) })
	})
	return out, err
}

// WebhookEndpoint returns the endpoint with this id.
func (s *Store) WebhookEndpoint(ctx context.Context, id auth.WebhookEndpointID) (out auth.WebhookEndpoint, _ error) {
	err := s.read(ctx, "webhook endpoint", func(c *conn) error {
		return found(c.one(webhookEndpointByID, func(r *row) { out = scanWebhookEndpoint(r) }, string(id)))
	})
	return out, err
}

func (c *conn) applyWebhookChange(ch auth.WebhookChange) error {
	return firstError(
		func() error { return eachOf(ch.Endpoints, c.putWebhookEndpoint) },
		func() error { return eachOf(ch.Deleted, c.deleteWebhookEndpoint) },
		func() error { return eachOf(ch.Events, c.insertWebhookEvent) },
		func() error { return eachOf(ch.Deliveries, c.insertWebhookDelivery) },
	)
}

func (c *conn) putWebhookEndpoint(e *auth.WebhookEndpoint) error {
	return c.put(e.Version, insertWebhookEndpoint, updateWebhookEndpoint, string(e.ID), e.Version, e.URL, e.Description,
		strings.Join(e.Events, " "), e.Sealed, e.Disabled, ms(e.CreatedAt), ms(e.UpdatedAt))
}

func (c *conn) deleteWebhookEndpoint(e *auth.WebhookEndpoint) error {
	return c.guarded(deleteWebhookEndpoint, string(e.ID), e.Version)
}

func (c *conn) insertWebhookEvent(e *auth.WebhookEvent) error {
	_, err := c.exec(insertWebhookEvent, string(e.ID), e.Type, e.Payload, ms(e.CreatedAt))
	return err
}

func scanWebhookEndpoint(r *row) auth.WebhookEndpoint {
	return auth.WebhookEndpoint{
		ID:          auth.WebhookEndpointID(r.text()),
		Version:     r.int(),
		URL:         r.text(),
		Description: r.text(),
		Events:      strings.Fields(r.text()),
		Sealed:      r.blob(),
		Disabled:    r.bool(),
		CreatedAt:   r.instant(),
		UpdatedAt:   r.instant(),
	}
}

func scanWebhookEvent(r *row) auth.WebhookEvent {
	return auth.WebhookEvent{
		ID: auth.WebhookEventID(r.text()), Type: r.text(), Payload: r.blob(), CreatedAt: r.instant(),
	}
}
