package organization

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// SettingsEdit is what to set of the switches of organizations; nil leaves it
// as it is.
type SettingsEdit struct {
	Enabled        *bool
	MaxMemberships *int
	AdminDelete    *bool
	Domains        *bool
	SlugDisabled   *bool
	ForceSelection *bool
	Enrollments    []auth.EnrollmentMode // manual invitation may be named and is always there
	CreatorRole    *auth.RoleID
	DefaultRole    *auth.RoleID
}

// Current are the switches as they are.
func (s *Roles) Current() auth.OrganizationSettings { return s.Settings().Organizations }

// Configure changes the switches. The role of creators has to carry what
// somebody in every organization needs.
func (s *Roles) Configure(ctx context.Context, in SettingsEdit) (auth.OrganizationSettings, error) {
	c, err := s.Catalogue(ctx)
	if err != nil {
		return auth.OrganizationSettings{}, err
	}
	var creator, joining auth.Role
	if in.CreatorRole != nil {
		if creator, err = roleIn(c, *in.CreatorRole); err != nil {
			return auth.OrganizationSettings{}, namedParam(err, "creator_role_id")
		}
		if !creator.Manages() {
			return auth.OrganizationSettings{}, auth.RefuseParam(auth.CodeOrgMinimumPermissions, "creator_role_id")
		}
		if !c.Set(auth.Organization{}).Has(creator.ID) {
			return auth.OrganizationSettings{}, auth.RefuseParam(auth.CodeParamInvalid, "creator_role_id")
		}
	}
	if in.DefaultRole != nil {
		if joining, err = roleIn(c, *in.DefaultRole); err != nil {
			return auth.OrganizationSettings{}, namedParam(err, "domains_default_role_id")
		}
		if !c.Set(auth.Organization{}).Has(joining.ID) {
			return auth.OrganizationSettings{}, auth.RefuseParam(auth.CodeParamInvalid, "domains_default_role_id")
		}
	}
	out, err := s.UpdateSettings(ctx, func(all *auth.Settings) error {
		set := &all.Organizations
		overlay(&set.Enabled, in.Enabled)
		overlay(&set.MaxMemberships, in.MaxMemberships)
		overlay(&set.AdminDelete, in.AdminDelete)
		overlay(&set.Domains, in.Domains)
		overlay(&set.SlugDisabled, in.SlugDisabled)
		overlay(&set.ForceSelection, in.ForceSelection)
		if in.Enrollments != nil {
			set.Enrollments = []auth.EnrollmentMode{}
			for _, m := range in.Enrollments {
				if m != auth.EnrollManual {
					set.Enrollments = append(set.Enrollments, m)
				}
			}
		}
		if in.CreatorRole != nil {
			set.CreatorRole = creator.Key
		}
		if in.DefaultRole != nil {
			set.DefaultRole = joining.Key
		}
		return nil
	})
	return out.Organizations, err
}

func overlay[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
