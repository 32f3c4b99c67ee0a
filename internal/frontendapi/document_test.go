package frontendapi_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// has says whether a member is there, null or not.
func has(r answer, path string) bool { return r.Has(strings.Split(path, ".")...) }

// Every member that some published decoder cannot do without, null or not. One
// that is missing makes a whole document unreadable on iOS or Android.
func TestDocumentsAreComplete(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	a.signUp(t, "a@example.com")
	documents := map[string]struct{ at, members string }{
		"GET /v1/environment auth_config": {"auth_config", `object id single_session_mode claimed_at reverification test_mode
			native_settings.object native_settings.api_enabled native_settings.trusted_device_sign_in_enabled
			native_settings.trusted_device_enrollment_prompt_after_sign_in_enabled
			native_settings.trusted_device_enrollment_prompt_after_sign_up_enabled`},
		"GET /v1/environment display_config": {"display_config", `object id instance_environment_type application_name
			preferred_sign_in_strategy branded logo_image_url home_url privacy_policy_url terms_url google_one_tap_client_id
			sign_in_url sign_up_url user_profile_url after_sign_in_url after_sign_up_url after_sign_out_all_url
			after_sign_out_one_url after_switch_session_url support_email captcha_public_key captcha_widget_type
			captcha_provider captcha_public_key_invisible captcha_oauth_bypass show_devmode_warning theme favicon_image_url`},
		"GET /v1/environment user_settings": {"user_settings", `attributes.email_address.enabled attributes.email_address.required
			attributes.email_address.used_for_first_factor attributes.email_address.used_for_second_factor
			attributes.email_address.verify_at_sign_up attributes.email_address.first_factors
			attributes.email_address.second_factors attributes.email_address.verifications attributes.password.enabled
			attributes.phone_number.verifications social actions.delete_self actions.create_organization
			actions.create_organizations_limit sign_in.second_factor.required sign_up.captcha_enabled
			sign_up.captcha_widget_type sign_up.custom_action_required sign_up.progressive sign_up.mode
			sign_up.legal_consent_enabled password_settings.min_length password_settings.max_length
			password_settings.disable_hibp password_settings.allowed_special_characters password_settings.min_zxcvbn_strength
			passkey_settings.allow_autofill passkey_settings.show_sign_in_button username_settings.min_length
			username_settings.max_length restrictions saml.enabled enterprise_sso.enabled`},
		"GET /v1/environment rest": {"", `organization_settings.enabled organization_settings.max_allowed_memberships
			organization_settings.force_organization_selection organization_settings.actions.admin_delete
			organization_settings.domains.enabled organization_settings.domains.enrollment_modes
			organization_settings.domains.default_role organization_settings.slug.disabled organization_settings.creator_role
			fraud_settings.object fraud_settings.native.device_attestation_mode maintenance_mode client_debug_mode
			commerce_settings.billing.organization commerce_settings.billing.user`},
		"GET /v1/client client": {"response", `object id sign_in sign_up sessions last_active_session_id last_authentication_strategy
			cookie_expires_at captcha_bypass created_at updated_at`},
		"GET /v1/client session": {"response.sessions.0", `object id status expire_at abandon_at last_active_at
			last_active_organization_id actor tasks factor_verification_age.0 factor_verification_age.1 latest_activity
			last_active_token.object last_active_token.jwt public_user_data.first_name public_user_data.last_name
			public_user_data.image_url public_user_data.has_image public_user_data.identifier public_user_data.user_id
			public_user_data.profile_image_url created_at updated_at`},
		"GET /v1/client user": {"response.sessions.0.user", `object id username first_name last_name locale image_url has_image
			profile_image_url primary_email_address_id primary_phone_number_id primary_web3_wallet_id password_enabled
			two_factor_enabled totp_enabled backup_code_enabled delete_self_enabled create_organization_enabled
			create_organizations_limit phone_numbers web3_wallets passkeys external_accounts saml_accounts
			enterprise_accounts organization_memberships public_metadata unsafe_metadata external_id
			password_last_updated_at last_sign_in_at banned locked lockout_expires_in_seconds
			verification_attempts_remaining mfa_enabled_at mfa_disabled_at last_active_at legal_accepted_at
			created_at updated_at`},
		"GET /v1/client email": {"response.sessions.0.user.email_addresses.0", `object id email_address reserved linked_to
			matches_sso_connection verification.object verification.status verification.strategy verification.attempts
			verification.expire_at created_at updated_at`},
	}
	for name, d := range documents {
		_, path, _ := strings.Cut(name, " ")
		path, _, _ = strings.Cut(path, " ")
		got := a.must(t, "GET", path, nil)
		for _, member := range strings.Fields(d.members) {
			if at := strings.TrimPrefix(d.at+"."+member, "."); !has(got, at) {
				t.Errorf("%s: no %s", name, at)
			}
		}
	}
	got := a.must(t, "GET", "/v1/client", nil)
	for path, want := range map[string]any{
		// An object here breaks published iOS decoders.
		"response.sessions.0.actor": nil, "response.sessions.0.tasks": nil, "response.captcha_bypass": true, "client": nil,
	} {
		if got.at(path) != want {
			t.Errorf("%s is %v, want %v", path, got.at(path), want)
		}
	}
	env := a.must(t, "GET", "/v1/environment", nil)
	if env.at("fraud_settings.native.device_attestation_mode") != "disabled" || env.at("user_settings.sign_up.captcha_enabled") != false {
		t.Error("the environment asks for what nobody here checks")
	}
}
