package frontendapi

import (
	"encoding/json"
	"reflect"
	"sync/atomic"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// fields is a JSON object under construction.
type fields map[string]any

// environment is the published description of the instance as it is now. It is
// encoded again only after a setting was changed.
type environment struct {
	config Config
	cached atomic.Pointer[encoded]
}

type encoded struct {
	of   auth.Settings
	body []byte
}

func (e *environment) document() []byte {
	now := e.config.Settings()
	if c := e.cached.Load(); c != nil && reflect.DeepEqual(c.of, now) {
		return c.body
	}
	c := &encoded{now, encodeEnvironment(e.config, now)}
	e.cached.Store(c)
	return c.body
}

// encodeEnvironment is the published description of the instance: what every
// SDK must have before it shows anything. It is the same for everybody and
// made from memory, so that it survives any outage of the store: an SDK that cannot
// load it does not load at all.
func encodeEnvironment(c Config, set auth.Settings) []byte {
	body, err := json.Marshal(fields{
		"auth_config":           authConfig(c, set),
		"display_config":        displayConfig(c, set),
		"user_settings":         userSettings(set),
		"organization_settings": organizationSettings(set.Organizations),
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

func authConfig(c Config, set auth.Settings) fields {
	required := "off"
	if set.PasswordRequired {
		required = "required"
	}
	requirements, identifiers := identifications(set)
	return fields{
		"object": "auth_config", "id": "aconf_" + c.InstanceID, "single_session_mode": set.SingleSession,
		"first_name": onOrOff(set.FirstName), "last_name": onOrOff(set.LastName), "username": onOrOff(set.Username),
		"phone_number": onOrOff(set.Phone), "email_address": onOrOff(set.Email),
		"password": required, "identification_requirements": requirements,
		"identification_strategies": identifiers, "first_factors": firstFactors(set),
		"second_factors": secondFactors(set), "email_address_verification_strategies": respond.EmailProofs(set),
		"enhanced_email_deliverability": false, "url_based_session_syncing": true, "cookieless_dev": true,
		"claimed_at": nil, "reverification": set.Reverification, "test_mode": set.TestCodes,
		"native_settings": fields{
			"object": "native_settings", "api_enabled": true, "trusted_device_sign_in_enabled": set.TrustedDevices.Enabled,
			"trusted_device_enrollment_prompt_after_sign_in_enabled": set.TrustedDevices.Enabled && set.TrustedDevices.PromptAfterSignIn,
			"trusted_device_enrollment_prompt_after_sign_up_enabled": set.TrustedDevices.Enabled && set.TrustedDevices.PromptAfterSignUp,
		},
	}
}

func displayConfig(c Config, set auth.Settings) fields {
	kind := "development"
	if set.Production {
		kind = "production"
	}
	return fields{
		"object": "display_config", "id": "display_config_" + c.InstanceID, "instance_environment_type": kind,
		"application_name": set.ApplicationName, "preferred_sign_in_strategy": "password", "branded": false,
		"logo_image_url": set.Appearance.LogoURL, "favicon_image_url": "", "logo_url": respond.OrNull(set.Appearance.LogoURL), "favicon_url": nil, "logo_image": nil, "favicon_image": nil,
		"logo_link_url": set.HomeURL, "theme": fields{},
		"experimental_force_oauth_first": false, "oauth_consent_url": "",
		"home_url": set.HomeURL, "sign_in_url": "", "sign_up_url": "", "user_profile_url": "", "waitlist_url": "",
		"organization_profile_url": "", "create_organization_url": "", "after_sign_in_url": "", "after_sign_up_url": "",
		"after_sign_out_all_url": "", "after_sign_out_one_url": "", "after_switch_session_url": "",
		"after_leave_organization_url": "", "after_create_organization_url": "", "after_join_waitlist_url": "",
		"clerk_js_version": "6", "help_url": nil, "support_email": respond.OrNull(set.SupportEmail),
		"privacy_policy_url": nil, "terms_url": nil, "google_one_tap_client_id": oneTapClient(set), "show_devmode_warning": false,
		"captcha_public_key": nil, "captcha_widget_type": nil, "captcha_provider": nil, "captcha_public_key_invisible": nil,
		"captcha_oauth_bypass": []string{}, "captcha_heartbeat": false,
	}
}

func userSettings(set auth.Settings) fields {
	enabled := func(on bool) fields { return fields{"enabled": on} }
	off := enabled(false)
	return fields{
		"attributes": attributes(set), "social": socialSettings(set), "saml": off, "enterprise_sso": off,
		"actions": fields{"delete_self": set.DeleteSelf, "create_organization": set.Organizations.Enabled && set.Organizations.Create, "create_organizations_limit": nil},
		"attack_protection": fields{
			"user_lockout":           fields{"enabled": true, "max_attempts": 10, "duration_in_minutes": 15},
			"pii":                    fields{"enabled": set.EnumerationProtection},
			"email_link":             fields{"require_same_client": set.EmailLinkSameClient},
			"enumeration_protection": fields{"enabled": set.EnumerationProtection},
		},
		"sign_in": fields{"second_factor": fields{"required": set.SecondFactors.Required, "enabled": set.SecondFactors.Any()}},
		"sign_up": fields{
			"captcha_enabled": false, "captcha_widget_type": "smart", "custom_action_required": false, "progressive": true,
			"mode": set.SignUpMode, "legal_consent_enabled": set.LegalConsent,
		},
		"password_settings": fields{
			"min_length": 8, "max_length": 72, "disable_hibp": true, "require_special_char": false, "require_numbers": false,
			"require_uppercase": false, "require_lowercase": false, "show_zxcvbn": set.Passwords.ShowStrength, "min_zxcvbn_strength": set.Passwords.MinStrength,
			"enforce_hibp_on_sign_in": false, "allowed_special_characters": "", "disable_password_reverification": false,
		},
		"passkey_settings": fields{
			"allow_autofill": set.Passkeys.AllowAutofill, "show_sign_in_button": set.Passkeys.ShowSignInButton,
			"satisfies_second_factor": set.Passkeys.SatisfiesSecondFactor,
		},
		"username_settings": fields{"min_length": 4, "max_length": 64, "allow_extended_special_characters": false, "allow_numeric_usernames": false},
		"restrictions": fields{
			"allowlist": enabled(set.Restrictions.AllowList), "blocklist": enabled(set.Restrictions.BlockList),
			"allowlist_blocklist_disabled_on_sign_in": enabled(set.Restrictions.IgnoreOnSignIn),
			"block_email_subaddresses":                enabled(set.Restrictions.BlockEmailSubaddresses),
			"block_disposable_email_domains":          enabled(set.Restrictions.BlockDisposableDomains),
		},
	}
}
