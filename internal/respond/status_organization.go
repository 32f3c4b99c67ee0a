package respond

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

// organizationTable is the part of [table] about organizations.
var organizationTable = map[auth.Code]answer{
	auth.CodeOrganizationsDisabled: {
		http.StatusForbidden, "Organizations are not enabled", "This instance does not have organizations enabled.",
	},
	auth.CodeOrgPermissionMissing: {
		http.StatusForbidden, "Permission is missing", "Your role in this organization does not permit this.",
	},
	auth.CodeOrgCreationForbidden: {
		http.StatusForbidden, "Not permitted", "You may not create organizations here.",
	},
	auth.CodeOrgCreationQuota: {
		http.StatusForbidden, "Too many organizations", "You have created as many organizations as you may.",
	},
	auth.CodeOrgDeleteForbidden: {
		http.StatusForbidden, "Cannot be deleted here", "This organization cannot be deleted by its members.",
	},
	auth.CodeOrgMembershipQuota: {
		http.StatusForbidden, "Organization is full", "This organization has as many members and open invitations as it may.",
	},
	auth.CodeOrgInvitationQuota: {
		http.StatusForbidden, "Too many invitations", "This organization has too many open invitations. Revoke some first.",
	},
	auth.CodeOrgDomainsDisabled: {
		http.StatusForbidden, "Domains are not enabled", "This instance does not have organization domains enabled.",
	},
	auth.CodeOrgDomainQuota: {
		http.StatusForbidden, "Too many domains", "This organization has as many domains as it may.",
	},
	auth.CodeOrgAlreadyMember: {
		http.StatusBadRequest, "Already a member", "This person already belongs to the organization.",
	},
	auth.CodeOrgMinimumPermissions: {
		http.StatusBadRequest, "Somebody has to manage it", "At least one member has to be able to manage the organization.",
	},
	auth.CodeOrgInvitationExists: {
		http.StatusBadRequest, "Already invited", "There already is an open invitation for this address.",
	},
	auth.CodeOrgInvitationNotPending: {
		http.StatusBadRequest, "Not pending", "This invitation is no longer open.",
	},
	auth.CodeOrgSuggestionNotPending: {
		http.StatusBadRequest, "Not pending", "This request has been answered already.",
	},
	auth.CodeOrgDomainCommon: {
		http.StatusUnprocessableEntity, "Anybody has an address there", "A domain in which anybody can have an address cannot be used.",
	},
	auth.CodeOrgDomainMismatch: {
		http.StatusUnprocessableEntity, "Address is not in the domain", "The address has to be one in the domain.",
	},
	auth.CodeOrgDomainRecordMissing: {
		http.StatusUnprocessableEntity, "Record was not found", "The DNS does not have the TXT record yet. It can take a while until it is seen.",
	},
	auth.CodeOrgDomainModeDisabled: {
		http.StatusUnprocessableEntity, "Enrollment mode is not enabled", "This instance does not offer this enrollment mode.",
	},
	auth.CodeOrgDomainNotVerified: {
		http.StatusForbidden, "Domain is not verified", "Verify the domain first.",
	},
	auth.CodeOrgRoleUsed: {
		http.StatusBadRequest, "Role is in use", "Somebody has this role or is invited to it. Change that first.",
	},
	auth.CodeOrgRoleSystem: {
		http.StatusForbidden, "Role has to stay", "This role is one that the instance depends on.",
	},
	auth.CodeOrgRoleHasPermission: {
		http.StatusConflict, "Has it already", "The role already has this permission.",
	},
	auth.CodeOrgRoleQuota: {http.StatusForbidden, "Too many roles", "There are as many roles as there may be."},
	auth.CodeOrgPermissionQuota: {
		http.StatusForbidden, "Too many permissions", "There are as many permissions as there may be.",
	},
	auth.CodeOrgPermissionSystem: {
		http.StatusForbidden, "Permission has to stay", "This permission is one that the server itself checks.",
	},
	auth.CodeInvitationAccountMissing: {
		http.StatusUnprocessableEntity, "Account not found", "There is no account for this invitation yet. Sign up instead.",
	},
}
