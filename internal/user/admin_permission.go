package user

import "github.com/perennialauth/perennial/internal/auth"

// Permissions are what a back end decides that one user may do. Nil members
// stay as they are; see [auth.Permissions].
type Permissions struct {
	DeleteSelf         *bool
	CreateOrganization *bool
	OrganizationLimit  *int
}

func (p Permissions) apply(u *auth.User) {
	if p.DeleteSelf != nil {
		u.Permissions.DeleteSelf = auth.Decide(*p.DeleteSelf)
	}
	if p.CreateOrganization != nil {
		u.Permissions.CreateOrganization = auth.Decide(*p.CreateOrganization)
	}
	if p.OrganizationLimit != nil {
		u.Permissions.OrganizationLimit, u.Permissions.OrganizationsLimited = *p.OrganizationLimit, true
	}
}
