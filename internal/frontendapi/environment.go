package frontendapi

import (
	"encoding/json"

	"github.com/perennialauth/perennial/internal/respond"
)

// fields is a JSON object under construction.
type fields map[string]any

// encodeEnvironment is the published description of the instance: what every
// SDK must have before it shows anything. It is the same for everybody and
// made once, so that it survives any outage of the store: an SDK that cannot
// load it does not load at all.
func encodeEnvironment(c Config) []byte {
	body, err := json.Marshal(fields{
		"auth_config":           authConfig(c),
		"display_config":        displayConfig(c),
		"user_settings":         userSettings(c),
		"organization_settings": organizationSettings(),
		"fraud_settings": fields{
			"object": "fraud_settings",
			"native": fields{"device_attestation_mode": "disabled"},
		},
		"commerce_settings": fields{"billing": fields{
			"stripe_publishable_key": nil,
			"organization":           fields{"enabled": false, "has_paid_plans": false},
			"user":                   fields{"enabled": false, "has_paid_plans": false},
		}},
		"api_keys_settings": fields{"enabled": false, "user_api_keys_enabled": false, "orgs_api_keys_enabled": false},
		"maintenance_mode":  false,
		"client_debug_mode": false,
	})
	if err != nil {
		panic("frontendapi: internal error: environment: " + err.Error())
	}
	return body
}

func authConfig(c Config) fields {
	required := "off"
	if c.Settings.PasswordRequired {
		required = "required"
	}
	return fields{
		"object": "auth_config", "id": "aconf_" + c.InstanceID, "single_session_mode": c.Settings.SingleSession,
		"first_name": "on", "last_name": "on", "username": "off", "phone_number": "off", "email_address": "required",
		"password": required, "identification_requirements": []any{[]string{"email_address"}, []string{}},
		"identification_strategies": []string{"email_address"}, "first_factors": []string{"password", "email_code", "reset_password_email_code", "ticket"},
		"second_factors": []string{}, "email_address_verification_strategies": []string{"email_code"},
		"enhanced_email_deliverability": false, "url_based_session_syncing": true, "cookieless_dev": true,
		"claimed_at": nil, "reverification": false, "test_mode": c.Settings.TestCodes,
		"native_settings": fields{
			"object": "native_settings", "api_enabled": true, "trusted_device_sign_in_enabled": false,
			"trusted_device_enrollment_prompt_after_sign_in_enabled": false,
			"trusted_device_enrollment_prompt_after_sign_up_enabled": false,
		},
	}
}

func displayConfig(c Config) fields {
	kind := "development"
	if c.Settings.Production {
		kind = "production"
	}
	return fields{
		"object": "display_config", "id": "display_config_" + c.InstanceID, "instance_environment_type": kind,
		"application_name": c.Settings.ApplicationName, "preferred_sign_in_strategy": "password", "branded": false,
		"logo_image_url": "", "favicon_image_url": "", "logo_url": nil, "favicon_url": nil, "logo_image": nil, "favicon_image": nil,
		"logo_link_url": c.Settings.HomeURL, "theme": fields{},
		"experimental_force_oauth_first": false, "oauth_consent_url": "",
		"home_url": c.Settings.HomeURL, "sign_in_url": "", "sign_up_url": "", "user_profile_url": "", "waitlist_url": "",
		"organization_profile_url": "", "create_organization_url": "", "after_sign_in_url": "", "after_sign_up_url": "",
		"after_sign_out_all_url": "", "after_sign_out_one_url": "", "after_switch_session_url": "",
		"after_leave_organization_url": "", "after_create_organization_url": "", "after_join_waitlist_url": "",
		"clerk_js_version": "6", "help_url": nil, "support_email": respond.OrNull(c.Settings.SupportEmail),
		"privacy_policy_url": nil, "terms_url": nil, "google_one_tap_client_id": nil, "show_devmode_warning": false,
		"captcha_public_key": nil, "captcha_widget_type": nil, "captcha_provider": nil, "captcha_public_key_invisible": nil,
		"captcha_oauth_bypass": []string{}, "captcha_heartbeat": false,
	}
}

// attribute describes one thing a user can have.
type attribute struct {
	Name                string   `json:"name"`
	Enabled             bool     `json:"enabled"`
	Required            bool     `json:"required"`
	Immutable           bool     `json:"immutable"`
	UsedForFirstFactor  bool     `json:"used_for_first_factor"`
	FirstFactors        []string `json:"first_factors"`
	UsedForSecondFactor bool     `json:"used_for_second_factor"`
	SecondFactors       []string `json:"second_factors"`
	Verifications       []string `json:"verifications"`
	VerifyAtSignUp      bool     `json:"verify_at_sign_up"`
}

func attributes(c Config) map[string]attribute {
	none := []string{}
	out := map[string]attribute{}
	for _, name := range []string{
		"phone_number", "username", "web3_wallet", "authenticator_app", "backup_code", "passkey",
	} {
		out[name] = attribute{Name: name, FirstFactors: none, SecondFactors: none, Verifications: none}
	}
	for _, name := range []string{"first_name", "last_name", "ticket"} {
		out[name] = attribute{Name: name, Enabled: true, FirstFactors: none, SecondFactors: none, Verifications: none}
	}
	out["email_address"] = attribute{
		Name: "email_address", Enabled: true, Required: true, UsedForFirstFactor: true, FirstFactors: []string{"email_code"},
		SecondFactors: none, Verifications: []string{"email_code"}, VerifyAtSignUp: true,
	}
	out["password"] = attribute{
		Name: "password", Enabled: true, Required: c.Settings.PasswordRequired,
		FirstFactors: none, SecondFactors: none, Verifications: none,
	}
	return out
}

func userSettings(c Config) fields {
	mode := "public"
	if c.Settings.SignUpClosed {
		mode = "restricted"
	}
	off := fields{"enabled": false}
	return fields{
		"attributes": attributes(c), "social": fields{}, "saml": off, "enterprise_sso": off,
		"actions": fields{"delete_self": true, "create_organization": false, "create_organizations_limit": nil},
		"attack_protection": fields{
			"user_lockout":           fields{"enabled": true, "max_attempts": 10, "duration_in_minutes": 15},
			"pii":                    fields{"enabled": c.Settings.EnumerationProtection},
			"email_link":             fields{"require_same_client": true},
			"enumeration_protection": fields{"enabled": c.Settings.EnumerationProtection},
		},
		"sign_in": fields{"second_factor": fields{"required": false, "enabled": false}},
		"sign_up": fields{
			"captcha_enabled": false, "captcha_widget_type": "smart", "custom_action_required": false, "progressive": true,
			"mode": mode, "legal_consent_enabled": false,
		},
		"password_settings": fields{
			"min_length": 8, "max_length": 72, "disable_hibp": true, "require_special_char": false, "require_numbers": false,
			"require_uppercase": false, "require_lowercase": false, "show_zxcvbn": false, "min_zxcvbn_strength": 0,
			"enforce_hibp_on_sign_in": false, "allowed_special_characters": "", "disable_password_reverification": false,
		},
		"passkey_settings":  fields{"allow_autofill": false, "show_sign_in_button": false, "satisfies_second_factor": false},
		"username_settings": fields{"min_length": 4, "max_length": 64, "allow_extended_special_characters": false, "allow_numeric_usernames": false},
		"restrictions": fields{
			"allowlist": off, "blocklist": off, "allowlist_blocklist_disabled_on_sign_in": off,
			"block_email_subaddresses": off, "block_disposable_email_domains": off,
		},
	}
}

func organizationSettings() fields {
	return fields{
		"enabled": false, "max_allowed_memberships": 5, "force_organization_selection": false, "creator_role": "org:admin",
		"actions": fields{"admin_delete": true}, "slug": fields{"disabled": false},
		"domains": fields{"enabled": false, "enrollment_modes": []string{}, "default_role": "org:member"},
	}
}
