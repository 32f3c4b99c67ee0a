package auth

// Decision is what a back end decided about one user, where the instance has a
// setting for everybody. It is kept as a number.
type Decision int

// Decisions.
const (
	Undecided Decision = iota // as the instance has it
	Allowed
	Forbidden
)

// Decide is a decision that was made.
func Decide(allowed bool) Decision {
	if allowed {
		return Allowed
	}
	return Forbidden
}

// Or is what holds for the user: the decision, and without one what the instance
// has for everybody.
func (d Decision) Or(instance bool) bool {
	if d == Undecided {
		return instance
	}
	return d == Allowed
}

// Permissions are what a back end decided that one user may do.
type Permissions struct {
	DeleteSelf         Decision // delete their own account
	CreateOrganization Decision
	// OrganizationLimit is how many organizations the user may have created, 0
	// for any number. It counts where OrganizationsLimited says so.
	OrganizationLimit    int
	OrganizationsLimited bool
}

// MayDeleteSelf says whether the user may delete their own account.
func (s Settings) MayDeleteSelf(u User) bool { return u.Permissions.DeleteSelf.Or(s.DeleteSelf) }

// MayCreate says whether the user may create organizations.
func (s OrganizationSettings) MayCreate(u User) bool {
	return s.Enabled && u.Permissions.CreateOrganization.Or(s.Create)
}

// LimitOf is how many organizations the user may have created, 0 for any number.
func (s OrganizationSettings) LimitOf(u User) int {
	if u.Permissions.OrganizationsLimited {
		return u.Permissions.OrganizationLimit
	}
	return s.CreateLimit
}
