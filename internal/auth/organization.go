package auth

import (
	"encoding/json"
	"slices"
	"time"
)

// Organization is a group of users who act together. Whatever changes who
// belongs to it writes it too, so that its version decides between parallel
// changes: of two administrators who remove each other, one stays.
type Organization struct {
	ID             OrganizationID
	Version        int64 // compare-and-swap guard; zero means not stored yet
	Name           string
	Slug           string          // unique when not empty
	CreatedBy      UserID          // empty when a back end made it for nobody
	RoleSet        RoleSetID       // empty for the initial one
	PublicMeta     json.RawMessage // JSON object; never nil once stored
	PrivateMeta    json.RawMessage // JSON object; never nil once stored
	MaxMemberships int             // 0 is no limit
	AdminDelete    bool            // who may delete it over the Frontend API can
	Image          ImageID         // logo, or empty
	Members        int
	Pending        int // invitations, as of the last change of any
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Membership is a user's place in an organization. There is at most one for a
// user and an organization.
type Membership struct {
	ID           MembershipID
	Version      int64 // compare-and-swap guard; zero means not stored yet
	Organization OrganizationID
	User         UserID
	Role         RoleID
	PublicMeta   json.RawMessage // JSON object; never nil once stored
	PrivateMeta  json.RawMessage // JSON object; never nil once stored
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Belonging is a membership with the organization and the role it names.
type Belonging struct {
	Membership   Membership
	Organization Organization
	Role         Role
}

// Member is a belonging with its user.
type Member struct {
	Belonging
	User User
}

// May says whether the role carries the permission.
func (b Belonging) May(p string) bool { return b.Role.Has(p) }

// Belonging returns the membership of a user in an organization that the
// aggregate shows, and whether there is one.
func (a ClientAggregate) Belonging(user UserID, org OrganizationID) (Belonging, bool) {
	if org == "" {
		return Belonging{}, false
	}
	i := slices.IndexFunc(a.Belongings[user], func(b Belonging) bool { return b.Organization.ID == org })
	if i < 0 {
		return Belonging{}, false
	}
	return a.Belongings[user][i], true
}

// Active is the membership a session acts in, and whether there is one. It is
// looked up, never remembered: whoever is removed acts in it no longer.
func (a ClientAggregate) Active(s Session) (Belonging, bool) {
	return a.Belonging(s.User, s.Organization)
}

// Acting is the session as it stands now: in no organization when its user has
// left the one it acts in, and with the choice of another as a task where the
// instance asks for one.
func (a ClientAggregate) Acting(s Session, set OrganizationSettings, now time.Time) Session {
	if _, ok := a.Active(s); ok || s.Organization == "" {
		return s
	}
	s.Organization = ""
	return s.SetTask(TaskChooseOrganization, set.Choose(""), now)
}

// BelongingsShown bounds the memberships of one user in a client document; the
// one a session acts in is always among them.
const BelongingsShown = 100

// ActIn returns the session acting in another organization from now on, none
// when it is empty. Where one has to be chosen, it keeps the last one instead of
// none, and the choice is a task that is done by it.
func (s Session) ActIn(org OrganizationID, set OrganizationSettings, now time.Time) Session {
	if org == "" && set.ForceSelection && set.Enabled {
		org = s.Organization
	}
	if org != s.Organization {
		s.Organization, s.UpdatedAt = org, now
	}
	return s.SetTask(TaskChooseOrganization, set.Choose(org), now)
}
