package backendapi

import (
	"context"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/webhook"
)

// webhookRoutes manage the receivers of events. They are Perennial's own: what
// the published API offers here is the dashboard of another product.
func (a *API) webhookRoutes() map[string]handler {
	const all, one = "/v1/webhooks/endpoints", "/v1/webhooks/endpoints/{endpoint_id}"
	return map[string]handler{
		"GET " + all:                     a.listWebhooks,
		"POST " + all:                    a.addWebhook,
		"GET " + one:                     a.getWebhook,
		"PATCH " + one:                   a.updateWebhook,
		"DELETE " + one:                  a.removeWebhook,
		"GET " + one + "/secret":         a.getWebhookSecret,
		"POST " + one + "/secret/rotate": a.rotateWebhookSecret,
		"GET " + one + "/deliveries":     a.listDeliveries,
		"POST /v1/webhooks/deliveries/{delivery_id}/replay": a.replayDelivery,
	}
}

type webhookJSON struct {
	Object      string   `json:"object"`
	ID          string   `json:"id"`
	URL         string   `json:"url"`
	Description string   `json:"description"`
	Events      []string `json:"events"` // all when empty
	Disabled    bool     `json:"disabled"`
	Secret      string   `json:"secret,omitempty"` // at creation only
	CreatedAt   int64    `json:"created_at"`
	UpdatedAt   int64    `json:"updated_at"`
}

type webhookSecretJSON struct {
	Object string `json:"object"`
	Secret string `json:"secret"`
}

type deliveryJSON struct {
	Object    string  `json:"object"`
	ID        string  `json:"id"`
	EventID   string  `json:"event_id"`
	EventType string  `json:"event_type"`
	Endpoint  string  `json:"endpoint_id"`
	Status    string  `json:"status"`
	Attempts  int     `json:"attempts"`
	NextTryAt *int64  `json:"next_try_at"` // null unless pending
	Answer    *int    `json:"response_status"`
	Failure   *string `json:"failure"`
	CreatedAt int64   `json:"created_at"`
	UpdatedAt int64   `json:"updated_at"`
}

func toWebhook(e auth.WebhookEndpoint, signing string) webhookJSON {
	events := e.Events
	if events == nil {
		events = []string{}
	}
	return webhookJSON{
		Object: "webhook_endpoint", ID: string(e.ID), URL: e.URL, Description: e.Description, Events: events,
		Disabled: e.Disabled, Secret: signing, CreatedAt: e.CreatedAt.UnixMilli(), UpdatedAt: e.UpdatedAt.UnixMilli(),
	}
}

func toDelivery(d auth.WebhookDelivery) deliveryJSON {
	out := deliveryJSON{
		Object: "webhook_delivery", ID: string(d.ID), EventID: string(d.Event), EventType: d.EventType,
		Endpoint: string(d.Endpoint), Status: string(d.Status), Attempts: d.Attempts, Failure: respond.OrNull(d.Failure),
		CreatedAt: d.CreatedAt.UnixMilli(), UpdatedAt: d.UpdatedAt.UnixMilli(),
	}
	if d.Status == auth.WebhookPending {
		out.NextTryAt = respond.Millis(d.DueAt)
	}
	if d.Answer != 0 {
		out.Answer = &d.Answer
	}
	return out
}

func (a *API) listWebhooks(_ http.ResponseWriter, r *http.Request) (any, error) {
	all, err := a.Webhooks.List(r.Context())
	if err != nil {
		return nil, err
	}
	return respond.PageOf(all, len(all), func(e auth.WebhookEndpoint) webhookJSON { return toWebhook(e, "") }), nil
}

func (a *API) addWebhook(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	f.Required("url")
	u := endpointUpdate(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	e, signing, err := a.Webhooks.Add(r.Context(), u)
	if err != nil {
		return nil, err
	}
	return toWebhook(e, signing), nil
}

func endpointUpdate(f *respond.Form) webhook.EndpointUpdate {
	u := webhook.EndpointUpdate{
		URL: f.Optional("url"), Description: f.Optional("description"), Disabled: f.OptionalBool("disabled"),
	}
	if f.Has("events") {
		events := f.Strings("events")
		u.Events = &events
	}
	return u
}

func (a *API) getWebhook(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := endpointID(r)
	if err != nil {
		return nil, err
	}
	e, err := a.Webhooks.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return toWebhook(e, ""), nil
}

func (a *API) updateWebhook(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := endpointID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	u := endpointUpdate(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	e, err := a.Webhooks.Update(r.Context(), id, u)
	if err != nil {
		return nil, err
	}
	return toWebhook(e, ""), nil
}

func (a *API) removeWebhook(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := endpointID(r)
	if err != nil {
		return nil, err
	}
	return deleted("webhook_endpoint", string(id)), a.Webhooks.Remove(r.Context(), id)
}

func (a *API) getWebhookSecret(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.webhookSecret(r, a.Webhooks.Secret)
}

func (a *API) rotateWebhookSecret(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.webhookSecret(r, a.Webhooks.RotateSecret)
}

func (a *API) webhookSecret(r *http.Request, get func(context.Context, auth.WebhookEndpointID) (string, error)) (any, error) {
	id, err := endpointID(r)
	if err != nil {
		return nil, err
	}
	signing, err := get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return webhookSecretJSON{"webhook_secret", signing}, nil
}

func (a *API) listDeliveries(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := endpointID(r)
	if err != nil {
		return nil, err
	}
	q := query(r)
	limit, offset := page(q)
	if err := q.Err(); err != nil {
		return nil, err
	}
	deliveries, total, err := a.Webhooks.Deliveries(r.Context(), id, limit, offset)
	if err != nil {
		return nil, err
	}
	return respond.PageOf(deliveries, total, toDelivery), nil
}

func (a *API) replayDelivery(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := pathID[auth.WebhookDeliveryID](r, "delivery_id", "atmpt")
	if err != nil {
		return nil, err
	}
	d, err := a.Webhooks.Replay(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return toDelivery(d), nil
}

func endpointID(r *http.Request) (auth.WebhookEndpointID, error) {
	return pathID[auth.WebhookEndpointID](r, "endpoint_id", "ep")
}
