package organization

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Members says who belongs to an organization with which role.
type Members struct{ *core }

// MemberStore is what memberships need of the store, see [Store].
type MemberStore interface {
	Belonging(ctx context.Context, org auth.OrganizationID, user auth.UserID) (auth.Belonging, error)
	Members(ctx context.Context, q auth.MemberQuery) ([]auth.Member, int, error)
	OtherManagers(ctx context.Context, org auth.OrganizationID, user auth.UserID) (int, error)
}

// List returns one page of the members of an organization, and how many match.
// Roles are given by their keys; unknown ones match nobody.
func (s *Members) List(
	ctx context.Context, by Actor, id auth.OrganizationID, q auth.MemberQuery, roles []string,
) ([]auth.Member, int, error) {
	if _, err := s.enter(ctx, by, id, auth.OrgListMembers); err != nil {
		return nil, 0, err
	}
	for _, key := range roles {
		r, err := s.roleByKey(ctx, key, "role")
		switch {
		case err == nil:
			q.Roles = append(q.Roles, r.ID)
		case !errors.Is(err, auth.Refuse(auth.CodeResourceNotFound)):
			return nil, 0, err
		}
	}
	if len(roles) > 0 && len(q.Roles) == 0 {
		return nil, 0, nil
	}
	q.Organization = id
	return s.Store.Members(ctx, q)
}

// OfUser returns one page of a user's memberships, oldest first unless the
// query says otherwise.
func (s *Members) OfUser(ctx context.Context, user auth.UserID, q auth.MemberQuery) ([]auth.Member, int, error) {
	q.User = user
	return s.Store.Members(ctx, q)
}

// All returns one page of all memberships of the instance, an operator's right.
func (s *Members) All(ctx context.Context, q auth.MemberQuery) ([]auth.Member, int, error) {
	return s.Store.Members(ctx, q)
}

// Add is who is to become a member, and how.
type Add struct {
	User        auth.UserID
	Role        string // key
	PublicMeta  json.RawMessage
	PrivateMeta json.RawMessage
}

// Add makes a user a member.
func (s *Members) Add(ctx context.Context, by Actor, id auth.OrganizationID, in Add) (out auth.Member, err error) {
	if by != Operator {
		in.PublicMeta, in.PrivateMeta = nil, nil
	}
	if in.PublicMeta, err = auth.ParseMetadata(in.PublicMeta, "public_metadata"); err != nil {
		return out, err
	}
	if in.PrivateMeta, err = auth.ParseMetadata(in.PrivateMeta, "private_metadata"); err != nil {
		return out, err
	}
	err = s.inTurn(id, func() error {
		b, err := s.enter(ctx, by, id, auth.OrgAddMember)
		if err != nil {
			return err
		}
		role, err := s.roleFor(ctx, b.Organization, in.Role, "role")
		if err != nil {
			return err
		}
		if err := mayGive(by, b, role); err != nil {
			return err
		}
		user, err := s.Store.User(ctx, in.User)
		if errors.Is(err, auth.ErrNotFound) {
			return auth.RefuseParam(auth.CodeResourceNotFound, "user_id")
		}
		if err != nil {
			return fmt.Errorf("read user: %w", err)
		}
		var change auth.OrganizationChange
		out, change, err = s.join(ctx, joining{
			org: b.Organization, user: user, role: role, publicMeta: in.PublicMeta, privateMeta: in.PrivateMeta,
		})
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: change})
	})
	return out, refuseTaken(err)
}

// joining is who becomes a member of what.
type joining struct {
	org                     auth.Organization
	user                    auth.User
	role                    auth.Role
	publicMeta, privateMeta json.RawMessage
}

// join returns the change that makes a user a member, with the organization in
// it. Somebody who is one already is refused with [auth.CodeOrgAlreadyMember].
func (c *core) join(ctx context.Context, j joining) (m auth.Member, change auth.OrganizationChange, err error) {
	now := c.Now()
	switch _, err := c.Store.Belonging(ctx, j.org.ID, j.user.ID); {
	case err == nil:
		return m, change, auth.RefuseParam(auth.CodeOrgAlreadyMember, "user_id")
	case !errors.Is(err, auth.ErrNotFound):
		return m, change, fmt.Errorf("look for membership: %w", err)
	}
	id, err := auth.NewMembershipID(now, c.Entropy)
	if err != nil {
		return m, change, err
	}
	if m.Organization, err = j.org.Grown(now); err != nil {
		return m, change, err
	}
	m.User, m.Role = j.user, j.role
	m.Membership = auth.Membership{
		ID: id, Organization: j.org.ID, User: j.user.ID, Role: j.role.ID,
		PublicMeta: j.publicMeta, PrivateMeta: j.privateMeta, CreatedAt: now, UpdatedAt: now,
	}
	change.Organizations = []auth.Organization{m.Organization}
	change.Memberships = []auth.Membership{m.Membership}
	return m, change, nil
}

// Change gives a member another role.
func (s *Members) Change(ctx context.Context, by Actor, id auth.OrganizationID, user auth.UserID, key string) (auth.Member, error) {
	return s.onMember(ctx, by, id, user, auth.OrgChangeMember, func(b, m auth.Belonging, now time.Time) (auth.Belonging, auth.OrganizationChange, error) {
		role, err := s.roleFor(ctx, m.Organization, key, "role")
		if err != nil {
			return m, auth.OrganizationChange{}, err
		}
		if err := firstRefusal(mayGive(by, b, m.Role), mayGive(by, b, role)); err != nil {
			return m, auth.OrganizationChange{}, err
		}
		managers, err := s.Store.OtherManagers(ctx, id, user)
		if err != nil {
			return m, auth.OrganizationChange{}, fmt.Errorf("count managers: %w", err)
		}
		if m.Organization, err = m.Organization.Regrade(m.Role, role, managers, now); err != nil {
			return m, auth.OrganizationChange{}, err
		}
		m.Role, m.Membership.Role, m.Membership.UpdatedAt = role, role.ID, now
		return m, auth.OrganizationChange{
			Organizations: []auth.Organization{m.Organization}, Memberships: []auth.Membership{m.Membership},
		}, nil
	})
}

// Remove ends a membership. Members may end their own, whatever their role. The
// last one who can manage the organization stays.
func (s *Members) Remove(ctx context.Context, by Actor, id auth.OrganizationID, user auth.UserID) (auth.Member, error) {
	op := auth.OrgRemoveMember
	if by.User == user {
		op = auth.OrgLeave
	}
	return s.onMember(ctx, by, id, user, op, func(b, m auth.Belonging, now time.Time) (auth.Belonging, auth.OrganizationChange, error) {
		if op == auth.OrgRemoveMember {
			if err := mayGive(by, b, m.Role); err != nil {
				return m, auth.OrganizationChange{}, err
			}
		}
		managers, err := s.Store.OtherManagers(ctx, id, user)
		if err != nil {
			return m, auth.OrganizationChange{}, fmt.Errorf("count managers: %w", err)
		}
		if m.Organization, err = m.Organization.Shrunk(m.Role, managers, now); err != nil {
			return m, auth.OrganizationChange{}, err
		}
		return m, auth.OrganizationChange{
			Organizations: []auth.Organization{m.Organization}, DeletedMemberships: []auth.Membership{m.Membership},
		}, nil
	})
}

// MayLeave refuses, with [auth.CodeOrgMinimumPermissions], the last member who
// can manage the organization, who can neither leave nor take a lesser role.
func (s *Members) MayLeave(ctx context.Context, by Actor, id auth.OrganizationID) error {
	b, err := s.enter(ctx, by, id, auth.OrgLeave)
	if err != nil {
		return err
	}
	managers, err := s.Store.OtherManagers(ctx, id, by.User)
	if err != nil {
		return fmt.Errorf("count managers: %w", err)
	}
	_, err = b.Organization.Shrunk(b.Role, managers, s.Now())
	return err
}

// MergeMetadata merges into the metadata of a membership, an operator's right.
func (s *Members) MergeMetadata(ctx context.Context, id auth.OrganizationID, user auth.UserID, public, private json.RawMessage) (auth.Member, error) {
	return s.onMember(ctx, Operator, id, user, auth.OrgChangeMember, func(_, m auth.Belonging, now time.Time) (_ auth.Belonging, ch auth.OrganizationChange, err error) {
		if m.Membership.PublicMeta, err = auth.MergeMetadata(m.Membership.PublicMeta, public, "public_metadata"); err != nil {
			return m, ch, err
		}
		if m.Membership.PrivateMeta, err = auth.MergeMetadata(m.Membership.PrivateMeta, private, "private_metadata"); err != nil {
			return m, ch, err
		}
		m.Membership.UpdatedAt = now
		ch.Memberships = []auth.Membership{m.Membership}
		return m, ch, nil
	})
}

// decideMember says what becomes of a membership m, decided on by whoever has b.
type decideMember func(b, m auth.Belonging, now time.Time) (auth.Belonging, auth.OrganizationChange, error)

// onMember changes one membership. A user who is no member is refused like one
// who does not exist.
func (s *Members) onMember(
	ctx context.Context, by Actor, id auth.OrganizationID, user auth.UserID, op auth.OrgOperation, decide decideMember,
) (out auth.Member, err error) {
	err = s.inTurn(id, func() error {
		b, err := s.enter(ctx, by, id, op)
		if err != nil {
			return err
		}
		m, err := s.Store.Belonging(ctx, id, user)
		if errors.Is(err, auth.ErrNotFound) {
			return auth.Refuse(auth.CodeResourceNotFound)
		}
		if err != nil {
			return fmt.Errorf("read membership: %w", err)
		}
		// The organization as it was before anything else was read: its version
		// notices whoever joins or leaves meanwhile.
		m.Organization = b.Organization
		var change auth.OrganizationChange
		if out.Belonging, change, err = decide(b, m, s.Now()); err != nil {
			return err
		}
		if out.User, err = s.Store.User(ctx, user); err != nil {
			return fmt.Errorf("read member: %w", err)
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: change})
	})
	return out, err
}

func firstRefusal(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
