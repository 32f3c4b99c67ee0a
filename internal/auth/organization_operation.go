package auth

import "slices"

// OrgOperation is something a member does with an organization over the
// Frontend API.
type OrgOperation int

// Operations on an organization.
const (
	OrgRead OrgOperation = iota
	OrgLeave
	OrgUpdate
	OrgChangeLogo
	OrgDelete
	OrgListRoles
	OrgListMembers
	OrgAddMember
	OrgChangeMember
	OrgRemoveMember
	OrgListInvitations
	OrgInvite
	OrgRevokeInvitation
	OrgListRequests
	OrgAnswerRequest
	OrgListDomains
	OrgChangeDomains
)

// orgPermissions is what each operation takes; the empty permission is being a
// member. An operation without a row takes what nobody has.
var orgPermissions = map[OrgOperation]string{
	OrgRead:             "",
	OrgLeave:            "",
	OrgListRoles:        "",
	OrgUpdate:           PermManageProfile,
	OrgChangeLogo:       PermManageProfile,
	OrgDelete:           PermDeleteProfile,
	OrgListMembers:      PermReadMemberships,
	OrgAddMember:        PermManageMemberships,
	OrgChangeMember:     PermManageMemberships,
	OrgRemoveMember:     PermManageMemberships,
	OrgListInvitations:  PermManageMemberships,
	OrgInvite:           PermManageMemberships,
	OrgRevokeInvitation: PermManageMemberships,
	OrgListRequests:     PermManageMemberships,
	OrgAnswerRequest:    PermManageMemberships,
	OrgListDomains:      PermReadDomains,
	OrgChangeDomains:    PermManageDomains,
}

// Allow refuses with [CodeOrgPermissionMissing] what the member's role does not
// carry, and with [CodeOrgDeleteForbidden] the deletion of an organization that
// its members cannot delete.
func (b Belonging) Allow(op OrgOperation) error {
	needed, listed := orgPermissions[op]
	if !listed || (needed != "" && !b.May(needed)) {
		return &Error{Code: CodeOrgPermissionMissing, Meta: map[string]any{"permissions": []string{needed}}}
	}
	if op == OrgDelete && !b.Organization.AdminDelete {
		return Refuse(CodeOrgDeleteForbidden)
	}
	return nil
}

// AllowRole refuses to give, change or take away a role that carries a system
// permission the member does not have: whoever manages members could otherwise
// make themselves an administrator.
func (b Belonging) AllowRole(r Role) error {
	for _, p := range r.Permissions {
		if (Permission{Key: p}).System() && !slices.Contains(b.Role.Permissions, p) {
			return &Error{Code: CodeOrgPermissionMissing, Meta: map[string]any{"permissions": []string{p}}}
		}
	}
	return nil
}
