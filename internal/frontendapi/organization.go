package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// organizationRoutes are the operations on organizations.
func (a *API) organizationRoutes() map[string]handler {
	const one = "/v1/organizations/{organization_id}"
	return map[string]handler{
		"POST /v1/organizations":  a.createOrganization,
		"GET " + one:              a.inOrganization(a.getOrganization),
		"PATCH " + one:            a.inOrganization(a.updateOrganization),
		"DELETE " + one:           a.inOrganization(a.deleteOrganization),
		"PUT " + one + "/logo":    a.inOrganization(a.setLogo),
		"DELETE " + one + "/logo": a.inOrganization(a.deleteLogo),
		"GET " + one + "/roles":   a.inOrganization(a.listOrganizationRoles),

		"GET " + one + "/memberships":              a.inOrganization(a.listMembers),
		"POST " + one + "/memberships":             a.inOrganization(a.addMember),
		"PATCH " + one + "/memberships/{user_id}":  a.inOrganization(a.changeMember),
		"DELETE " + one + "/memberships/{user_id}": a.inOrganization(a.removeMember),

		"GET " + one + "/invitations":                         a.inOrganization(a.listOrgInvitations),
		"GET " + one + "/invitations/pending":                 a.inOrganization(a.listPendingOrgInvitations),
		"POST " + one + "/invitations":                        a.inOrganization(a.createOrgInvitation),
		"POST " + one + "/invitations/bulk":                   a.inOrganization(a.createOrgInvitations),
		"POST " + one + "/invitations/{invitation_id}/revoke": a.inOrganization(a.revokeOrgInvitation),

		"GET " + one + "/membership_requests":                      a.inOrganization(a.listMembershipRequests),
		"POST " + one + "/membership_requests/{request_id}/accept": a.inOrganization(a.acceptMembershipRequest),
		"POST " + one + "/membership_requests/{request_id}/reject": a.inOrganization(a.rejectMembershipRequest),

		"GET " + one + "/domains":                                               a.inOrganization(a.listOrgDomains),
		"POST " + one + "/domains":                                              a.inOrganization(a.createOrgDomain),
		"POST " + one + "/domains/bulk":                                         a.inOrganization(a.createOrgDomains),
		"GET " + one + "/domains/{domain_id}":                                   a.inOrganization(a.getOrgDomain),
		"DELETE " + one + "/domains/{domain_id}":                                a.inOrganization(a.deleteOrgDomain),
		"POST " + one + "/domains/{domain_id}/update_enrollment_mode":           a.inOrganization(a.updateOrgEnrollment),
		"POST " + one + "/domains/{domain_id}/prepare_affiliation_verification": a.inOrganization(a.prepareOrgAffiliation),
		"POST " + one + "/domains/{domain_id}/attempt_affiliation_verification": a.inOrganization(a.attemptOrgAffiliation),

		"POST " + one + "/domains/{domain_id}/prepare_ownership_verification": a.inOrganization(a.ownership(a.prepareOwnership)),
		"POST " + one + "/domains/{domain_id}/attempt_ownership_verification": a.inOrganization(a.ownership(a.attemptOwnership)),
		"POST " + one + "/domains/prepare_ownership_verification/bulk":        a.inOrganization(a.ownerships(a.prepareOwnership)),
		"POST " + one + "/domains/attempt_ownership_verification/bulk":        a.inOrganization(a.ownerships(a.attemptOwnership)),

		"GET /v1/me/organization_memberships":                         a.listMyMemberships,
		"DELETE /v1/me/organization_memberships/{organization_id}":    a.inOrganization(a.leaveOrganization),
		"GET /v1/me/organization_invitations":                         a.listMyOrgInvitations,
		"POST /v1/me/organization_invitations/{invitation_id}/accept": a.acceptMyOrgInvitation,
		"GET /v1/me/organization_suggestions":                         a.listMySuggestions,
		"POST /v1/me/organization_suggestions/{suggestion_id}/accept": a.acceptMySuggestion,
		"GET /v1/me/organization_creation_defaults":                   a.organizationDefaults,
		"GET /v1/tickets/accept":                                      a.forPeople(a.acceptTicket),
	}
}

// scope is who acts in which organization.
type scope struct {
	by organization.Actor
	id auth.OrganizationID
}

// inOrganization runs a handler for the person who acts and the organization
// that the path names. Whether they may is the use case's to say.
func (a *API) inOrganization(h func(*call, scope) error) handler {
	return func(c *call) error {
		_, me, err := a.acting(c)
		if err != nil {
			return err
		}
		id := c.r.PathValue("organization_id")
		if !auth.ValidID("org", id) {
			return auth.Refuse(auth.CodeResourceNotFound)
		}
		return h(c, scope{by: organization.Actor{User: me.ID}, id: auth.OrganizationID(id)})
	}
}

// pathText is an identifier in the path; garbage is what does not exist.
func pathText[T ~string](c *call, name, prefix string) (T, error) {
	id := c.r.PathValue(name)
	if !auth.ValidID(prefix, id) {
		return "", auth.Refuse(auth.CodeResourceNotFound)
	}
	return T(id), nil
}

// createOrganization takes a name and a slug; everything else in the body is
// not even read.
func (a *API) createOrganization(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	if err := a.limit(c); err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	in := organization.Create{Name: f.String("name"), Slug: f.String("slug")}
	if err := f.Err(); err != nil {
		return err
	}
	created, err := a.Organizations.Organizations.Create(c.r.Context(), organization.Actor{User: me.ID}, in)
	return a.answerOrganization(c, created.Organization, err)
}

func (a *API) answerOrganization(c *call, o auth.Organization, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, a.orgs.Organization(o))
}

func (a *API) getOrganization(c *call, s scope) error {
	b, err := a.Organizations.Organizations.Get(c.r.Context(), s.by, s.id)
	return a.answerOrganization(c, b.Organization, err)
}

func (a *API) updateOrganization(c *call, s scope) error {
	f, err := c.read()
	if err != nil {
		return err
	}
	in := organization.Update{Name: f.Optional("name"), Slug: f.Optional("slug")}
	if err := f.Err(); err != nil {
		return err
	}
	changed, err := a.Organizations.Organizations.Update(c.r.Context(), s.by, s.id, in)
	return a.answerOrganization(c, changed, err)
}

func (a *API) deleteOrganization(c *call, s scope) error {
	gone, err := a.Organizations.Organizations.Delete(c.r.Context(), s.by, s.id)
	if err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "organization", ID: string(gone.ID), Slug: gone.Slug, Deleted: true})
}

// setLogo takes the logo as a file of a form or as the whole body.
func (a *API) setLogo(c *call, s scope) error {
	if err := a.Organizations.Organizations.MayChangeLogo(c.r.Context(), s.by, s.id); err != nil {
		return err
	}
	contentType, content, err := a.uploaded(c)
	if err != nil {
		return err
	}
	changed, err := a.Organizations.Organizations.SetLogo(c.r.Context(), s.by, s.id, contentType, content)
	return a.answerOrganization(c, changed, err)
}

func (a *API) deleteLogo(c *call, s scope) error {
	changed, err := a.Organizations.Organizations.DeleteLogo(c.r.Context(), s.by, s.id)
	if err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "organization_logo", ID: string(changed.ID), Deleted: true})
}

// rolePage is a page of roles; a role set is never being replaced.
type rolePage struct {
	respond.Page[wire.Role]
	Migration bool `json:"has_role_set_migration"`
}

func (a *API) listOrganizationRoles(c *call, s scope) error {
	f := respond.Query(c.r)
	limit, offset := f.Page()
	if err := f.Err(); err != nil {
		return err
	}
	all, err := a.Organizations.Roles.Of(c.r.Context(), s.by, s.id)
	if err != nil {
		return err
	}
	shown := all.Roles[min(offset, len(all.Roles)):]
	shown = shown[:min(limit, len(shown))]
	return a.answer(c, rolePage{Page: respond.PageOf(shown, len(all.Roles), func(r auth.Role) wire.Role { return a.orgs.Role(r, all) })})
}

// organizationDefaults suggests nothing for the form that creates an
// organization.
func (a *API) organizationDefaults(c *call) error {
	if _, _, err := a.acting(c); err != nil {
		return err
	}
	return a.answer(c, fields{"form": fields{"name": nil, "logo": nil}})
}
