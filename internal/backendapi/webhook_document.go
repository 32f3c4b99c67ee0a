package backendapi

import (
	"context"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/internal/webhook"
	"github.com/perennialauth/perennial/wire"
)

// sessionEventJSON is a session with its user, as events about sessions carry it.
type sessionEventJSON struct {
	sessionJSON
	User userJSON `json:"user"`
}

// acceptedEventJSON is an invitation with who accepted it.
type acceptedEventJSON struct {
	orgInvitationJSON
	UserID string         `json:"user_id"`
	Data   acceptanceJSON `json:"data"`
}

type acceptanceJSON struct {
	Organization *wire.PublicOrganizationData `json:"public_organization_data"`
}

// EventDocument returns the document that an event carries: the one that this
// API answers with for the same record.
func (a *API) EventDocument(ctx context.Context, e webhook.Event, view webhook.View) (any, error) {
	switch s := e.Subject.(type) {
	case auth.User:
		if e.Deletion() {
			return deleted("user", string(s.ID)), nil
		}
		return a.toUser(user.Account{User: s}), nil
	case auth.Session:
		u, err := view.User(ctx, s.User)
		return sessionEventJSON{toSession(s), a.toUser(user.Account{User: u})}, err
	case auth.Role:
		if e.Deletion() {
			return deleted("role", string(s.ID)), nil
		}
		c, err := view.Catalogue(ctx)
		return a.orgs.Role(s, c), err
	case auth.Permission:
		if e.Deletion() {
			return deleted("permission", string(s.ID)), nil
		}
		return a.orgs.Permission(s), nil
	case auth.WaitlistEntry:
		return toWaitlist(s), nil
	}
	return a.organizationEventDocument(ctx, e, view)
}

func (a *API) organizationEventDocument(ctx context.Context, e webhook.Event, view webhook.View) (any, error) {
	switch s := e.Subject.(type) {
	case auth.Organization:
		if e.Deletion() {
			return deleted("organization", string(s.ID)), nil
		}
		return a.toOrganization(s), nil
	case auth.Membership:
		m, err := memberIn(ctx, s, view)
		return a.toMember(m), err
	case auth.OrgInvitation:
		return a.invitationEventDocument(ctx, s, view)
	case auth.OrgDomain:
		if e.Deletion() {
			return deleted("organization_domain", string(s.ID)), nil
		}
		owner, err := view.Organization(ctx, s.Organization)
		return a.orgs.Domain(auth.OwnedDomain{OrgDomain: s, Owner: owner}), err
	}
	return nil, fmt.Errorf("no document about %T", e.Subject)
}

func memberIn(ctx context.Context, s auth.Membership, view webhook.View) (m auth.Member, err error) {
	m.Membership = s
	if m.Organization, err = view.Organization(ctx, s.Organization); err != nil {
		return m, err
	}
	if m.Role, err = view.Role(ctx, s.Role); err != nil {
		return m, err
	}
	m.User, err = view.User(ctx, s.User)
	return m, err
}

func (a *API) invitationEventDocument(ctx context.Context, s auth.OrgInvitation, view webhook.View) (any, error) {
	i := auth.Invited{OrgInvitation: s}
	var err error
	if i.Organization, err = view.Organization(ctx, s.Organization); err != nil {
		return nil, err
	}
	if i.Role, err = view.Role(ctx, s.Role); err != nil {
		return nil, err
	}
	if s.Inviter != "" {
		if i.Inviter, err = view.User(ctx, s.Inviter); err != nil {
			return nil, err
		}
	}
	out := a.toOrgInvitation(i)
	if s.Status == auth.OrgInvitationAccepted {
		return acceptedEventJSON{out, string(view.Joining(s.Organization)), acceptanceJSON{a.orgs.Public(i.Organization)}}, nil
	}
	return out, nil
}
