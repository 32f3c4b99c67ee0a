package auth

import (
	"io"
	"time"
)

// Identifiers of what belongs to organizations, made like all others, see [ClientID].
type (
	OrganizationID  string // org_…
	MembershipID    string // orgmem_…
	OrgInvitationID string // orginv_…
	OrgDomainID     string // orgdmn_…
	OrgSuggestionID string // orgsug_…; as a membership request orgreq_…
	RoleID          string // role_…
	PermissionID    string // perm_…
)

// NewOrganizationID returns a fresh organization identifier. It fails only when entropy does.
func NewOrganizationID(now time.Time, entropy io.Reader) (OrganizationID, error) {
	s, err := newID("org", now, entropy)
	return OrganizationID(s), err
}

// NewMembershipID returns a fresh membership identifier. It fails only when entropy does.
func NewMembershipID(now time.Time, entropy io.Reader) (MembershipID, error) {
	s, err := newID("orgmem", now, entropy)
	return MembershipID(s), err
}

// NewOrgInvitationID returns a fresh identifier of an invitation to an
// organization. It fails only when entropy does.
func NewOrgInvitationID(now time.Time, entropy io.Reader) (OrgInvitationID, error) {
	s, err := newID("orginv", now, entropy)
	return OrgInvitationID(s), err
}

// NewOrgDomainID returns a fresh identifier of an organization's domain. It
// fails only when entropy does.
func NewOrgDomainID(now time.Time, entropy io.Reader) (OrgDomainID, error) {
	s, err := newID("orgdmn", now, entropy)
	return OrgDomainID(s), err
}

// NewOrgSuggestionID returns a fresh identifier of a suggestion. It fails only
// when entropy does.
func NewOrgSuggestionID(now time.Time, entropy io.Reader) (OrgSuggestionID, error) {
	s, err := newID("orgsug", now, entropy)
	return OrgSuggestionID(s), err
}

// NewRoleID returns a fresh role identifier. It fails only when entropy does.
func NewRoleID(now time.Time, entropy io.Reader) (RoleID, error) {
	s, err := newID("role", now, entropy)
	return RoleID(s), err
}

// NewPermissionID returns a fresh permission identifier. It fails only when entropy does.
func NewPermissionID(now time.Time, entropy io.Reader) (PermissionID, error) {
	s, err := newID("perm", now, entropy)
	return PermissionID(s), err
}
