package organization

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// OfUser returns one page of the invitations to the proven addresses of a user,
// those that a domain makes for them included, and how many match.
func (s *Invitations) OfUser(ctx context.Context, id auth.UserID, q auth.OrgInvitationQuery) ([]auth.Invited, int, error) {
	if err := s.enabled(); err != nil {
		return nil, 0, err
	}
	user, err := s.Store.User(ctx, id)
	if err != nil {
		return nil, 0, fmt.Errorf("read user: %w", err)
	}
	if err := s.domains.enroll(ctx, user); err != nil {
		return nil, 0, err
	}
	for _, e := range user.Emails {
		if e.Verified() {
			q.EmailAddresses = append(q.EmailAddresses, e.Address)
		}
	}
	if len(q.EmailAddresses) == 0 {
		return nil, 0, nil
	}
	q.Now = s.Now()
	return s.Store.OrgInvitations(ctx, q)
}

// AcceptOwn makes a user a member by an invitation to one of the addresses the
// user has proven; any other invitation does not exist. Accepting again what
// the user has accepted changes nothing.
func (s *Invitations) AcceptOwn(ctx context.Context, id auth.UserID, invitation auth.OrgInvitationID) (out auth.Invited, err error) {
	if err := s.enabled(); err != nil {
		return out, err
	}
	_, first, err := s.toUser(ctx, id, invitation)
	if err != nil {
		return out, err
	}
	err = s.inTurn(first.Organization, func() error {
		user, i, err := s.toUser(ctx, id, invitation)
		if err != nil {
			return err
		}
		if out.OrgInvitation = i; i.Status == auth.OrgInvitationAccepted {
			return nil
		}
		if i.StatusAt(s.Now()) != auth.OrgInvitationPending {
			return auth.Refuse(auth.CodeOrgInvitationNotPending)
		}
		var change auth.OrganizationChange
		if out.OrgInvitation, change, err = s.acceptance(ctx, i, user); err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: change})
	})
	if err != nil {
		return out, refuseTaken(err)
	}
	return s.Store.DescribeInvitation(ctx, out.OrgInvitation)
}

// toUser is a user with an invitation to an address that the user has proven;
// any other one does not exist.
func (s *Invitations) toUser(
	ctx context.Context, id auth.UserID, invitation auth.OrgInvitationID,
) (user auth.User, i auth.OrgInvitation, err error) {
	if user, err = s.Store.User(ctx, id); err != nil {
		return user, i, fmt.Errorf("read user: %w", err)
	}
	i, err = s.Store.OrgInvitation(ctx, invitation)
	if errors.Is(err, auth.ErrNotFound) || (err == nil && !user.HasProven(i.EmailAddress)) {
		return user, i, auth.Refuse(auth.CodeResourceNotFound)
	}
	if err != nil {
		return user, i, fmt.Errorf("read invitation: %w", err)
	}
	return user, i, nil
}

// acceptance is the change by which a user accepts an open invitation. Somebody
// who is a member already stays what they are.
func (s *Invitations) acceptance(
	ctx context.Context, i auth.OrgInvitation, user auth.User,
) (accepted auth.OrgInvitation, change auth.OrganizationChange, err error) {
	org, err := s.Store.Organization(ctx, i.Organization)
	if errors.Is(err, auth.ErrNotFound) {
		return i, change, auth.Refuse(auth.CodeResourceNotFound)
	}
	if err != nil {
		return i, change, fmt.Errorf("read organization: %w", err)
	}
	role, err := s.roleByID(ctx, org, i.Role)
	if err != nil {
		return i, change, err
	}
	accepted = i.Settle(auth.OrgInvitationAccepted, s.Now())
	m, joined, err := s.join(ctx, joining{org: org, user: user, role: role, publicMeta: i.PublicMeta, privateMeta: i.PrivateMeta})
	switch {
	case errors.Is(err, auth.Refuse(auth.CodeOrgAlreadyMember)):
		m.Organization = org
	case err != nil:
		return i, change, err
	}
	if change, err = s.settled(ctx, m.Organization, i, accepted); err != nil {
		return i, change, err
	}
	change.Memberships = joined.Memberships
	change.Suggestions, err = s.completed(ctx, org.ID, user.ID)
	return accepted, change, err
}

// completed settles the suggestion of an organization to somebody who joins it.
func (c *core) completed(ctx context.Context, org auth.OrganizationID, user auth.UserID) ([]auth.OrgSuggestion, error) {
	g, err := c.Store.OrgSuggestionOf(ctx, org, user)
	if errors.Is(err, auth.ErrNotFound) || (err == nil && g.Status == auth.SuggestionCompleted) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read suggestion: %w", err)
	}
	g.Status, g.UpdatedAt = auth.SuggestionCompleted, c.Now()
	return []auth.OrgSuggestion{g}, nil
}

// roleByID returns a role that something stored refers to; a role that is gone
// has become the default one.
func (c *core) roleByID(ctx context.Context, o auth.Organization, id auth.RoleID) (auth.Role, error) {
	all, err := c.catalogue(ctx)
	if err != nil {
		return auth.Role{}, err
	}
	if r, ok := all.Role(id); ok {
		return r, nil
	}
	return given(all, all.Set(o).DefaultRole)
}

// Invitee says whom the ticket with this hash is for. It refuses with
// [auth.CodeTicketInvalid], [auth.CodeTicketExpired] or [auth.CodeTicketConsumed].
func (s *Invitations) Invitee(ctx context.Context, hash [32]byte) (auth.Invitee, error) {
	i, err := s.ticket(ctx, hash)
	if err != nil {
		return auth.Invitee{}, err
	}
	return auth.Invitee{ID: auth.InvitationID(i.ID), EmailAddress: i.EmailAddress, RedirectURL: i.RedirectURL}, nil
}

func (s *Invitations) ticket(ctx context.Context, hash [32]byte) (i auth.OrgInvitation, err error) {
	if err := s.enabled(); err != nil {
		return i, err
	}
	i, err = s.Store.OrgInvitationByHash(ctx, hash)
	if errors.Is(err, auth.ErrNotFound) {
		return i, auth.RefuseParam(auth.CodeTicketInvalid, "ticket")
	}
	if err != nil {
		return i, fmt.Errorf("read invitation: %w", err)
	}
	return s.open(i)
}

// open refuses a ticket whose invitation cannot be accepted now.
func (s *Invitations) open(i auth.OrgInvitation) (auth.OrgInvitation, error) {
	switch i.StatusAt(s.Now()) {
	case auth.OrgInvitationPending:
		return i, nil
	case auth.OrgInvitationAccepted:
		return i, auth.RefuseParam(auth.CodeTicketConsumed, "ticket")
	case auth.OrgInvitationExpired:
		return i, auth.RefuseParam(auth.CodeTicketExpired, "ticket")
	default:
		return i, auth.RefuseParam(auth.CodeTicketInvalid, "ticket")
	}
}

// Accept returns the change by which the owner of the invited address accepts
// an invitation, to be committed together with what proved its ticket. Of several
// who use it at once one commits.
func (s *Invitations) Accept(ctx context.Context, id auth.InvitationID, user auth.User) (auth.Change, error) {
	i, err := s.Store.OrgInvitation(ctx, auth.OrgInvitationID(id))
	if err == nil {
		i, err = s.open(i)
	}
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Change{}, auth.RefuseParam(auth.CodeTicketInvalid, "ticket")
	}
	if err != nil {
		return auth.Change{}, err
	}
	_, change, err := s.acceptance(ctx, i, user)
	return auth.Change{Organizations: change}, err
}

// Arrival is what becomes of somebody who opens the link of an invitation.
type Arrival struct {
	Status      ArrivalStatus
	RedirectURL string // the inviter's choice, or empty
}

// ArrivalStatus says what is left to do, by its published names.
type ArrivalStatus string

// Arrival statuses.
const (
	ArrivalSignIn   ArrivalStatus = "sign_in"
	ArrivalSignUp   ArrivalStatus = "sign_up"
	ArrivalComplete ArrivalStatus = "complete"
)

// Arrive decides what the link of an invitation does where these users are
// signed in: whoever of them has proven the invited address accepts it at once.
func (s *Invitations) Arrive(ctx context.Context, hash [32]byte, signedIn []auth.User) (Arrival, error) {
	i, err := s.ticket(ctx, hash)
	if err != nil {
		return Arrival{}, err
	}
	out := Arrival{Status: ArrivalSignIn, RedirectURL: i.RedirectURL}
	for _, u := range signedIn {
		if u.HasProven(i.EmailAddress) {
			out.Status = ArrivalComplete
			_, err := s.AcceptOwn(ctx, u.ID, i.ID)
			return out, err
		}
	}
	_, err = s.Store.UserByEmail(ctx, i.EmailAddress)
	if errors.Is(err, auth.ErrNotFound) {
		out.Status, err = ArrivalSignUp, nil
	}
	return out, err
}
