package auth

// OrganizationChange is the part of a [Change] about organizations; its records
// follow the same rules.
type OrganizationChange struct {
	Organizations      []Organization
	Deleted            []Organization // only ID and Version are read; what belongs to them goes with them
	Roles              []Role
	DeletedRoles       []Role // a role that somebody has is a conflict
	RoleSets           []RoleSet
	RoleMoves          []RoleMove
	RoleSetMoves       []RoleSetMove
	DeletedRoleSets    []RoleSet
	Permissions        []Permission
	DeletedPermissions []Permission
	Memberships        []Membership
	DeletedMemberships []Membership
	Domains            []OrgDomain
	DeletedDomains     []OrgDomain // their pending suggestions go with them
	Invitations        []OrgInvitation
	Suggestions        []OrgSuggestion
}

// Empty says whether there is nothing to make durable.
func (c OrganizationChange) Empty() bool {
	return len(c.Organizations)+len(c.Deleted)+len(c.Roles)+len(c.DeletedRoles)+len(c.Permissions)+
		len(c.DeletedPermissions)+len(c.Memberships)+len(c.DeletedMemberships)+len(c.Domains)+len(c.DeletedDomains)+
		len(c.Invitations)+len(c.Suggestions)+len(c.RoleSets)+len(c.RoleMoves)+len(c.RoleSetMoves)+len(c.DeletedRoleSets) == 0
}

// Merge returns both changes as one.
func (c OrganizationChange) Merge(d OrganizationChange) OrganizationChange {
	c.Organizations = append(c.Organizations, d.Organizations...)
	c.Deleted = append(c.Deleted, d.Deleted...)
	c.Roles = append(c.Roles, d.Roles...)
	c.DeletedRoles = append(c.DeletedRoles, d.DeletedRoles...)
	c.RoleSets = append(c.RoleSets, d.RoleSets...)
	c.RoleMoves = append(c.RoleMoves, d.RoleMoves...)
	c.RoleSetMoves = append(c.RoleSetMoves, d.RoleSetMoves...)
	c.DeletedRoleSets = append(c.DeletedRoleSets, d.DeletedRoleSets...)
	c.Permissions = append(c.Permissions, d.Permissions...)
	c.DeletedPermissions = append(c.DeletedPermissions, d.DeletedPermissions...)
	c.Memberships = append(c.Memberships, d.Memberships...)
	c.DeletedMemberships = append(c.DeletedMemberships, d.DeletedMemberships...)
	c.Domains = append(c.Domains, d.Domains...)
	c.DeletedDomains = append(c.DeletedDomains, d.DeletedDomains...)
	c.Invitations = append(c.Invitations, d.Invitations...)
	c.Suggestions = append(c.Suggestions, d.Suggestions...)
	return c
}

// Joined is the organization of the first membership, or empty: what a session
// that begins with the change acts in.
func (c OrganizationChange) Joined() OrganizationID {
	if len(c.Memberships) == 0 {
		return ""
	}
	return c.Memberships[0].Organization
}
