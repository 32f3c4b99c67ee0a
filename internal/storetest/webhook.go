package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// WebhookStore is what keeps endpoints, events and deliveries.
type WebhookStore interface {
	WebhookEndpoints(context.Context) ([]auth.WebhookEndpoint, error)
	WebhookEndpoint(context.Context, auth.WebhookEndpointID) (auth.WebhookEndpoint, error)
	ClaimDeliveries(ctx context.Context, now, until time.Time, limit int) ([]auth.DueDelivery, error)
	SettleDelivery(ctx context.Context, d auth.WebhookDelivery, claimed time.Time) error
	ReplayDelivery(ctx context.Context, id auth.WebhookDeliveryID, now time.Time) (auth.WebhookDelivery, error)
	WebhookDeliveries(ctx context.Context, endpoint auth.WebhookEndpointID, limit, offset int) ([]auth.WebhookDelivery, int, error)
}

// Webhooks tests that what is to be delivered is kept until it is.
func Webhooks(t *testing.T, open Open) {
	each(t, open, map[string]func(*testing.T, Store){
		"endpoints":                        testWebhookEndpoints,
		"deliveries are claimed once":      testWebhookClaims,
		"a claim that was lost is settled": testWebhookLateSettlement,
		"replay":                           testWebhookReplay,
		"a deleted endpoint":               testWebhookDeletedEndpoint,
		"old events go":                    testWebhookSweep,
	})
}

func newEndpoint(n int) auth.WebhookEndpoint {
	return auth.WebhookEndpoint{
		ID: auth.WebhookEndpointID(fmt.Sprintf("ep_%d", n)), URL: fmt.Sprintf("https://example.com/%d", n),
		Description: "tells", Events: []string{"user.*", "session.created"}, Sealed: []byte{0, byte(n)},
		CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func newEvent(n int) auth.WebhookEvent {
	return auth.WebhookEvent{
		ID: auth.WebhookEventID(fmt.Sprintf("msg_%d", n)), Type: "user.created", Payload: []byte(`{"n":1}`), CreatedAt: at(n),
	}
}

// newDelivery is the delivery of an event to an endpoint, due at the event's instant.
func newDelivery(event, endpoint int) auth.WebhookDelivery {
	return auth.WebhookDelivery{
		ID: auth.WebhookDeliveryID(fmt.Sprintf("atmpt_%d%d", event, endpoint)), Event: newEvent(event).ID,
		EventType: "user.created", Endpoint: newEndpoint(endpoint).ID, Status: auth.WebhookPending,
		DueAt: at(event), CreatedAt: at(event), UpdatedAt: at(event),
	}
}

func webhookChange(events, endpoints []int) auth.Change {
	var ch auth.WebhookChange
	for _, n := range endpoints {
		ch.Endpoints = append(ch.Endpoints, newEndpoint(n))
	}
	for _, n := range events {
		ch.Events = append(ch.Events, newEvent(n))
		for _, e := range endpoints {
			ch.Deliveries = append(ch.Deliveries, newDelivery(n, e))
		}
	}
	return auth.Change{Webhooks: ch}
}

func stored(e auth.WebhookEndpoint) auth.WebhookEndpoint {
	e.Version = 1
	return e
}

func testWebhookEndpoints(t *testing.T, s Store) {
	ctx := t.Context()
	mustCommit(t, s, webhookChange(nil, []int{2, 1}))
	got, err := s.WebhookEndpoints(ctx)
	if diff := cmp.Diff([]auth.WebhookEndpoint{stored(newEndpoint(1)), stored(newEndpoint(2))}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	changed := got[0]
	changed.URL, changed.Disabled, changed.Events, changed.Sealed = "https://other.example", true, []string{}, []byte("s")
	mustCommit(t, s, auth.Change{Webhooks: auth.WebhookChange{Endpoints: []auth.WebhookEndpoint{changed}}})
	changed.Version = 2
	one, err := s.WebhookEndpoint(ctx, changed.ID)
	if diff := cmp.Diff(changed, one); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	stale := auth.Change{Webhooks: auth.WebhookChange{Deleted: got[:1]}}
	if err := s.Commit(ctx, stale); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("a stale deletion: %v", err)
	}
	mustCommit(t, s, auth.Change{Webhooks: auth.WebhookChange{Deleted: []auth.WebhookEndpoint{one}}})
	if _, err := s.WebhookEndpoint(ctx, one.ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

func testWebhookClaims(t *testing.T, s Store) {
	mustCommit(t, s, webhookChange([]int{3, 4, 9}, []int{1, 2}))
	claim := func(now, until, limit int, want ...auth.WebhookDelivery) {
		t.Helper()
		got, err := s.ClaimDeliveries(t.Context(), at(now), at(until), limit)
		var due []auth.DueDelivery
		for _, d := range want {
			d.DueAt = at(until)
			due = append(due, auth.DueDelivery{
				Delivery: d, Event: newEvent(int(d.CreatedAt.Sub(at(0)) / at(1).Sub(at(0)))),
				Endpoint: stored(newEndpoint(int(d.Endpoint[3] - '0'))),
			})
		}
		if diff := cmp.Diff(due, got); err != nil || diff != "" {
			t.Errorf("claim at %d: %v (-want +got)\n%s", now, err, diff)
		}
	}
	claim(5, 100, 3, newDelivery(3, 1), newDelivery(3, 2), newDelivery(4, 1))
	claim(5, 101, 3, newDelivery(4, 2)) // the others are taken, 9 is not due
	delivered := newDelivery(3, 1).Succeeded(204, at(6))
	if err := s.SettleDelivery(t.Context(), delivered, at(100)); err != nil {
		t.Fatal(err)
	}
	claim(8, 120, 9)
	claim(100, 130, 2, newDelivery(9, 1), newDelivery(9, 2)) // earliest due first
	claim(101, 140, 9, newDelivery(3, 2), newDelivery(4, 1), newDelivery(4, 2))
	got, total, err := s.WebhookDeliveries(t.Context(), newEndpoint(1).ID, 1, 2)
	delivered.DueAt = newDelivery(3, 1).DueAt
	if err != nil || total != 3 || len(got) != 1 || got[0].ID != delivered.ID || got[0].Answer != 204 || got[0].Status != auth.WebhookDelivered {
		t.Errorf("%v %d %+v", err, total, got)
	}
}

// testWebhookLateSettlement lets a claim run out and another be made before the
// first is settled: the first must not overwrite the second.
func testWebhookLateSettlement(t *testing.T, s Store) {
	ctx := t.Context()
	mustCommit(t, s, webhookChange([]int{1}, []int{1}))
	for _, until := range []int{10, 20} {
		if got, err := s.ClaimDeliveries(ctx, at(until-9), at(until), 9); err != nil || len(got) != 1 {
			t.Fatal(err, got)
		}
	}
	lost := newDelivery(1, 1).Succeeded(200, at(12))
	if err := s.SettleDelivery(ctx, lost, at(10)); err != nil {
		t.Fatal(err)
	}
	got, _, err := s.WebhookDeliveries(ctx, newEndpoint(1).ID, 9, 0)
	if err != nil || len(got) != 1 || got[0].Status != auth.WebhookPending || got[0].Attempts != 0 {
		t.Errorf("%v %+v", err, got)
	}
}

func testWebhookReplay(t *testing.T, s Store) {
	ctx := t.Context()
	mustCommit(t, s, webhookChange([]int{1}, []int{1}))
	if _, err := s.ClaimDeliveries(ctx, at(1), at(10), 9); err != nil {
		t.Fatal(err)
	}
	d := newDelivery(1, 1)
	d.Status, d.Attempts, d.Answer, d.Failure = auth.WebhookFailed, 8, 500, "answered 500"
	if err := s.SettleDelivery(ctx, d, at(10)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ClaimDeliveries(ctx, at(99), at(110), 9); err != nil || len(got) != 0 {
		t.Errorf("a failed one is tried: %v %+v", err, got)
	}
	again, err := s.ReplayDelivery(ctx, d.ID, at(100))
	if err != nil || again.Status != auth.WebhookPending || again.Attempts != 0 || !again.DueAt.Equal(at(100)) {
		t.Errorf("%v %+v", err, again)
	}
	if got, err := s.ClaimDeliveries(ctx, at(100), at(110), 9); err != nil || len(got) != 1 || got[0].Event.ID != d.Event {
		t.Errorf("%v %+v", err, got)
	}
	if _, err := s.ReplayDelivery(ctx, "atmpt_none", at(100)); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("one that does not exist: %v", err)
	}
}

func testWebhookDeletedEndpoint(t *testing.T, s Store) {
	ctx := t.Context()
	mustCommit(t, s, webhookChange([]int{1}, []int{1, 2}))
	one := stored(newEndpoint(1))
	mustCommit(t, s, auth.Change{Webhooks: auth.WebhookChange{
		Deleted: []auth.WebhookEndpoint{one}, Events: []auth.WebhookEvent{newEvent(2)},
		Deliveries: []auth.WebhookDelivery{newDelivery(2, 1), newDelivery(2, 2)}, // 1 is gone by then
	}})
	got, err := s.ClaimDeliveries(ctx, at(9), at(99), 9)
	if err != nil || len(got) != 2 || got[0].Delivery.ID != newDelivery(1, 2).ID || got[1].Delivery.ID != newDelivery(2, 2).ID {
		t.Errorf("%v %+v", err, got)
	}
}

func testWebhookSweep(t *testing.T, s Store) {
	ctx := t.Context()
	mustCommit(t, s, webhookChange([]int{1, 3}, []int{1}))
	if _, err := s.Sweep(ctx, at(2).Add(auth.WebhookForget)); err != nil {
		t.Fatal(err)
	}
	got, total, err := s.WebhookDeliveries(ctx, newEndpoint(1).ID, 9, 0)
	if err != nil || total != 1 || got[0].Event != newEvent(3).ID {
		t.Errorf("%v %d %+v", err, total, got)
	}
}
