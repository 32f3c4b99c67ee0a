package frontendapi

import "github.com/perennialauth/perennial/internal/auth"

// organizationSettings is the part of the environment about organizations.
func organizationSettings(set auth.OrganizationSettings) fields {
	modes := []string{string(auth.EnrollManual)}
	for _, m := range set.Enrollments {
		modes = append(modes, string(m))
	}
	return fields{
		"enabled": set.Enabled, "max_allowed_memberships": set.MaxMemberships,
		"force_organization_selection": set.Enabled && set.ForceSelection, "creator_role": set.CreatorRole,
		"actions": fields{"admin_delete": set.AdminDelete}, "slug": fields{"disabled": set.SlugDisabled},
		"domains": fields{"enabled": set.Enabled && set.Domains, "enrollment_modes": modes, "default_role": set.DefaultRole},
	}
}
