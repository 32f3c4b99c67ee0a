package organization

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Config is what the use cases are made of. Every member is required.
type Config struct {
	Store    Store
	Tickets  TicketMinter
	Mail     Composer
	Codes    Limiter // mails sent, by organization or address
	Now      func() time.Time
	Entropy  io.Reader
	Settings func() auth.Settings
	// UpdateSettings changes the settings durably; change may be called again.
	UpdateSettings func(ctx context.Context, change func(*auth.Settings) error) (auth.Settings, error)
	// LookupTXT reads a record of the DNS: nothing when there is none, an error
	// when the DNS could not be asked.
	LookupTXT func(ctx context.Context, name string) ([]string, error)
	Pepper    []byte // of one-time codes
	// TicketURL makes the link that accepts an invitation.
	TicketURL func(ticket string) string
}

// Store is what the use cases need of the store. Absent records are
// [auth.ErrNotFound], returned only after a successful read; a store that cannot
// answer says [auth.ErrUnavailable]. Commit is atomic and durable on return. Safe
// for concurrent use; returned records are the caller's.
type Store interface {
	Organization(ctx context.Context, id auth.OrganizationID) (auth.Organization, error)
	OrganizationBySlug(ctx context.Context, slug string) (auth.Organization, error)
	Organizations(ctx context.Context, q auth.OrganizationQuery) ([]auth.Organization, int, error)
	CountOrganizationsCreatedBy(ctx context.Context, user auth.UserID) (int, error)
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	Commit(ctx context.Context, change auth.Change) error
	MemberStore
	InvitationStore
	DomainStore
	RoleStore
}

// TicketMinter makes tickets that prove themselves genuine. Only the hash is
// stored.
type TicketMinter interface {
	NewInvitation(entropy io.Reader, id string) (text string, hash [32]byte, err error)
}

// Composer words and seals a message.
type Composer interface {
	Compose(ctx context.Context, n auth.Notice, now time.Time) (auth.Message, error)
}

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// Service is one use case for each area.
type Service struct {
	Organizations *Organizations
	Members       *Members
	Invitations   *Invitations
	Domains       *Domains
	Suggestions   *Suggestions
	Roles         *Roles
}

// New returns the use cases. They are safe for concurrent use.
func New(c Config) *Service {
	core := &core{Config: c}
	domains := &Domains{core}
	return &Service{
		Organizations: &Organizations{core}, Members: &Members{core}, Invitations: &Invitations{core, domains},
		Domains: domains, Suggestions: &Suggestions{core, domains}, Roles: &Roles{core},
	}
}

// core is what the use cases share.
type core struct {
	Config
	turns [64]sync.Mutex
}

// inTurn decides on an organization, again while somebody else is faster. The
// callers of one process take turns: many people who join at once would only
// make each other begin again.
func (c *core) inTurn(org auth.OrganizationID, decide func() error) error {
	h := fnv.New32a()
	_, _ = h.Write([]byte(org)) // never fails
	turn := &c.turns[h.Sum32()%uint32(len(c.turns))]
	turn.Lock()
	defer turn.Unlock()
	return auth.Retry(decide)
}

// Actor is who asks: a user, or with no user the holder of the secret key, who
// may do everything.
type Actor struct{ User auth.UserID }

// Operator is the holder of the secret key.
var Operator Actor

// enter returns the organization for an operation of the actor. An organization
// that the actor does not belong to is refused like one that does not exist. An
// operator's belonging has no membership.
func (c *core) enter(ctx context.Context, by Actor, id auth.OrganizationID, op auth.OrgOperation) (b auth.Belonging, err error) {
	if err := c.enabled(); err != nil {
		return b, err
	}
	if by == Operator {
		b.Organization, err = c.Store.Organization(ctx, id)
	} else {
		b, err = c.Store.Belonging(ctx, id, by.User)
	}
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return b, auth.Refuse(auth.CodeResourceNotFound)
	case err != nil:
		return b, fmt.Errorf("enter organization: %w", err)
	case by == Operator:
		return b, nil
	}
	return b, b.Allow(op)
}

// enabled refuses while the instance has no organizations.
func (c *core) enabled() error {
	if !c.Settings().Organizations.Enabled {
		return auth.Refuse(auth.CodeOrganizationsDisabled)
	}
	return nil
}

// mayGive refuses an actor to give, change or take away a role above their own.
func mayGive(by Actor, b auth.Belonging, r auth.Role) error {
	if by == Operator {
		return nil
	}
	return b.AllowRole(r)
}

// roleByKey returns the role with this key, or refuses the parameter.
func (c *core) roleByKey(ctx context.Context, key, param string) (auth.Role, error) {
	if key == "" {
		return auth.Role{}, auth.RefuseParam(auth.CodeParamMissing, param)
	}
	roles, err := c.Store.Roles(ctx)
	if err != nil {
		return auth.Role{}, fmt.Errorf("read roles: %w", err)
	}
	for _, r := range roles {
		if r.Key == key || r.Key == legacyRoles[key] {
			return r, nil
		}
	}
	return auth.Role{}, auth.RefuseParam(auth.CodeResourceNotFound, param)
}

// legacyRoles are the names that older SDKs give the roles.
var legacyRoles = map[string]string{
	"admin": auth.RoleKeyAdmin, "basic_member": auth.RoleKeyMember, "org:basic_member": auth.RoleKeyMember,
}

// mail composes a notice, or nothing when nobody is to be told.
func (c *core) mail(ctx context.Context, n auth.Notice, now time.Time) ([]auth.Message, error) {
	m, err := c.Mail.Compose(ctx, n, now)
	if err != nil {
		return nil, fmt.Errorf("compose notice: %w", err)
	}
	return []auth.Message{m}, nil
}

// refuseTaken turns a taken identifier into the refusal that names its
// parameter.
func refuseTaken(err error) error {
	var taken *auth.ExistsError
	if !errors.As(err, &taken) {
		return err
	}
	switch taken.What {
	case "slug", "key":
		return auth.RefuseParam(auth.CodeIdentifierExists, taken.What)
	case "membership":
		return auth.RefuseParam(auth.CodeOrgAlreadyMember, "user_id")
	case "invitation":
		return auth.RefuseParam(auth.CodeOrgInvitationExists, "email_address")
	case "domain":
		return auth.RefuseParam(auth.CodeIdentifierExists, "name")
	}
	return err
}
