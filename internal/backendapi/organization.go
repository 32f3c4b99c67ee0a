package backendapi

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// organizationRoutes are the operations on organizations.
func (a *API) organizationRoutes() map[string]handler {
	const one = "/v1/organizations/{organization_id}"
	return map[string]handler{
		"GET /v1/organizations":      a.listOrganizations,
		"POST /v1/organizations":     a.createOrganization,
		"GET " + one:                 a.inOrganization(a.getOrganization),
		"PATCH " + one:               a.inOrganization(a.updateOrganization),
		"DELETE " + one:              a.inOrganization(a.deleteOrganization),
		"PATCH " + one + "/metadata": a.inOrganization(a.mergeOrganizationMetadata),
		"PUT " + one + "/logo":       a.inOrganization(a.setLogo),
		"DELETE " + one + "/logo":    a.inOrganization(a.deleteLogo),
		"PUT " + one + "/metadata":   a.inOrganization(a.replaceOrganizationMetadata),

		"GET " + one + "/memberships":                      a.inOrganization(a.listMembers),
		"POST " + one + "/memberships":                     a.inOrganization(a.addMember),
		"PATCH " + one + "/memberships/{user_id}":          a.inOrganization(a.changeMember),
		"DELETE " + one + "/memberships/{user_id}":         a.inOrganization(a.removeMember),
		"PATCH " + one + "/memberships/{user_id}/metadata": a.inOrganization(a.mergeMemberMetadata),
		"GET /v1/organization_memberships":                 a.listAllMembers,
		"GET /v1/users/{user_id}/organization_memberships": a.listMembershipsOfUser,

		"GET " + one + "/invitations":                         a.inOrganization(a.listOrgInvitations),
		"GET " + one + "/invitations/pending":                 a.inOrganization(a.listPendingOrgInvitations),
		"POST " + one + "/invitations":                        a.inOrganization(a.createOrgInvitation),
		"POST " + one + "/invitations/bulk":                   a.inOrganization(a.createOrgInvitations),
		"GET " + one + "/invitations/{invitation_id}":         a.inOrganization(a.getOrgInvitation),
		"POST " + one + "/invitations/{invitation_id}/revoke": a.inOrganization(a.revokeOrgInvitation),
		"GET /v1/organization_invitations":                    a.listAllOrgInvitations,
		"GET /v1/users/{user_id}/organization_invitations":    a.listOrgInvitationsOfUser,

		"GET " + one + "/domains":                               a.inOrganization(a.listOrgDomains),
		"POST " + one + "/domains":                              a.inOrganization(a.createOrgDomain),
		"PATCH " + one + "/domains/{domain_id}":                 a.inOrganization(a.updateOrgDomain),
		"DELETE " + one + "/domains/{domain_id}":                a.inOrganization(a.deleteOrgDomain),
		"POST " + one + "/domains/{domain_id}/verify_ownership": a.inOrganization(a.verifyOrgDomain),
		"GET /v1/organization_domains":                          a.listAllOrgDomains,

		"GET /v1/organization_roles":                                                       a.listRoles,
		"POST /v1/organization_roles":                                                      a.createRole,
		"GET /v1/organization_roles/{organization_role_id}":                                a.getRole,
		"PATCH /v1/organization_roles/{organization_role_id}":                              a.updateRole,
		"DELETE /v1/organization_roles/{organization_role_id}":                             a.deleteRole,
		"POST /v1/organization_roles/{organization_role_id}/permissions/{permission_id}":   a.grantPermission,
		"DELETE /v1/organization_roles/{organization_role_id}/permissions/{permission_id}": a.withdrawPermission,
		"GET /v1/organization_permissions":                                                 a.listPermissions,
		"POST /v1/organization_permissions":                                                a.createPermission,
		"GET /v1/organization_permissions/{permission_id}":                                 a.getPermission,
		"PATCH /v1/organization_permissions/{permission_id}":                               a.updatePermission,
		"DELETE /v1/organization_permissions/{permission_id}":                              a.deletePermission,
		"GET /v1/role_sets":                                                                a.listRoleSets,
		"POST /v1/role_sets":                                                               a.createRoleSet,
		"GET /v1/role_sets/{role_set_key_or_id}":                                           a.getRoleSet,
		"PATCH /v1/role_sets/{role_set_key_or_id}":                                         a.updateRoleSet,
		"POST /v1/role_sets/{role_set_key_or_id}/replace":                                  a.replaceRoleSet,
		"POST /v1/role_sets/{role_set_key_or_id}/roles":                                    a.addRolesToSet,
		"POST /v1/role_sets/{role_set_key_or_id}/roles/replace":                            a.replaceRoleInSet,
		"GET /v1/instance/organization_settings":                                           a.getOrganizationSettings,
		"PATCH /v1/instance/organization_settings":                                         a.updateOrganizationSettings,
	}
}

// orgHandler is a handler for an organization that is there.
type orgHandler func(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error)

// inOrganization looks for the organization that the path names by id or slug.
func (a *API) inOrganization(h orgHandler) handler {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		o, err := a.Organizations.Organizations.Find(r.Context(), r.PathValue("organization_id"))
		if err != nil {
			return nil, err
		}
		return h(w, r, o)
	}
}

// toOrganization is an organization as back ends see one.
func (a *API) toOrganization(o auth.Organization) wire.Organization {
	out := a.orgs.Organization(o)
	out.PrivateMetadata, out.CreatedBy = respond.Object(o.PrivateMeta), string(o.CreatedBy)
	return out
}

func (a *API) answerOrganization(o auth.Organization, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.toOrganization(o), nil
}

func (a *API) listOrganizations(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	q := auth.OrganizationQuery{Query: f.String("query"), OrderBy: order(f, auth.OrganizationOrders)}
	q.Limit, q.Offset = f.Page()
	include, exclude := signed(list(f, "user_id"))
	q.Users, q.NotUsers = userIDs(include), userIDs(exclude)
	include, exclude = signed(list(f, "organization_id"))
	q.IDs, q.NotIDs = ids[auth.OrganizationID](include), ids[auth.OrganizationID](exclude)
	counted := f.Bool("include_members_count")
	if err := f.Err(); err != nil {
		return nil, err
	}
	page, total, err := a.Organizations.Organizations.List(r.Context(), q)
	if err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, func(o auth.Organization) wire.Organization {
		out := a.toOrganization(o)
		if !counted {
			out.MembersCount = nil
		}
		return out
	}), nil
}

// order reads the order of a list. Of several only the first counts.
func order(f *respond.Form, names []string) string {
	given := f.Strings("order_by")
	if len(given) == 0 || given[0] == "" {
		return ""
	}
	name := strings.TrimLeft(given[0], " +")
	for _, known := range names {
		if strings.TrimPrefix(name, "-") == known {
			return name
		}
	}
	f.Fail(auth.CodeParamInvalid, "order_by")
	return ""
}

func ids[T ~string](texts []string) []T {
	out := make([]T, 0, len(texts))
	for _, s := range texts {
		out = append(out, T(s))
	}
	return out
}

func (a *API) createOrganization(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := organization.Create{
		Name: f.String("name"), Slug: f.String("slug"), CreatedBy: auth.UserID(f.String("created_by")), MaxMemberships: count(f, "max_allowed_memberships"),
		RoleSet: f.String("role_set_key"),
	}
	in.PublicMeta, _ = f.Object("public_metadata")
	in.PrivateMeta, _ = f.Object("private_metadata")
	if t := instant(f, "created_at"); t != nil {
		in.CreatedAt = *t
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	b, err := a.Organizations.Organizations.Create(r.Context(), organization.Operator, in)
	return a.answerOrganization(b.Organization, err)
}

// count reads an optional number of things.
func count(f *respond.Form, name string) *int {
	n := f.OptionalInt(name)
	if n == nil {
		return nil
	}
	if *n < 0 || *n > 1<<31 {
		f.Fail(auth.CodeParamInvalid, name)
		return nil
	}
	number := int(*n)
	return &number
}

func (a *API) getOrganization(_ http.ResponseWriter, _ *http.Request, o auth.Organization) (any, error) {
	return a.answerOrganization(o, nil)
}

func (a *API) updateOrganization(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := organization.Update{
		Name: f.Optional("name"), Slug: f.Optional("slug"), MaxMemberships: count(f, "max_allowed_memberships"),
		AdminDelete: f.OptionalBool("admin_delete_enabled"), CreatedAt: instant(f, "created_at"),
		RoleSet: f.String("role_set_key"),
	}
	in.PublicMeta, _ = f.Object("public_metadata")
	in.PrivateMeta, _ = f.Object("private_metadata")
	if err := f.Err(); err != nil {
		return nil, err
	}
	changed, err := a.Organizations.Organizations.Update(r.Context(), organization.Operator, o.ID, in)
	return a.answerOrganization(changed, err)
}

func (a *API) deleteOrganization(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	gone, err := a.Organizations.Organizations.Delete(r.Context(), organization.Operator, o.ID)
	if err != nil {
		return nil, err
	}
	out := deleted("organization", string(gone.ID))
	out.Slug = gone.Slug
	return out, nil
}

func (a *API) mergeOrganizationMetadata(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	public, _ := f.Object("public_metadata")
	private, _ := f.Object("private_metadata")
	if err := f.Err(); err != nil {
		return nil, err
	}
	changed, err := a.Organizations.Organizations.MergeMetadata(r.Context(), o.ID, public, private)
	return a.answerOrganization(changed, err)
}

func (a *API) replaceOrganizationMetadata(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	var in organization.Update
	in.PublicMeta, _ = f.Object("public_metadata")
	in.PrivateMeta, _ = f.Object("private_metadata")
	if err := f.Err(); err != nil {
		return nil, err
	}
	changed, err := a.Organizations.Organizations.Update(r.Context(), organization.Operator, o.ID, in)
	return a.answerOrganization(changed, err)
}
