package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
)

// orgSettingsJSON are the switches of organizations.
type orgSettingsJSON struct {
	Object         string                `json:"object"` // "organization_settings"
	Enabled        bool                  `json:"enabled"`
	MaxMemberships int                   `json:"max_allowed_memberships"`
	MaxRoles       int                   `json:"max_allowed_roles"`
	MaxPermissions int                   `json:"max_allowed_permissions"`
	MaxDomains     int                   `json:"max_allowed_domains"`
	CreatorRole    string                `json:"creator_role"`
	AdminDelete    bool                  `json:"admin_delete_enabled"`
	Domains        bool                  `json:"domains_enabled"`
	SlugDisabled   bool                  `json:"slug_disabled"`
	Enrollments    []auth.EnrollmentMode `json:"domains_enrollment_modes"`
	DefaultRole    string                `json:"domains_default_role"`
}

func toOrgSettings(set auth.OrganizationSettings) orgSettingsJSON {
	return orgSettingsJSON{
		Object: "organization_settings", Enabled: set.Enabled, MaxMemberships: set.MaxMemberships, MaxRoles: auth.MaxRoles,
		MaxPermissions: auth.MaxPermissions, MaxDomains: auth.MaxOrgDomains, CreatorRole: set.CreatorRole,
		AdminDelete: set.AdminDelete, Domains: set.Domains, SlugDisabled: set.SlugDisabled,
		Enrollments: append([]auth.EnrollmentMode{auth.EnrollManual}, set.Enrollments...), DefaultRole: set.DefaultRole,
	}
}

func (a *API) getOrganizationSettings(http.ResponseWriter, *http.Request) (any, error) {
	return toOrgSettings(a.Organizations.Roles.Current()), nil
}

func (a *API) updateOrganizationSettings(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := organization.SettingsEdit{
		Enabled: f.OptionalBool("enabled"), MaxMemberships: count(f, "max_allowed_memberships"),
		AdminDelete: f.OptionalBool("admin_delete_enabled"), Domains: f.OptionalBool("domains_enabled"),
		SlugDisabled: f.OptionalBool("slug_disabled"), ForceSelection: f.OptionalBool("force_organization_selection"),
	}
	if f.Has("domains_enrollment_modes") {
		in.Enrollments = append([]auth.EnrollmentMode{}, ids[auth.EnrollmentMode](f.Strings("domains_enrollment_modes"))...)
	}
	if id := f.String("creator_role_id"); id != "" {
		role := auth.RoleID(id)
		in.CreatorRole = &role
	}
	if id := f.String("domains_default_role_id"); id != "" {
		role := auth.RoleID(id)
		in.DefaultRole = &role
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	set, err := a.Organizations.Roles.Configure(r.Context(), in)
	if err != nil {
		return nil, err
	}
	return toOrgSettings(set), nil
}
