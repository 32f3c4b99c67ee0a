package auth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Settings are the switches of an instance that rules and published documents
// depend on. The names in JSON are those of the settings section of a
// configuration and of the stored changes. Use [DefaultSettings] as the start:
// the zero value switches everything off.
type Settings struct {
	ApplicationName string `json:"application_name"`
	HomeURL         string `json:"home_url"`
	SupportEmail    string `json:"support_email"`
	Production      bool   `json:"-"` // published as instance_environment_type; decided by how the instance is run
	// TestCodes accepts 424242 for test identities, see [TestAddress] and
	// [TestPhone], and sends nothing to them. Development only.
	TestCodes bool `json:"-"`

	SignUpMode            SignUpMode `json:"sign_up_mode"`
	SingleSession         bool       `json:"single_session"`         // at most one session per client
	EnumerationProtection bool       `json:"enumeration_protection"` // unknown and known identifiers look alike
	PasswordRequired      bool       `json:"password_required"`      // sign-up needs a password
	LegalConsent          bool       `json:"legal_consent"`          // sign-up needs the terms accepted
	DeleteSelf            bool       `json:"delete_self"`            // people may delete their own account
	NewDeviceMail         bool       `json:"new_device_mail"`        // people hear of a sign-in on a device that is new

	// What a user has, and whether a sign-up needs it. What is in use also
	// identifies at sign-in.
	Email     Use `json:"email_address"`
	Phone     Use `json:"phone_number"`
	Username  Use `json:"username"`
	FirstName Use `json:"first_name"`
	LastName  Use `json:"last_name"`

	// EmailLink offers links in mails, for sign-in and sign-up.
	// EmailLinkSameClient lets such a link complete an attempt only in the
	// browser that asked for it: then nobody can be talked into completing
	// somebody else's by following a link.
	EmailLink           bool `json:"email_link"`
	EmailLinkSameClient bool `json:"email_link_same_client"`
	// NativeRedirects are the addresses at which a browser returns to native
	// apps, see [NativeRedirects].
	NativeRedirects []string `json:"native_redirects"`
	// RedirectURLs are those that back ends added.
	RedirectURLs []RedirectURL `json:"redirect_urls,omitempty"`
	// BlockedCountries get no text messages: see [PhoneCountry].
	BlockedCountries []string `json:"blocked_country_codes,omitempty"`

	Passwords     PasswordSettings     `json:"password_settings"`
	SecondFactors SecondFactorSettings `json:"second_factors"`
	Restrictions  Restrictions         `json:"restrictions"`
	Passkeys      PasskeySettings      `json:"passkeys"`
	NativeApps    NativeApps           `json:"native_apps"`
	// TrustedDevices let native apps sign in by a key of the device.
	TrustedDevices TrustedDeviceSettings `json:"trusted_devices"`
	// Reverification makes sensitive changes of one's own account ask for a
	// recent proof first.
	Reverification bool `json:"reverification"`

	Organizations OrganizationSettings `json:"organizations"`
	Appearance    Appearance           `json:"appearance"`
	// SessionClaims are in every session token, besides the published claims.
	SessionClaims SessionClaims `json:"session_token_claims"`
	// Social are the providers that people may sign in with.
	Social SocialSettings `json:"social,omitempty"`
}

// SignUpMode is who may sign up.
type SignUpMode string

// Sign-up modes by their published names.
const (
	SignUpPublic     SignUpMode = "public"
	SignUpRestricted SignUpMode = "restricted" // by invitation only
	SignUpWaitlist   SignUpMode = "waitlist"   // by invitation only; others may ask for one
)

// Use is whether users have something.
type Use string

// Uses of an attribute.
const (
	UseOff      Use = "off"
	UseOptional Use = "optional"
	UseRequired Use = "required" // a sign-up needs it
)

// On says whether users can have it.
func (u Use) On() bool { return u == UseOptional || u == UseRequired }

// UseOf is the use of what is on or off, and then required or not.
func UseOf(on, required bool) Use {
	switch {
	case on && required:
		return UseRequired
	case on:
		return UseOptional
	default:
		return UseOff
	}
}

// SecondFactorSettings are the second factors of an instance.
type SecondFactorSettings struct {
	TOTP        bool `json:"totp"`
	BackupCodes bool `json:"backup_codes"`
	PhoneCode   bool `json:"phone_code"` // needs phone numbers
	EmailCode   bool `json:"email_code"` // any verified address; nothing that a user sets up
	// Required makes a session pending until its user has set one up.
	Required bool `json:"required"`
}

// Any says whether users can set up a second factor.
func (s SecondFactorSettings) Any() bool { return s.TOTP || s.PhoneCode }

// Restrictions keep identifiers out. The lists are kept beside the settings.
type Restrictions struct {
	AllowList               bool `json:"allowlist"`
	BlockList               bool `json:"blocklist"`
	IgnoreOnSignIn          bool `json:"ignore_on_sign_in"` // the lists count for sign-up only
	BlockEmailSubaddresses  bool `json:"block_email_subaddresses"`
	BlockDisposableDomains  bool `json:"block_disposable_email_domains"`
	IgnoreDotsForGmailNames bool `json:"ignore_dots_for_gmail_addresses"`
}

// DefaultSettings are those of a new instance: email addresses with codes,
// passwords, and second factors for who wants one.
func DefaultSettings() Settings {
	return Settings{
		ApplicationName: "Perennial", SignUpMode: SignUpPublic, DeleteSelf: true, NewDeviceMail: true,
		EmailLinkSameClient: true,
		Email:               UseRequired, Phone: UseOff, Username: UseOff, FirstName: UseOptional, LastName: UseOptional,
		SecondFactors: SecondFactorSettings{TOTP: true, BackupCodes: true},
		Organizations: DefaultOrganizationSettings(), Appearance: DefaultAppearance(),
		Passkeys: PasskeySettings{AllowAutofill: true, ShowSignInButton: true, SatisfiesSecondFactor: true},
	}
}

// Check says what makes the settings unusable. The error names the setting and
// has code [CodeParamInvalid].
func (s Settings) Check() error {
	uses := []struct {
		name string
		use  Use
	}{
		{"email_address", s.Email},
		{"phone_number", s.Phone},
		{"username", s.Username},
		{"first_name", s.FirstName},
		{"last_name", s.LastName},
	}
	for _, u := range uses {
		if !u.use.On() && u.use != UseOff {
			return RefuseParam(CodeParamInvalid, u.name)
		}
	}
	switch s.SignUpMode {
	case SignUpPublic, SignUpRestricted, SignUpWaitlist:
	default:
		return RefuseParam(CodeParamInvalid, "sign_up_mode")
	}
	switch {
	case !s.Email.On() && !s.Phone.On() && !s.Username.On():
		return RefuseParam(CodeParamInvalid, "email_address") // nobody could sign up
	case !s.Email.On() && !s.Phone.On() && !s.PasswordRequired:
		return RefuseParam(CodeParamInvalid, "password_required") // nothing to prove oneself with
	case !validRedirectURLs(s.RedirectURLs):
		return RefuseParam(CodeParamInvalid, "redirect_urls")
	case s.redirects().Check() != "":
		return RefuseParam(CodeParamInvalid, "native_redirects")
	case !slices.Equal(s.BlockedCountries, KnownCountries(s.BlockedCountries)):
		return RefuseParam(CodeParamInvalid, "blocked_country_codes") // each once, in order
	case s.SecondFactors.PhoneCode && !s.Phone.On():
		return RefuseParam(CodeParamInvalid, "second_factors.phone_code")
	case s.SecondFactors.Required && !s.SecondFactors.Any():
		return RefuseParam(CodeParamInvalid, "second_factors.required")
	case !s.Passwords.valid():
		return RefuseParam(CodeParamInvalid, "password_settings.min_zxcvbn_strength")
	case !s.Passkeys.valid():
		return RefuseParam(CodeParamInvalid, "passkeys.rp_id")
	case !s.TrustedDevices.valid():
		return RefuseParam(CodeParamInvalid, "trusted_devices.second_factor_days")
	case !s.NativeApps.valid():
		return RefuseParam(CodeParamInvalid, "native_apps")
	}
	if err := s.SessionClaims.Check(); err != nil {
		return err
	}
	if err := s.Appearance.Check(); err != nil {
		return err
	}
	if err := s.checkSocial(); err != nil {
		return err
	}
	return s.Organizations.Check()
}

func (s Settings) redirects() NativeRedirects {
	listed := slices.Clone(s.NativeRedirects)
	for _, r := range s.RedirectURLs {
		listed = append(listed, r.URL)
	}
	return NativeRedirects{Listed: listed, Development: !s.Production}
}

// MayReturnTo says whether a browser that a native app sent may return to
// address. Under development every app may be returned to.
func (s Settings) MayReturnTo(address string) bool { return s.redirects().Allows(address) }

// Configured is [Settings.With] for what a person wrote: a name that means
// nothing is refused, because a typo must not silently leave a protection off.
func (s Settings) Configured(changes json.RawMessage) (Settings, error) {
	s = s.detached().replacing(changes)
	d := json.NewDecoder(bytes.NewReader(changes))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, &Error{Code: CodeParamInvalid, Param: "settings", Cause: fmt.Errorf("decode settings: %w", err)}
	}
	return s, s.Check()
}

// With returns the settings with a JSON object of changes laid over them, by
// the names of the members. Errors have code [CodeParamInvalid].
func (s Settings) With(changes json.RawMessage) (Settings, error) {
	if len(changes) == 0 {
		return s, nil
	}
	s = s.detached().replacing(changes)
	if err := json.Unmarshal(changes, &s); err != nil {
		return s, &Error{Code: CodeParamInvalid, Param: "settings", Cause: fmt.Errorf("decode settings: %w", err)}
	}
	return s, s.Check()
}

// replacing are the settings without those lists of records that changes bring:
// decoding would leave the members that a new record lacks as they were in the
// record whose place it takes.
func (s Settings) replacing(changes json.RawMessage) Settings {
	var given struct {
		RedirectURLs json.RawMessage `json:"redirect_urls"`
		NativeApps   struct {
			Android json.RawMessage `json:"android"`
		} `json:"native_apps"`
	}
	_ = json.Unmarshal(changes, &given) // what is wrong with it is told when it is decoded in earnest
	if given.RedirectURLs != nil {
		s.RedirectURLs = nil
	}
	if given.NativeApps.Android != nil {
		s.NativeApps.Android = nil
	}
	return s
}

// detached are the settings with lists of their own: decoding writes into the
// arrays that are there, which others may be reading.
func (s Settings) detached() Settings {
	s.NativeRedirects, s.RedirectURLs = slices.Clone(s.NativeRedirects), slices.Clone(s.RedirectURLs)
	s.BlockedCountries = slices.Clone(s.BlockedCountries)
	s.Organizations.Enrollments = slices.Clone(s.Organizations.Enrollments)
	s.NativeApps.Apple, s.NativeApps.Android = slices.Clone(s.NativeApps.Apple), slices.Clone(s.NativeApps.Android)
	for i, app := range s.NativeApps.Android {
		s.NativeApps.Android[i].SHA256 = slices.Clone(app.SHA256)
	}
	return s
}
