package auth_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestWebhookTriesEndByThemselves(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_790_000_000_000)
	d := auth.WebhookDelivery{Status: auth.WebhookPending, DueAt: now}
	var waited, last time.Duration
	for tries := 1; d.Status == auth.WebhookPending; tries++ {
		if tries > auth.WebhookTries {
			t.Fatal("it is tried for ever")
		}
		before := d.DueAt
		d = d.Failed(500, "answered 500", before, 0.5)
		if d.Status == auth.WebhookFailed {
			break
		}
		pause := d.DueAt.Sub(before)
		if pause < last {
			t.Errorf("try %d comes after %v, the one before after %v", tries+1, pause, last)
		}
		last = pause
		waited += pause
	}
	if d.Attempts != auth.WebhookTries || waited < 24*time.Hour || waited > 30*time.Hour {
		t.Errorf("%d tries within %v", d.Attempts, waited)
	}
	early, late := (auth.WebhookDelivery{}).Failed(0, "", now, 0), (auth.WebhookDelivery{}).Failed(0, "", now, 0.999)
	if early.DueAt.Before(now.Add(4500*time.Millisecond)) || late.DueAt.After(now.Add(5500*time.Millisecond)) || !early.DueAt.Before(late.DueAt) {
		t.Errorf("next try after %v to %v", early.DueAt.Sub(now), late.DueAt.Sub(now))
	}
	if done := d.Succeeded(204, now); done.Status != auth.WebhookDelivered || done.Failure != "" || done.Answer != 204 {
		t.Errorf("%+v", done)
	}
}

func TestWebhookWants(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		events    []string
		eventType string
		want      bool
	}{
		{nil, "user.created", true},
		{[]string{"user.created"}, "user.created", true},
		{[]string{"user.created"}, "user.updated", false},
		{[]string{"organization.*"}, "organization.created", true},
		{[]string{"organization.*"}, "organizationMembership.created", false},
	} {
		if got := (auth.WebhookEndpoint{Events: tc.events}).Wants(tc.eventType); got != tc.want {
			t.Errorf("%v wants %s: %v", tc.events, tc.eventType, got)
		}
		if (auth.WebhookEndpoint{Events: tc.events, Disabled: true}).Wants(tc.eventType) {
			t.Errorf("a disabled endpoint wants %s", tc.eventType)
		}
	}
}
