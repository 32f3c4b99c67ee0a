package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Store is what a [Recorder] needs of the store.
type Store interface {
	Records
	Roles(context.Context) ([]auth.Role, error)
	Permissions(context.Context) ([]auth.Permission, error)
	Commit(context.Context, auth.Change) error
	WebhookEndpoints(context.Context) ([]auth.WebhookEndpoint, error)
}

// Recorder adds to each change the events it makes happen, so that both are
// durable or neither is. While there is no endpoint it costs nothing.
type Recorder struct {
	Store      Store
	InstanceID string
	Now        func() time.Time
	Entropy    io.Reader
	// Document returns the published document about the subject of an event.
	Document func(context.Context, Event, View) (any, error)
	// Wake is called when a delivery is due.
	Wake func()

	mu        sync.Mutex
	endpoints []auth.WebhookEndpoint
	readAt    time.Time
}

// endpointsKept is how long the list of endpoints is used before it is read
// again, for changes made through another process. Those made through
// [Endpoints] count at once.
const endpointsKept = 5 * time.Second

// Commit commits the change with its events. Errors are those of the store.
func (r *Recorder) Commit(ctx context.Context, ch auth.Change) error {
	endpoints, err := r.wanted(ctx)
	if err != nil {
		return err
	}
	if len(endpoints) > 0 {
		if ch.Webhooks, err = r.record(ctx, ch, endpoints); err != nil {
			return err
		}
	}
	if err := r.Store.Commit(ctx, ch); err != nil {
		return err
	}
	if len(ch.Webhooks.Deliveries) > 0 {
		r.Wake()
	}
	return nil
}

// Forget makes the next commit read the endpoints again.
func (r *Recorder) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readAt = time.Time{}
}

// wanted returns the endpoints. The read happens under the lock: whoever comes
// meanwhile would have to wait for its own.
func (r *Recorder) wanted(ctx context.Context) ([]auth.WebhookEndpoint, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := r.Now().Sub(r.readAt); age >= 0 && age < endpointsKept {
		return r.endpoints, nil
	}
	endpoints, err := r.Store.WebhookEndpoints(ctx)
	if err != nil {
		return nil, err
	}
	r.endpoints, r.readAt = endpoints, r.Now()
	return endpoints, nil
}

func (r *Recorder) record(ctx context.Context, ch auth.Change, endpoints []auth.WebhookEndpoint) (auth.WebhookChange, error) {
	out := ch.Webhooks
	events, err := eventsOf(ctx, r.Store, ch)
	if err != nil {
		return out, err
	}
	for _, e := range events {
		if err := r.add(ctx, &out, e, View{ch, r.Store}, endpoints); err != nil {
			return out, err
		}
	}
	return out, nil
}

// add writes one event, unless nobody wants it.
func (r *Recorder) add(ctx context.Context, out *auth.WebhookChange, e Event, view View, endpoints []auth.WebhookEndpoint) error {
	now := r.Now()
	var event auth.WebhookEvent
	for _, to := range endpoints {
		if !to.Wants(e.Type) {
			continue
		}
		if event.ID == "" {
			var err error
			if event, err = r.event(ctx, e, view, now); err != nil {
				return err
			}
			out.Events = append(out.Events, event)
		}
		id, err := auth.NewWebhookDeliveryID(now, r.Entropy)
		if err != nil {
			return err
		}
		out.Deliveries = append(out.Deliveries, auth.WebhookDelivery{
			ID: id, Event: event.ID, EventType: e.Type, Endpoint: to.ID, Status: auth.WebhookPending,
			DueAt: now, CreatedAt: now, UpdatedAt: now,
		})
	}
	return nil
}

// envelope is the published body of every event.
type envelope struct {
	Data       any            `json:"data"`
	Object     string         `json:"object"`
	Type       string         `json:"type"`
	Timestamp  int64          `json:"timestamp"` // milliseconds since 1970
	InstanceID string         `json:"instance_id"`
	Attributes map[string]any `json:"event_attributes"`
}

func (r *Recorder) event(ctx context.Context, e Event, view View, now time.Time) (auth.WebhookEvent, error) {
	data, err := r.Document(ctx, e, view)
	if err != nil {
		return auth.WebhookEvent{}, fmt.Errorf("document of %s: %w", e.Type, err)
	}
	payload, err := json.Marshal(envelope{
		Data: data, Object: "event", Type: e.Type, Timestamp: now.UnixMilli(), InstanceID: r.InstanceID,
		Attributes: map[string]any{"http_request": cause(e)},
	})
	if err != nil {
		return auth.WebhookEvent{}, fmt.Errorf("encode %s: %w", e.Type, err)
	}
	id, err := auth.NewWebhookEventID(now, r.Entropy)
	return auth.WebhookEvent{ID: id, Type: e.Type, Payload: payload, CreatedAt: now}, err
}

// cause is where the request came from, as far as the subject tells.
func cause(e Event) map[string]string {
	s, _ := e.Subject.(auth.Session)
	return map[string]string{"client_ip": s.Activity.IPAddress, "user_agent": s.Activity.UserAgent}
}
