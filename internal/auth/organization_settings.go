package auth

import "slices"

// OrganizationSettings are the switches of organizations.
type OrganizationSettings struct {
	Enabled        bool `json:"enabled"`
	MaxMemberships int  `json:"max_allowed_memberships"` // of new organizations; 0 is no limit
	AdminDelete    bool `json:"admin_delete"`            // new organizations can be deleted by who may in them
	// ForceSelection makes a session pending until it acts in an organization.
	ForceSelection bool             `json:"force_organization_selection"`
	Create         bool             `json:"create_organization"`        // people may create organizations
	CreateLimit    int              `json:"create_organizations_limit"` // how many one person may have created; 0 is no limit
	SlugDisabled   bool             `json:"slug_disabled"`
	CreatorRole    string           `json:"creator_role"` // key
	Domains        bool             `json:"domains"`
	Enrollments    []EnrollmentMode `json:"domains_enrollment_modes"` // besides manual invitation
	DefaultRole    string           `json:"domains_default_role"`     // key, of people who join by a domain
}

// DefaultOrganizationSettings are those of a new instance.
func DefaultOrganizationSettings() OrganizationSettings {
	return OrganizationSettings{
		Enabled: true, MaxMemberships: 100, AdminDelete: true, Create: true, CreateLimit: 100,
		CreatorRole: RoleKeyAdmin, DefaultRole: RoleKeyMember, Enrollments: []EnrollmentMode{},
	}
}

// Check says what makes the settings unusable. The error has code
// [CodeParamInvalid].
func (s OrganizationSettings) Check() error {
	switch {
	case s.MaxMemberships < 0:
		return RefuseParam(CodeParamInvalid, "max_allowed_memberships")
	case s.CreateLimit < 0:
		return RefuseParam(CodeParamInvalid, "create_organizations_limit")
	case slices.ContainsFunc(s.Enrollments, func(m EnrollmentMode) bool { return m != EnrollInvite && m != EnrollSuggest }):
		return RefuseParam(CodeParamInvalid, "domains_enrollment_modes")
	case CheckRoleKey(s.CreatorRole) != nil:
		return RefuseParam(CodeParamInvalid, "creator_role")
	case CheckRoleKey(s.DefaultRole) != nil:
		return RefuseParam(CodeParamInvalid, "domains_default_role")
	}
	return nil
}

// Choose says whether a session that acts in this organization, or in none
// when it is empty, still has to choose one.
func (s OrganizationSettings) Choose(active OrganizationID) bool {
	return s.Enabled && s.ForceSelection && active == ""
}

// Offers says whether domains may have this mode.
func (s OrganizationSettings) Offers(m EnrollmentMode) bool {
	return m == EnrollManual || slices.Contains(s.Enrollments, m)
}
