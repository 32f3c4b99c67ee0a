package respond

import (
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/wire"
)

// Organizations writes the documents about organizations that both APIs have in
// common.
type Organizations struct {
	Base string // of the Frontend API, which serves the logos
	Now  func() time.Time
}

// Organization is an organization as its members see it.
func (d Organizations) Organization(o auth.Organization) wire.Organization {
	logo := ImageURL(d.Base, o.Image)
	members, pending := o.Members, o.Pending
	return wire.Organization{
		Object: "organization", ID: string(o.ID), Name: o.Name, Slug: o.Slug, ImageURL: logo, HasImage: o.Image != "",
		LogoURL: OrNull(logo), MembersCount: &members, PendingInvitationsCount: &pending,
		MaxAllowedMemberships: o.MaxMemberships, AdminDeleteEnabled: o.AdminDelete, PublicMetadata: Object(o.PublicMeta),
		CreatedAt: o.CreatedAt.UnixMilli(), UpdatedAt: o.UpdatedAt.UnixMilli(),
	}
}

// Public is what people see who do not belong to an organization.
func (d Organizations) Public(o auth.Organization) *wire.PublicOrganizationData {
	return &wire.PublicOrganizationData{
		ID: string(o.ID), Name: o.Name, Slug: o.Slug, ImageURL: ImageURL(d.Base, o.Image), HasImage: o.Image != "",
	}
}

// User is what other members see of a user, nil for one who is not there.
func (d Organizations) User(u auth.User) *wire.PublicUserData {
	if u.ID == "" {
		return nil
	}
	image := PersonURL(d.Base, u)
	return &wire.PublicUserData{
		FirstName: OrNull(u.FirstName), LastName: OrNull(u.LastName), Identifier: u.Identifier(), UserID: string(u.ID),
		Username: OrNull(u.Username), Banned: u.Banned, ImageURL: image, ProfileImageURL: image, HasImage: u.HasImage(),
	}
}

// Member is a membership as members see it.
func (d Organizations) Member(m auth.Member) wire.OrganizationMembership {
	permissions := m.Role.Permissions
	if permissions == nil {
		permissions = []string{}
	}
	return wire.OrganizationMembership{
		Object: "organization_membership", ID: string(m.Membership.ID), Role: m.Role.Key, RoleName: m.Role.Name,
		Permissions: permissions, PublicMetadata: Object(m.Membership.PublicMeta),
		Organization: d.Organization(m.Organization), PublicUserData: d.User(m.User),
		CreatedAt: m.Membership.CreatedAt.UnixMilli(), UpdatedAt: m.Membership.UpdatedAt.UnixMilli(),
	}
}

// Invitation is an invitation without its link, which is for the invited only.
func (d Organizations) Invitation(i auth.Invited) wire.OrganizationInvitation {
	return wire.OrganizationInvitation{
		Object: "organization_invitation", ID: string(i.ID), EmailAddress: i.EmailAddress, Role: i.Role.Key,
		RoleName: i.Role.Name, OrganizationID: string(i.OrgInvitation.Organization), Status: string(i.StatusAt(d.Now())),
		PublicMetadata: Object(i.PublicMeta), ExpiresAt: Millis(i.ExpireAt),
		CreatedAt: i.OrgInvitation.CreatedAt.UnixMilli(), UpdatedAt: i.OrgInvitation.UpdatedAt.UnixMilli(),
		PublicOrganizationData: d.Public(i.Organization),
	}
}

// Domain is a domain of an organization.
func (d Organizations) Domain(o auth.OwnedDomain) wire.OrganizationDomain {
	out := wire.OrganizationDomain{
		Object: "organization_domain", ID: string(o.ID), OrganizationID: string(o.Organization), Name: o.Name,
		EnrollmentMode: string(o.Enrollment), AffiliationEmailAddress: OrNull(o.AffiliationAddress),
		TotalPendingInvitations: o.PendingInvitations, TotalPendingSuggestions: o.PendingSuggestions,
		PublicOrganizationData: d.Public(o.Owner),
		CreatedAt:              o.OrgDomain.CreatedAt.UnixMilli(), UpdatedAt: o.OrgDomain.UpdatedAt.UnixMilli(),
	}
	if v := o.Affiliation; v.Started() {
		out.AffiliationVerification = &wire.OrganizationDomainVerification{
			Status: string(v.StatusAt(d.Now())), Strategy: string(v.Strategy), Attempts: &v.Attempts,
			ExpireAt: Millis(v.ExpireAt), VerifiedAt: Millis(v.VerifiedAt),
		}
		out.Verification = out.AffiliationVerification
	}
	out.OwnershipVerification = d.ownership(o.OrgDomain)
	if own := out.OwnershipVerification; own != nil && own.Status == string(auth.VerificationVerified) {
		out.Verification = &own.OrganizationDomainVerification
	}
	return out
}

// ownership is the proof of a domain by the DNS or by an operator's word, nil
// when nobody has begun one.
func (d Organizations) ownership(o auth.OrgDomain) *wire.OrganizationDomainOwnership {
	out := &wire.OrganizationDomainOwnership{}
	if o.Verified() && o.VerifiedBy == auth.StrategyAdmin {
		out.Status, out.Strategy, out.VerifiedAt = string(auth.VerificationVerified), "manual_override", Millis(o.VerifiedAt)
		return out
	}
	status, begun := o.OwnershipStatus(d.Now())
	if !begun {
		return nil
	}
	out.Status, out.Strategy = string(status), string(auth.StrategyTXT)
	switch status {
	case auth.VerificationVerified:
		out.VerifiedAt = Millis(o.VerifiedAt)
	case auth.VerificationUnverified:
		out.ExpireAt, out.RecordName, out.RecordValue = Millis(o.OwnershipExpireAt), OrNull(o.RecordName()), OrNull(o.OwnershipValue)
	default:
		out.ExpireAt = Millis(o.OwnershipExpireAt)
	}
	return out
}

// Suggestion is a suggestion as its user sees it.
func (d Organizations) Suggestion(g auth.Suggested) wire.OrganizationSuggestion {
	return wire.OrganizationSuggestion{
		Object: "organization_suggestion", ID: string(g.ID), PublicOrganizationData: d.Public(g.Organization),
		Status: string(g.Status), CreatedAt: g.OrgSuggestion.CreatedAt.UnixMilli(), UpdatedAt: g.OrgSuggestion.UpdatedAt.UnixMilli(),
	}
}

// Request is a suggestion as the organization sees it.
func (d Organizations) Request(g auth.Suggested) wire.OrganizationMembershipRequest {
	return wire.OrganizationMembershipRequest{
		Object: "organization_membership_request", ID: string(g.ID), OrganizationID: string(g.OrgSuggestion.Organization),
		Status: g.Status.RequestStatus(), PublicUserData: d.User(g.User),
		CreatedAt: g.OrgSuggestion.CreatedAt.UnixMilli(), UpdatedAt: g.OrgSuggestion.UpdatedAt.UnixMilli(),
	}
}

// Role is a role with its permissions.
func (d Organizations) Role(r auth.Role, c auth.Catalogue) wire.Role {
	out := wire.Role{
		Object: "role", ID: string(r.ID), Name: r.Name, Key: r.Key, Description: r.Description, IsCreatorEligible: r.Manages(),
		Permissions: make([]wire.Permission, 0, len(r.Permissions)),
		CreatedAt:   r.CreatedAt.UnixMilli(), UpdatedAt: r.UpdatedAt.UnixMilli(),
	}
	for _, key := range r.Permissions {
		out.Permissions = append(out.Permissions, d.Permission(c.Permission(key)))
	}
	return out
}

// Permission is a permission.
func (Organizations) Permission(p auth.Permission) wire.Permission {
	kind := "user"
	if p.System() {
		kind = "system"
	}
	return wire.Permission{
		Object: "permission", ID: string(p.ID), Name: p.Name, Key: p.Key, Description: p.Description, Type: kind,
		CreatedAt: p.CreatedAt.UnixMilli(), UpdatedAt: p.UpdatedAt.UnixMilli(),
	}
}
