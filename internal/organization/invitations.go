package organization

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Invitations offers places in organizations to people by their addresses.
type Invitations struct {
	*core
	domains *Domains
}

// InvitationStore is what invitations need of the store, see [Store].
type InvitationStore interface {
	OrgInvitation(ctx context.Context, id auth.OrgInvitationID) (auth.OrgInvitation, error)
	OrgInvitationByHash(ctx context.Context, hash [32]byte) (auth.OrgInvitation, error)
	OpenOrgInvitation(ctx context.Context, org auth.OrganizationID, address string) (auth.OrgInvitation, error)
	OrgInvitations(ctx context.Context, q auth.OrgInvitationQuery) ([]auth.Invited, int, error)
	CountOpenInvitations(ctx context.Context, org auth.OrganizationID, now time.Time) (int, error)
	DescribeInvitation(ctx context.Context, i auth.OrgInvitation) (auth.Invited, error)
	UserByEmail(ctx context.Context, address string) (auth.User, error)
}

// MaxBulk bounds the invitations of one request.
const MaxBulk = 10

// List returns one page of the invitations to an organization, and how many
// match.
func (s *Invitations) List(ctx context.Context, by Actor, id auth.OrganizationID, q auth.OrgInvitationQuery) ([]auth.Invited, int, error) {
	if _, err := s.enter(ctx, by, id, auth.OrgListInvitations); err != nil {
		return nil, 0, err
	}
	q.Organization, q.Now = id, s.Now()
	return s.Store.OrgInvitations(ctx, q)
}

// All returns one page of all invitations of the instance, an operator's right.
func (s *Invitations) All(ctx context.Context, q auth.OrgInvitationQuery) ([]auth.Invited, int, error) {
	q.Now = s.Now()
	return s.Store.OrgInvitations(ctx, q)
}

// Get returns one invitation to an organization.
func (s *Invitations) Get(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgInvitationID) (out auth.Invited, err error) {
	if _, err := s.enter(ctx, by, org, auth.OrgListInvitations); err != nil {
		return out, err
	}
	i, err := s.of(ctx, org, id)
	if err != nil {
		return out, err
	}
	i.Status = i.StatusAt(s.Now())
	return s.Store.DescribeInvitation(ctx, i)
}

// of returns an invitation to this organization; one to another does not exist.
func (s *Invitations) of(ctx context.Context, org auth.OrganizationID, id auth.OrgInvitationID) (auth.OrgInvitation, error) {
	i, err := s.Store.OrgInvitation(ctx, id)
	if errors.Is(err, auth.ErrNotFound) || (err == nil && i.Organization != org) {
		return i, auth.Refuse(auth.CodeResourceNotFound)
	}
	if err != nil {
		return i, fmt.Errorf("read invitation: %w", err)
	}
	return i, nil
}

// Invite is whom to invite, and to what. A member chooses address, role and
// whether a mail is sent.
type Invite struct {
	EmailAddress string
	Role         string      // key
	Inviter      auth.UserID // a member who may invite; an operator may name nobody
	RedirectURL  string      // checked by the caller
	PublicMeta   json.RawMessage
	PrivateMeta  json.RawMessage
	Lifetime     time.Duration // zero for [auth.OrgInvitationLifetime]
	Silent       bool          // send no mail
}

// NewInvitation is an invitation with its link, which is known this once and
// shown to operators only: who has it proves the address it was sent to.
type NewInvitation struct {
	auth.Invited
	URL string
}

// Create invites, all or nobody.
func (s *Invitations) Create(ctx context.Context, by Actor, id auth.OrganizationID, in []Invite) (out []NewInvitation, err error) {
	if len(in) == 0 || len(in) > MaxBulk {
		return nil, auth.RefuseParam(auth.CodeParamInvalid, "email_address")
	}
	var unfit unfitAddresses
	for i := range in {
		if by != Operator {
			in[i] = Invite{EmailAddress: in[i].EmailAddress, Role: in[i].Role, Inviter: by.User, Silent: in[i].Silent}
		}
		address := in[i].EmailAddress
		if err := unfit.note(address, check(&in[i])); err != nil {
			return nil, err
		}
	}
	if err := unfit.err(); err != nil {
		return nil, err
	}
	allowed := false // asked once: deciding again sends no more mail
	err = s.inTurn(id, func() error {
		b, err := s.enter(ctx, by, id, auth.OrgInvite)
		if err != nil {
			return err
		}
		if !allowed && by != Operator {
			var wait time.Duration
			if wait, allowed = s.Codes.Take("org-invite\x00" + string(id)); !allowed {
				return &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
			}
		}
		change := auth.Change{}
		if out, err = s.draft(ctx, by, b, in, &change); err != nil {
			return err
		}
		return s.Store.Commit(ctx, change)
	})
	if err != nil {
		return nil, refuseTaken(err)
	}
	return out, nil
}

// unfitAddresses are those of a request that are refused for the same reason,
// so that whoever invites many people learns which to leave out.
type unfitAddresses struct {
	refused   *auth.Error
	addresses []string
}

// note keeps an address that is refused. It returns an error that is not about
// the address.
func (u *unfitAddresses) note(address string, err error) error {
	var refused *auth.Error
	if err == nil || !errors.As(err, &refused) || refused.Param != "email_address" {
		return err
	}
	if u.refused == nil {
		u.refused = refused
	}
	if u.refused.Code == refused.Code {
		u.addresses = append(u.addresses, address)
	}
	return nil
}

// err is the refusal, with the addresses as the SDKs read them.
func (u *unfitAddresses) err() error {
	if u.refused == nil {
		return nil
	}
	named := *u.refused
	named.Meta = map[string]any{"email_addresses": u.addresses}
	return &named
}

// check normalises what was given.
func check(in *Invite) (err error) {
	if in.EmailAddress, err = auth.NormalizeEmail(in.EmailAddress, "email_address"); err != nil {
		return err
	}
	if in.PublicMeta, err = auth.ParseMetadata(in.PublicMeta, "public_metadata"); err != nil {
		return err
	}
	if in.PrivateMeta, err = auth.ParseMetadata(in.PrivateMeta, "private_metadata"); err != nil {
		return err
	}
	if in.Lifetime == 0 {
		in.Lifetime = auth.OrgInvitationLifetime
	}
	if in.Lifetime < 0 || in.Lifetime > 365*24*time.Hour {
		return auth.RefuseParam(auth.CodeParamInvalid, "expires_in_days")
	}
	return nil
}

// draft decides on every invitation and puts it into the change.
func (s *Invitations) draft(
	ctx context.Context, by Actor, b auth.Belonging, in []Invite, change *auth.Change,
) (out []NewInvitation, err error) {
	now := s.Now()
	org := b.Organization
	if org.Pending, err = s.Store.CountOpenInvitations(ctx, org.ID, now); err != nil {
		return nil, fmt.Errorf("count invitations: %w", err)
	}
	if err := org.RoomFor(len(in)); err != nil {
		return nil, err
	}
	orgs := &change.Organizations
	var unfit unfitAddresses
	for _, each := range in {
		inv, err := s.one(ctx, by, b, each, orgs)
		if err != nil {
			if err = unfit.note(each.EmailAddress, err); err != nil {
				return nil, err
			}
			continue
		}
		ticket, hash, err := s.Tickets.NewInvitation(s.Entropy, string(inv.ID))
		if err != nil {
			return nil, err
		}
		inv.Hash, inv.URL = hash, s.TicketURL(ticket)
		orgs.Invitations = append(orgs.Invitations, inv.OrgInvitation)
		out = append(out, inv)
		if each.Silent {
			continue
		}
		mail, err := s.mail(ctx, auth.Notice{
			Kind: auth.NoticeOrgInvitation, To: inv.EmailAddress, Link: inv.URL, About: org.Name, At: now,
		}, now)
		if err != nil {
			return nil, err
		}
		change.Messages = append(change.Messages, mail...)
	}
	if err := unfit.err(); err != nil {
		return nil, err
	}
	org.Pending += len(in)
	org.UpdatedAt = now
	orgs.Organizations = []auth.Organization{org}
	return out, nil
}

// one decides on one invitation. An open one whose time is over makes room for
// the new one.
func (s *Invitations) one(
	ctx context.Context, by Actor, b auth.Belonging, in Invite, orgs *auth.OrganizationChange,
) (out NewInvitation, err error) {
	now, org := s.Now(), b.Organization
	role, err := s.roleFor(ctx, org, in.Role, "role")
	if err != nil {
		return out, err
	}
	if err := mayGive(by, b, role); err != nil {
		return out, err
	}
	if err := s.notMember(ctx, org.ID, in.EmailAddress); err != nil {
		return out, err
	}
	if out.Inviter, err = s.inviter(ctx, by, org.ID, in.Inviter); err != nil {
		return out, err
	}
	switch open, err := s.Store.OpenOrgInvitation(ctx, org.ID, in.EmailAddress); {
	case err == nil && open.StatusAt(now) == auth.OrgInvitationExpired:
		orgs.Invitations = append(orgs.Invitations, open.Settle(auth.OrgInvitationExpired, now))
	case err == nil:
		return out, auth.RefuseParam(auth.CodeOrgInvitationExists, "email_address")
	case !errors.Is(err, auth.ErrNotFound):
		return out, fmt.Errorf("look for invitation: %w", err)
	}
	id, err := auth.NewOrgInvitationID(now, s.Entropy)
	if err != nil {
		return out, err
	}
	out.Organization, out.Role = org, role
	out.OrgInvitation = auth.OrgInvitation{
		ID: id, Organization: org.ID, EmailAddress: in.EmailAddress, Role: role.ID, Inviter: in.Inviter,
		Status: auth.OrgInvitationPending, RedirectURL: in.RedirectURL, PublicMeta: in.PublicMeta, PrivateMeta: in.PrivateMeta,
		ExpireAt: now.Add(in.Lifetime), CreatedAt: now, UpdatedAt: now,
	}
	return out, nil
}

// notMember refuses to invite somebody who belongs to the organization.
func (s *Invitations) notMember(ctx context.Context, org auth.OrganizationID, address string) error {
	user, err := s.Store.UserByEmail(ctx, address)
	if errors.Is(err, auth.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for invitee: %w", err)
	}
	switch _, err := s.Store.Belonging(ctx, org, user.ID); {
	case err == nil:
		return auth.RefuseParam(auth.CodeOrgAlreadyMember, "email_address")
	case !errors.Is(err, auth.ErrNotFound):
		return fmt.Errorf("look for membership: %w", err)
	}
	return nil
}

// inviter is whoever invites. An operator may name a member who may.
func (s *Invitations) inviter(ctx context.Context, by Actor, org auth.OrganizationID, id auth.UserID) (u auth.User, err error) {
	if id == "" {
		return u, nil
	}
	if by == Operator {
		if _, err := s.enter(ctx, Actor{id}, org, auth.OrgInvite); err != nil {
			return u, namedParam(err, "inviter_user_id")
		}
	}
	return s.Store.User(ctx, id)
}

// namedParam says which parameter a refusal is about.
func namedParam(err error, param string) error {
	var e *auth.Error
	if !errors.As(err, &e) {
		return err
	}
	named := *e
	named.Param = param
	return &named
}

// Revoke takes an invitation back. Doing it again changes nothing; one that was
// accepted is refused with [auth.CodeOrgInvitationNotPending].
func (s *Invitations) Revoke(ctx context.Context, by Actor, org auth.OrganizationID, id auth.OrgInvitationID) (out auth.Invited, err error) {
	err = s.inTurn(org, func() error {
		b, err := s.enter(ctx, by, org, auth.OrgRevokeInvitation)
		if err != nil {
			return err
		}
		i, err := s.of(ctx, org, id)
		if err != nil {
			return err
		}
		now := s.Now()
		switch i.Status {
		case auth.OrgInvitationRevoked:
			out.OrgInvitation = i
			return nil
		case auth.OrgInvitationPending:
		default:
			return auth.Refuse(auth.CodeOrgInvitationNotPending)
		}
		out.OrgInvitation = i.Settle(auth.OrgInvitationRevoked, now)
		change, err := s.settled(ctx, b.Organization, i, out.OrgInvitation)
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: change})
	})
	if err != nil {
		return out, err
	}
	return s.Store.DescribeInvitation(ctx, out.OrgInvitation)
}

// settled is the change that stores what became of an invitation, and counts
// the open ones anew.
func (c *core) settled(ctx context.Context, org auth.Organization, was, is auth.OrgInvitation) (ch auth.OrganizationChange, err error) {
	now := c.Now()
	if org.Pending, err = c.Store.CountOpenInvitations(ctx, org.ID, now); err != nil {
		return ch, fmt.Errorf("count invitations: %w", err)
	}
	if was.StatusAt(now) == auth.OrgInvitationPending {
		org.Pending = max(0, org.Pending-1)
	}
	org.UpdatedAt = now
	ch.Organizations, ch.Invitations = []auth.Organization{org}, []auth.OrgInvitation{is}
	return ch, nil
}
