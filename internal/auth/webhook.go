package auth

import (
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Identifiers of webhooks.
type (
	WebhookEndpointID string // ep_…
	WebhookEventID    string // msg_…, as the receiver sees it
	WebhookDeliveryID string // atmpt_…
)

// NewWebhookEndpointID returns a fresh endpoint identifier. It fails only when entropy does.
func NewWebhookEndpointID(now time.Time, entropy io.Reader) (WebhookEndpointID, error) {
	s, err := newID("ep", now, entropy)
	return WebhookEndpointID(s), err
}

// NewWebhookEventID returns a fresh event identifier. It fails only when entropy does.
func NewWebhookEventID(now time.Time, entropy io.Reader) (WebhookEventID, error) {
	s, err := newID(prefixMessage, now, entropy)
	return WebhookEventID(s), err
}

// NewWebhookDeliveryID returns a fresh delivery identifier. It fails only when entropy does.
func NewWebhookDeliveryID(now time.Time, entropy io.Reader) (WebhookDeliveryID, error) {
	s, err := newID("atmpt", now, entropy)
	return WebhookDeliveryID(s), err
}

// WebhookEndpoint is where a back end wants to hear of events.
type WebhookEndpoint struct {
	ID          WebhookEndpointID
	Version     int64 // compare-and-swap guard; zero means not stored yet
	URL         string
	Description string
	Events      []string // types it wants; all when empty
	Sealed      []byte   // signing secrets, sealed under the master key
	Disabled    bool
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Wants says whether events of the type go to the endpoint. A listed type that
// ends in a dot and a star stands for all that begin so.
func (e WebhookEndpoint) Wants(eventType string) bool {
	return !e.Disabled && (len(e.Events) == 0 || slices.ContainsFunc(e.Events, func(want string) bool {
		prefix, all := strings.CutSuffix(want, "*")
		return want == eventType || all && strings.HasPrefix(eventType, prefix)
	}))
}

// WebhookEvent is something that happened, written in the same commit as what
// made it happen.
type WebhookEvent struct {
	ID        WebhookEventID
	Type      string
	Payload   []byte // the body that receivers get, JSON
	CreatedAt time.Time
}

// WebhookStatus is what became of a delivery.
type WebhookStatus string

// Statuses of deliveries.
const (
	WebhookPending   WebhookStatus = "pending"
	WebhookDelivered WebhookStatus = "delivered"
	WebhookFailed    WebhookStatus = "failed" // after the last try
)

// WebhookDelivery is one event on its way to one endpoint.
type WebhookDelivery struct {
	ID        WebhookDeliveryID
	Event     WebhookEventID
	EventType string
	Endpoint  WebhookEndpointID
	Status    WebhookStatus
	Attempts  int
	DueAt     time.Time // of the next try, while pending
	Answer    int       // HTTP status of the last try, 0 when none came
	Failure   string    // why the last try failed, or empty
	CreatedAt time.Time
	UpdatedAt time.Time
}

// webhookPauses are the waits after each failed try.
var webhookPauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
}

// WebhookForget is how long events and what became of them are kept.
const WebhookForget = 30 * 24 * time.Hour

// WebhookTries is how often a delivery is tried before it counts as failed.
var WebhookTries = len(webhookPauses) + 1

// Succeeded settles a delivery after the endpoint took it.
func (d WebhookDelivery) Succeeded(answer int, now time.Time) WebhookDelivery {
	d.Status, d.Answer, d.Failure, d.UpdatedAt = WebhookDelivered, answer, "", now
	d.Attempts++
	return d
}

// Failed counts a try that the endpoint did not take. The next comes after a
// pause that grows, varied by up to a tenth by a random number in [0,1), so that
// deliveries that failed together do not come back together.
func (d WebhookDelivery) Failed(answer int, why string, now time.Time, random float64) WebhookDelivery {
	d.Answer, d.Failure, d.UpdatedAt = answer, why, now
	d.Attempts++
	if d.Attempts > len(webhookPauses) {
		d.Status = WebhookFailed
		return d
	}
	pause := webhookPauses[d.Attempts-1]
	d.Status = WebhookPending
	d.DueAt = now.Add(pause + time.Duration((random*2-1)*float64(pause)/10))
	return d
}

const (
	// MaxWebhookEndpoints bounds the endpoints of an instance, because each is
	// written for every event.
	MaxWebhookEndpoints = 50
	maxWebhookURL       = 2048
	maxWebhookText      = 500
	maxWebhookEvents    = 100
)

// CheckWebhook refuses an endpoint that cannot be one. Plain http is for
// development: what is sent says who signed in.
func CheckWebhook(e WebhookEndpoint, plain bool) error {
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || (u.Scheme != "https" && (!plain || u.Scheme != "http")) {
		return RefuseParam(CodeParamFormatInvalid, "url")
	}
	if len(e.URL) > maxWebhookURL {
		return RefuseParam(CodeParamTooLong, "url")
	}
	if len(e.Description) > maxWebhookText {
		return RefuseParam(CodeParamTooLong, "description")
	}
	if len(e.Events) > maxWebhookEvents {
		return RefuseParam(CodeParamTooLong, "events")
	}
	for _, want := range e.Events {
		if !knownWebhookEvents(want) {
			return RefuseParam(CodeParamInvalid, "events")
		}
	}
	return nil
}

func knownWebhookEvents(want string) bool {
	prefix, all := strings.CutSuffix(want, "*")
	return slices.ContainsFunc(WebhookEventTypes, func(known string) bool {
		return known == want || all && strings.HasSuffix(prefix, ".") && strings.HasPrefix(known, prefix)
	})
}

// WebhookEventTypes are the published types of the events that are recorded.
var WebhookEventTypes = []string{
	"user.created", "user.updated", "user.deleted",
	"session.created", "session.pending", "session.ended", "session.removed", "session.revoked",
	"organization.created", "organization.updated", "organization.deleted",
	"organizationMembership.created", "organizationMembership.updated", "organizationMembership.deleted",
	"organizationInvitation.created", "organizationInvitation.accepted", "organizationInvitation.revoked",
	"organizationDomain.created", "organizationDomain.updated", "organizationDomain.deleted",
	"waitlistEntry.created", "waitlistEntry.updated",
	"role.created", "role.updated", "role.deleted",
	"permission.created", "permission.updated", "permission.deleted",
}

// WebhookChange is the part of a [Change] about webhooks.
type WebhookChange struct {
	Endpoints  []WebhookEndpoint
	Deleted    []WebhookEndpoint // only ID and Version are read; its deliveries go with it
	Events     []WebhookEvent    // inserted only
	Deliveries []WebhookDelivery // inserted only; those whose endpoint is gone are left out
}

// Empty says whether there is nothing to make durable.
func (c WebhookChange) Empty() bool {
	return len(c.Endpoints)+len(c.Deleted)+len(c.Events)+len(c.Deliveries) == 0
}

// DueDelivery is a delivery with what is to be delivered, and where.
type DueDelivery struct {
	Delivery WebhookDelivery
	Event    WebhookEvent
	Endpoint WebhookEndpoint
}
