package webhook

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// EndpointStore is what [Endpoints] needs of the store.
type EndpointStore interface {
	Commit(context.Context, auth.Change) error
	WebhookEndpoints(context.Context) ([]auth.WebhookEndpoint, error)
	WebhookEndpoint(context.Context, auth.WebhookEndpointID) (auth.WebhookEndpoint, error)
	WebhookDeliveries(ctx context.Context, endpoint auth.WebhookEndpointID, limit, offset int) ([]auth.WebhookDelivery, int, error)
	ReplayDelivery(ctx context.Context, id auth.WebhookDeliveryID, now time.Time) (auth.WebhookDelivery, error)
}

// Endpoints manages the receivers of an instance. Errors are [*auth.Error]
// refusals, [auth.ErrNotFound], [auth.ErrUnavailable], or the context's.
type Endpoints struct {
	store   EndpointStore
	sealer  *secret.Sealer
	plain   bool
	now     func() time.Time
	entropy io.Reader
	changed func()
	wake    func()
}

// EndpointsConfig is what [NewEndpoints] needs. Every member is required.
type EndpointsConfig struct {
	Store   EndpointStore
	Master  *secret.MasterKey
	Plain   bool // permits http URLs: development only
	Now     func() time.Time
	Entropy io.Reader
	Changed func() // called after a change of an endpoint
	Wake    func() // called when a delivery is due
}

// NewEndpoints returns the use cases.
func NewEndpoints(c EndpointsConfig) *Endpoints {
	return &Endpoints{
		store: c.Store, sealer: c.Master.Sealer(sealPurpose), plain: c.Plain, now: c.Now, entropy: c.Entropy,
		changed: c.Changed, wake: c.Wake,
	}
}

// EndpointUpdate names what to change; nil leaves a member as it is.
type EndpointUpdate struct {
	URL         *string
	Description *string
	Events      *[]string
	Disabled    *bool
}

func (u EndpointUpdate) apply(e auth.WebhookEndpoint) auth.WebhookEndpoint {
	if u.URL != nil {
		e.URL = *u.URL
	}
	if u.Description != nil {
		e.Description = *u.Description
	}
	if u.Events != nil {
		e.Events = slices.Compact(slices.Sorted(slices.Values(*u.Events)))
	}
	if u.Disabled != nil {
		e.Disabled = *u.Disabled
	}
	return e
}

// List returns every endpoint, oldest first.
func (s *Endpoints) List(ctx context.Context) ([]auth.WebhookEndpoint, error) {
	return s.store.WebhookEndpoints(ctx)
}

// Get returns one endpoint.
func (s *Endpoints) Get(ctx context.Context, id auth.WebhookEndpointID) (auth.WebhookEndpoint, error) {
	return s.store.WebhookEndpoint(ctx, id)
}

// Add adds an endpoint and returns it with its signing secret.
func (s *Endpoints) Add(ctx context.Context, u EndpointUpdate) (_ auth.WebhookEndpoint, signing string, _ error) {
	now := s.now()
	id, err := auth.NewWebhookEndpointID(now, s.entropy)
	if err != nil {
		return auth.WebhookEndpoint{}, "", err
	}
	e := u.apply(auth.WebhookEndpoint{ID: id, CreatedAt: now, UpdatedAt: now})
	if err := auth.CheckWebhook(e, s.plain); err != nil {
		return e, "", err
	}
	others, err := s.store.WebhookEndpoints(ctx)
	if err != nil {
		return e, "", err
	}
	if len(others) >= auth.MaxWebhookEndpoints {
		return e, "", auth.Refuse(auth.CodeWebhookEndpointQuota)
	}
	if signing, err = newSecret(s.entropy); err != nil {
		return e, "", err
	}
	if e.Sealed, err = (secrets{Current: signing}).seal(s.sealer, string(e.ID)); err != nil {
		return e, "", err
	}
	return e, signing, s.put(ctx, e)
}

// Update changes an endpoint and returns it.
func (s *Endpoints) Update(ctx context.Context, id auth.WebhookEndpointID, u EndpointUpdate) (e auth.WebhookEndpoint, _ error) {
	err := auth.Retry(func() (err error) {
		if e, err = s.store.WebhookEndpoint(ctx, id); err != nil {
			return err
		}
		e = u.apply(e)
		e.UpdatedAt = s.now()
		if err := auth.CheckWebhook(e, s.plain); err != nil {
			return err
		}
		return s.put(ctx, e)
	})
	return e, err
}

// Secret returns the signing secret of an endpoint.
func (s *Endpoints) Secret(ctx context.Context, id auth.WebhookEndpointID) (string, error) {
	e, err := s.store.WebhookEndpoint(ctx, id)
	if err != nil {
		return "", err
	}
	keys, err := openSecrets(s.sealer, string(id), e.Sealed)
	return keys.Current, err
}

// RotateSecret gives an endpoint a new signing secret and returns it. For a day
// deliveries are signed with the one before as well.
func (s *Endpoints) RotateSecret(ctx context.Context, id auth.WebhookEndpointID) (signing string, _ error) {
	err := auth.Retry(func() error {
		e, err := s.store.WebhookEndpoint(ctx, id)
		if err != nil {
			return err
		}
		keys, err := openSecrets(s.sealer, string(id), e.Sealed)
		if err != nil {
			return err
		}
		if signing, err = newSecret(s.entropy); err != nil {
			return err
		}
		e.UpdatedAt = s.now()
		keys = secrets{Current: signing, Previous: keys.Current, Until: e.UpdatedAt.Add(secretOverlap).UnixMilli()}
		if e.Sealed, err = keys.seal(s.sealer, string(id)); err != nil {
			return err
		}
		return s.put(ctx, e)
	})
	return signing, err
}

// Remove removes an endpoint with its deliveries.
func (s *Endpoints) Remove(ctx context.Context, id auth.WebhookEndpointID) error {
	err := auth.Retry(func() error {
		e, err := s.store.WebhookEndpoint(ctx, id)
		if err != nil {
			return err
		}
		return s.store.Commit(ctx, auth.Change{Webhooks: auth.WebhookChange{Deleted: []auth.WebhookEndpoint{e}}})
	})
	if err == nil {
		s.changed()
	}
	return err
}

// Deliveries returns a page of what went to an endpoint, newest first, and how
// many there are.
func (s *Endpoints) Deliveries(ctx context.Context, id auth.WebhookEndpointID, limit, offset int) ([]auth.WebhookDelivery, int, error) {
	if _, err := s.store.WebhookEndpoint(ctx, id); err != nil {
		return nil, 0, err
	}
	return s.store.WebhookDeliveries(ctx, id, limit, offset)
}

// Replay delivers once more, whatever became of the delivery before.
func (s *Endpoints) Replay(ctx context.Context, id auth.WebhookDeliveryID) (auth.WebhookDelivery, error) {
	d, err := s.store.ReplayDelivery(ctx, id, s.now())
	if err == nil {
		s.wake()
	}
	return d, err
}

func (s *Endpoints) put(ctx context.Context, e auth.WebhookEndpoint) error {
	err := s.store.Commit(ctx, auth.Change{Webhooks: auth.WebhookChange{Endpoints: []auth.WebhookEndpoint{e}}})
	if err == nil {
		s.changed()
	}
	return err
}
