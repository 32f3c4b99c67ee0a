package webhook

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// Event is something that a change makes happen. Subject is the record it
// happens to: an [auth.User], [auth.Session], [auth.Organization],
// [auth.Membership], [auth.OrgInvitation], [auth.OrgDomain], [auth.Role],
// [auth.Permission] or [auth.WaitlistEntry], as the change writes it.
type Event struct {
	Type    string
	Subject any
}

// Deletion says whether the record is gone after the change.
func (e Event) Deletion() bool { return strings.HasSuffix(e.Type, ".deleted") }

// Records are the reads that tell what a change alters.
type Records interface {
	User(context.Context, auth.UserID) (auth.User, error)
	Session(context.Context, auth.SessionID) (auth.Session, error)
	Organization(context.Context, auth.OrganizationID) (auth.Organization, error)
}

// eventsOf returns what the change makes happen. What it writes without
// altering anything that a document shows makes nothing happen.
func eventsOf(ctx context.Context, before Records, ch auth.Change) ([]Event, error) {
	var out []Event
	for _, u := range ch.Users {
		old, err := known(ctx, u.Version, u.ID, before.User)
		if err != nil {
			return nil, err
		}
		if !sameUser(old, u) {
			out = append(out, Event{"user." + written(u.Version), u})
		}
	}
	for _, u := range ch.DeletedUsers {
		out = append(out, Event{"user.deleted", u})
	}
	for _, s := range ch.Sessions {
		old, err := known(ctx, s.Version, s.ID, before.Session)
		if err != nil {
			return nil, err
		}
		if what := sessionEvent(s); what != "" && old.Status != s.Status {
			out = append(out, Event{"session." + what, s})
		}
	}
	for _, o := range ch.Organizations.Organizations {
		old, err := known(ctx, o.Version, o.ID, before.Organization)
		if err != nil {
			return nil, err
		}
		if !sameOrganization(old, o) {
			out = append(out, Event{"organization." + written(o.Version), o})
		}
	}
	// No document is published about an entry that is deleted.
	out = append(out, eventsFor("waitlistEntry", ch.Admission.Waitlist, nil, func(e auth.WaitlistEntry) int64 { return e.Version })...)
	return append(out, organizationEvents(ch.Organizations)...), nil
}

// known reads the record as it was, the zero value for one that was not. One
// that is gone meanwhile fails the commit.
func known[ID, T any](ctx context.Context, version int64, id ID, read func(context.Context, ID) (T, error)) (old T, _ error) {
	if version == 0 {
		return old, nil
	}
	old, err := read(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return old, nil
	}
	return old, err
}

func sameUser(a, b auth.User) bool {
	a.Version, a.UpdatedAt, a.LastActiveAt = b.Version, b.UpdatedAt, b.LastActiveAt
	return reflect.DeepEqual(a, b)
}

// sameOrganization disregards the counts: they move with memberships and
// invitations, which have events of their own.
func sameOrganization(a, b auth.Organization) bool {
	a.Version, a.UpdatedAt, a.Members, a.Pending = b.Version, b.UpdatedAt, b.Members, b.Pending
	return reflect.DeepEqual(a, b)
}

// organizationEvents are those about what belongs to organizations.
func organizationEvents(ch auth.OrganizationChange) (out []Event) {
	out = append(out, eventsFor("permission", ch.Permissions, ch.DeletedPermissions, func(p auth.Permission) int64 { return p.Version })...)
	out = append(out, eventsFor("role", ch.Roles, ch.DeletedRoles, func(r auth.Role) int64 { return r.Version })...)
	out = append(out, eventsFor("organization", nil, ch.Deleted, func(auth.Organization) int64 { return 0 })...)
	out = append(out, eventsFor("organizationMembership", ch.Memberships, ch.DeletedMemberships,
		func(m auth.Membership) int64 { return m.Version })...)
	out = append(out, eventsFor("organizationDomain", ch.Domains, ch.DeletedDomains, func(d auth.OrgDomain) int64 { return d.Version })...)
	for _, i := range ch.Invitations {
		if what := invitationEvent(i); what != "" {
			out = append(out, Event{"organizationInvitation." + what, i})
		}
	}
	return out
}

func eventsFor[T any](kind string, changed, deleted []T, version func(T) int64) (out []Event) {
	for _, x := range changed {
		out = append(out, Event{kind + "." + written(version(x)), x})
	}
	for _, x := range deleted {
		out = append(out, Event{kind + ".deleted", x})
	}
	return out
}

func written(version int64) string {
	if version == 0 {
		return "created"
	}
	return "updated"
}

// sessionEvent names what it means that a session has come to its status. It is
// empty where nothing is published: for ends that nobody brought about.
func sessionEvent(s auth.Session) string {
	switch s.Status {
	case auth.SessionActive:
		return "created"
	case auth.SessionPending, auth.SessionEnded, auth.SessionRemoved, auth.SessionRevoked:
		return string(s.Status)
	case auth.SessionExpired, auth.SessionAbandoned, auth.SessionReplaced:
	}
	return ""
}

func invitationEvent(i auth.OrgInvitation) string {
	switch {
	case i.Version == 0:
		return "created"
	case i.Status == auth.OrgInvitationAccepted, i.Status == auth.OrgInvitationRevoked:
		return string(i.Status)
	}
	return ""
}
