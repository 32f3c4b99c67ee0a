package apitest

// nativeDocuments are the documents that the published iOS (1.0.0, 1.4.1) and
// Android (1.0.13, 1.1.3) SDKs decode strictly, one member after the other:
// its name, what it holds, and
//
//	!  it must be there and not null
//	*  it must be there
//	?  it may be absent or null
//
// What it holds is text (s), a truth value (b), a whole number (n), an object
// with any members (o), a list of one of these or of a document ([s]), or a
// document of this table. A single member that does not fit makes the whole
// client unreadable. Where the releases differ, the strictest one counts.
var nativeDocuments = map[string]string{
	"client": `object:s! id:s! sessions:[session]! sign_in:sign_in_attempt? sign_up:sign_up_attempt?
		last_active_session_id:s? last_authentication_strategy:s? cookie_expires_at:n? captcha_bypass:b?
		created_at:n? updated_at:n!`,
	"session": `object:s! id:s! status:s! expire_at:n! abandon_at:n! last_active_at:n! created_at:n! updated_at:n!
		last_active_organization_id:s? user:user? public_user_data:public_user_data! factor_verification_age:[n]?
		tasks:[session_task]? last_active_token:token? latest_activity:o?`,
	"session_task": `key:s!`,
	"token":        `jwt:s!`,
	"public_user_data": `image_url:s! has_image:b! identifier:s! first_name:s? last_name:s? user_id:s?
		profile_image_url:s?`,
	"user": `object:s! id:s! image_url:s! has_image:b! email_addresses:[email_address]! phone_numbers:[phone_number]!
		external_accounts:[external_account]! passkeys:[passkey]! web3_wallets:[o]? saml_accounts:[o]?
		enterprise_accounts:[enterprise_account]? organization_memberships:[organization_membership]?
		password_enabled:b! totp_enabled:b! two_factor_enabled:b! backup_code_enabled:b! delete_self_enabled:b!
		create_organization_enabled:b! created_at:n! updated_at:n! username:s? first_name:s? last_name:s?
		primary_email_address_id:s? primary_phone_number_id:s? primary_web3_wallet_id:s? public_metadata:o?
		unsafe_metadata:o? external_id:s? last_sign_in_at:n? legal_accepted_at:n? create_organizations_limit:n?
		locale:s? banned:b? locked:b?`,
	"email_address": `id:s! email_address:s! created_at:n! verification:verification? linked_to:[o]!
		matches_sso_connection:b?`,
	"phone_number": `id:s! phone_number:s! reserved_for_second_factor:b! default_second_factor:b! created_at:n!
		verification:verification? linked_to:[o]? backup_codes:[s]?`,
	"external_account": `id:s! identification_id:s! provider:s! provider_user_id:s! email_address:s! approved_scopes:s!
		created_at:n! public_metadata:o! first_name:s? last_name:s? image_url:s? username:s? label:s?
		verification:verification?`,
	"passkey": `id:s! name:s! created_at:n! updated_at:n! verification:verification? last_used_at:n?`,
	"enterprise_account": `id:s! object:s! provider:s! active:b! email_address:s! public_metadata:o!
		enterprise_connection:enterprise_connection!`,
	"enterprise_connection": `id:s! provider:s! name:s! logo_public_url:s! domain:s! active:b! sync_user_attributes:b!
		disable_additional_identifications:b! created_at:n! updated_at:n! allow_subdomains:b! allow_idp_initiated:b!`,
	"organization": `id:s! name:s! max_allowed_memberships:n! admin_delete_enabled:b! created_at:n! updated_at:n! slug:s*
		image_url:s! has_image:b! public_metadata:o! members_count:n? pending_invitations_count:n?`,
	"organization_membership": `id:s! role:s! role_name:s! public_metadata:o! organization:organization! created_at:n!
		updated_at:n! permissions:[s]? public_user_data:public_user_data?`,
	"verification": `object:s? status:s? strategy:s? attempts:n? expire_at:n? error:verification_error?
		external_verification_redirect_url:url? nonce:s? message:s? channel:s? verified_at_client:s?
		trusted_device_challenge:o?`,
	"verification_error": `code:s! message:s! long_message:s? meta:o?`,
	"sign_in_attempt": `object:s! id:s! status:s! supported_identifiers:[s]? identifier:s? supported_first_factors:[factor]?
		supported_second_factors:[factor]? first_factor_verification:verification?
		second_factor_verification:verification? user_data:user_data? created_session_id:s?`,
	"factor":    `strategy:s! safe_identifier:s? email_address_id:s? phone_number_id:s? primary:b? default:b? channels:[s]?`,
	"user_data": `first_name:s? last_name:s? image_url:s? has_image:b?`,
	"sign_up_attempt": `object:s! id:s! status:s! required_fields:[s]! optional_fields:[s]! missing_fields:[s]!
		unverified_fields:[s]! verifications:sign_up_verifications! password_enabled:b! has_password:b! abandon_at:n!
		username:s? first_name:s? last_name:s? email_address:s? phone_number:s? web3_wallet:s? unsafe_metadata:o?
		created_session_id:s? created_user_id:s? legal_accepted_at:n? locale:s? external_account_strategy:s?`,
	"sign_up_verifications": `email_address:sign_up_verification? phone_number:sign_up_verification?
		web3_wallet:sign_up_verification? external_account:verification?`,
	"sign_up_verification": `status:s? strategy:s? attempts:n? expire_at:n? next_action:s? supported_strategies:[s]?`,
	"totp":                 `id:s! verified:b! created_at:n! updated_at:n! secret:s? uri:s? backup_codes:[s]?`,
	"backup_code":          `id:s! codes:[s]! created_at:n! updated_at:n!`,
	"trusted_device": `id:s! object:s! platform:s! app_identifier:s! name:s? algorithm:s! status:s! created_at:n!
		updated_at:n! last_used_at:n? revoked_at:n?`,

	"environment": `auth_config:auth_config! display_config:display_config! user_settings:user_settings!
		organization_settings:o! fraud_settings:fraud_settings! maintenance_mode:b? client_debug_mode:b?`,
	"auth_config":     `single_session_mode:b! claimed_at:n? reverification:b? native_settings:native_settings? session_minter:b?`,
	"native_settings": `api_enabled:b! trusted_device_sign_in_enabled:b?`,
	"display_config": `instance_environment_type:s! application_name:s! preferred_sign_in_strategy:s! branded:b!
		logo_image_url:s! home_url:s! privacy_policy_url:s* terms_url:s* google_one_tap_client_id:s* support_email:s?`,
	"user_settings": `attributes:{attribute}! social:{social}! sign_up:sign_up_settings! sign_in:o? actions:actions!
		passkey_settings:passkey_settings* password_settings:o? username_settings:o? restrictions:o? enterprise_sso:o?`,
	"attribute": `enabled:b! required:b! used_for_first_factor:b! used_for_second_factor:b! verify_at_sign_up:b!
		first_factors:[s]* second_factors:[s]* verifications:[s]*`,
	"social": `enabled:b! required:b! authenticatable:b! strategy:s! not_selectable:b! name:s! logo_url:s?`,
	"sign_up_settings": `custom_action_required:b! progressive:b! mode:s! legal_consent_enabled:b! captcha_enabled:b?
		captcha_widget_type:s?`,
	"actions":          `delete_self:b! create_organization:b!`,
	"passkey_settings": `allow_autofill:b! show_sign_in_button:b!`,
	"fraud_settings":   `native:fraud_native!`,
	"fraud_native":     `device_attestation_mode:s!`,
}
