package wire

import "encoding/json"

// Organization is a group of users as its members see it. The members at the
// end are for back ends only.
type Organization struct {
	Object                  string          `json:"object"` // "organization"
	ID                      string          `json:"id"`
	Name                    string          `json:"name"`
	Slug                    string          `json:"slug"`
	ImageURL                string          `json:"image_url"`
	HasImage                bool            `json:"has_image"`
	LogoURL                 *string         `json:"logo_url"`
	MembersCount            *int            `json:"members_count,omitempty"`
	PendingInvitationsCount *int            `json:"pending_invitations_count,omitempty"`
	MaxAllowedMemberships   int             `json:"max_allowed_memberships"` // 0 is no limit
	AdminDeleteEnabled      bool            `json:"admin_delete_enabled"`
	PublicMetadata          json.RawMessage `json:"public_metadata"`
	CreatedAt               int64           `json:"created_at"`
	UpdatedAt               int64           `json:"updated_at"`

	PrivateMetadata json.RawMessage `json:"private_metadata,omitempty"`
	CreatedBy       string          `json:"created_by,omitempty"`
}

// PublicOrganizationData is what may be shown of an organization to people who
// do not belong to it.
type PublicOrganizationData struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Slug     string `json:"slug"`
	ImageURL string `json:"image_url"`
	HasImage bool   `json:"has_image"`
}

// OrganizationMembership is a user's place in an organization.
type OrganizationMembership struct {
	Object          string          `json:"object"` // "organization_membership"
	ID              string          `json:"id"`
	Role            string          `json:"role"` // key
	RoleName        string          `json:"role_name"`
	Permissions     []string        `json:"permissions"` // keys
	PublicMetadata  json.RawMessage `json:"public_metadata"`
	PrivateMetadata json.RawMessage `json:"private_metadata,omitempty"` // for back ends only
	Organization    Organization    `json:"organization"`
	PublicUserData  *PublicUserData `json:"public_user_data"`
	CreatedAt       int64           `json:"created_at"`
	UpdatedAt       int64           `json:"updated_at"`
}

// OrganizationInvitation offers a place in an organization to an address. The
// members at the end are for back ends only.
type OrganizationInvitation struct {
	Object                 string                  `json:"object"` // "organization_invitation"
	ID                     string                  `json:"id"`
	EmailAddress           string                  `json:"email_address"`
	Role                   string                  `json:"role"`
	RoleName               string                  `json:"role_name"`
	OrganizationID         string                  `json:"organization_id"`
	Status                 string                  `json:"status"`
	PublicMetadata         json.RawMessage         `json:"public_metadata"`
	URL                    *string                 `json:"url"` // known when it is made, to back ends
	ExpiresAt              *int64                  `json:"expires_at"`
	CreatedAt              int64                   `json:"created_at"`
	UpdatedAt              int64                   `json:"updated_at"`
	PublicOrganizationData *PublicOrganizationData `json:"public_organization_data,omitempty"`
}

// OrganizationDomain is a domain of an organization.
type OrganizationDomain struct {
	Object                  string                          `json:"object"` // "organization_domain"
	ID                      string                          `json:"id"`
	OrganizationID          string                          `json:"organization_id"`
	Name                    string                          `json:"name"`
	EnrollmentMode          string                          `json:"enrollment_mode"`
	AffiliationEmailAddress *string                         `json:"affiliation_email_address"`
	AffiliationVerification *OrganizationDomainVerification `json:"affiliation_verification"`
	OwnershipVerification   *OrganizationDomainOwnership    `json:"ownership_verification"`
	Verification            *OrganizationDomainVerification `json:"verification"`
	TotalPendingInvitations int                             `json:"total_pending_invitations"`
	TotalPendingSuggestions int                             `json:"total_pending_suggestions"`
	PublicOrganizationData  *PublicOrganizationData         `json:"public_organization_data"`
	CreatedAt               int64                           `json:"created_at"`
	UpdatedAt               int64                           `json:"updated_at"`
}

// OrganizationDomainVerification is one proof of a domain.
type OrganizationDomainVerification struct {
	Status     string `json:"status"`
	Strategy   string `json:"strategy"`
	Attempts   *int   `json:"attempts"`
	ExpireAt   *int64 `json:"expire_at"`
	VerifiedAt *int64 `json:"verified_at"`
}

// OrganizationDomainOwnership is a proof of a domain by the DNS. The record is
// there while it is waited for.
type OrganizationDomainOwnership struct {
	OrganizationDomainVerification
	RecordName  *string `json:"txt_record_name,omitempty"`
	RecordValue *string `json:"txt_record_value,omitempty"`
}

// OrganizationSuggestion tells a user about an organization.
type OrganizationSuggestion struct {
	Object                 string                  `json:"object"` // "organization_suggestion"
	ID                     string                  `json:"id"`
	PublicOrganizationData *PublicOrganizationData `json:"public_organization_data"`
	Status                 string                  `json:"status"`
	CreatedAt              int64                   `json:"created_at"`
	UpdatedAt              int64                   `json:"updated_at"`
}

// OrganizationMembershipRequest tells an organization about a user who asks to
// join.
type OrganizationMembershipRequest struct {
	Object         string          `json:"object"` // "organization_membership_request"
	ID             string          `json:"id"`
	OrganizationID string          `json:"organization_id"`
	Status         string          `json:"status"`
	PublicUserData *PublicUserData `json:"public_user_data"`
	CreatedAt      int64           `json:"created_at"`
	UpdatedAt      int64           `json:"updated_at"`
}

// Role is a named set of permissions.
type Role struct {
	Object            string       `json:"object"` // "role"
	ID                string       `json:"id"`
	Name              string       `json:"name"`
	Key               string       `json:"key"`
	Description       string       `json:"description"`
	IsCreatorEligible bool         `json:"is_creator_eligible"`
	Permissions       []Permission `json:"permissions"`
	CreatedAt         int64        `json:"created_at"`
	UpdatedAt         int64        `json:"updated_at"`
}

// Permission is one thing that members may do.
type Permission struct {
	Object      string `json:"object"` // "permission"
	ID          string `json:"id"`
	Name        string `json:"name"`
	Key         string `json:"key"`
	Description string `json:"description"`
	Type        string `json:"type"` // "system" or "user"
	CreatedAt   int64  `json:"created_at"`
	UpdatedAt   int64  `json:"updated_at"`
}
