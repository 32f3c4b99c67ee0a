package wire

import "encoding/json"

// User is a person as they see themselves.
type User struct {
	Object                    string                   `json:"object"` // "user"
	ID                        string                   `json:"id"`
	Username                  *string                  `json:"username"`
	FirstName                 *string                  `json:"first_name"`
	LastName                  *string                  `json:"last_name"`
	Locale                    *string                  `json:"locale"`
	ImageURL                  string                   `json:"image_url"`
	HasImage                  bool                     `json:"has_image"`
	ProfileImageURL           string                   `json:"profile_image_url"`
	PrimaryEmailAddressID     *string                  `json:"primary_email_address_id"`
	PrimaryPhoneNumberID      *string                  `json:"primary_phone_number_id"`
	PrimaryWeb3WalletID       *string                  `json:"primary_web3_wallet_id"`
	PasswordEnabled           bool                     `json:"password_enabled"`
	TwoFactorEnabled          bool                     `json:"two_factor_enabled"`
	TOTPEnabled               bool                     `json:"totp_enabled"`
	BackupCodeEnabled         bool                     `json:"backup_code_enabled"`
	DeleteSelfEnabled         bool                     `json:"delete_self_enabled"`
	CreateOrganizationEnabled bool                     `json:"create_organization_enabled"`
	CreateOrganizationsLimit  *int                     `json:"create_organizations_limit"`
	EmailAddresses            []EmailAddress           `json:"email_addresses"`
	PhoneNumbers              []PhoneNumber            `json:"phone_numbers"`
	Web3Wallets               []json.RawMessage        `json:"web3_wallets"`
	Passkeys                  []Passkey                `json:"passkeys"`
	ExternalAccounts          []ExternalAccount        `json:"external_accounts"`
	SAMLAccounts              []json.RawMessage        `json:"saml_accounts"`
	EnterpriseAccounts        []json.RawMessage        `json:"enterprise_accounts"`
	OrganizationMemberships   []OrganizationMembership `json:"organization_memberships"`
	PublicMetadata            json.RawMessage          `json:"public_metadata"`
	UnsafeMetadata            json.RawMessage          `json:"unsafe_metadata"`
	ExternalID                *string                  `json:"external_id"`
	PasswordLastUpdatedAt     *int64                   `json:"password_last_updated_at"`
	LastSignInAt              *int64                   `json:"last_sign_in_at"`
	Banned                    bool                     `json:"banned"`
	Locked                    bool                     `json:"locked"`
	LockoutExpiresInSeconds   *int64                   `json:"lockout_expires_in_seconds"`
	VerificationAttemptsLeft  *int64                   `json:"verification_attempts_remaining"`
	MFAEnabledAt              *int64                   `json:"mfa_enabled_at"`
	MFADisabledAt             *int64                   `json:"mfa_disabled_at"`
	LastActiveAt              *int64                   `json:"last_active_at"`
	LegalAcceptedAt           *int64                   `json:"legal_accepted_at"`
	CreatedAt                 int64                    `json:"created_at"`
	UpdatedAt                 int64                    `json:"updated_at"`
}

// EmailAddress is an identification and how it was proven.
type EmailAddress struct {
	Object               string        `json:"object"` // "email_address"
	ID                   string        `json:"id"`
	EmailAddress         string        `json:"email_address"`
	Reserved             bool          `json:"reserved"`
	Verification         *Verification `json:"verification"`
	LinkedTo             []Link        `json:"linked_to"`
	MatchesSSOConnection bool          `json:"matches_sso_connection"`
	CreatedAt            int64         `json:"created_at"`
	UpdatedAt            int64         `json:"updated_at"`
}

// PhoneNumber is an identification and how it was proven.
type PhoneNumber struct {
	Object                  string        `json:"object"` // "phone_number"
	ID                      string        `json:"id"`
	PhoneNumber             string        `json:"phone_number"` // E.164
	Reserved                bool          `json:"reserved"`
	ReservedForSecondFactor bool          `json:"reserved_for_second_factor"`
	DefaultSecondFactor     bool          `json:"default_second_factor"`
	Verification            *Verification `json:"verification"`
	LinkedTo                []Link        `json:"linked_to"`
	BackupCodes             []string      `json:"backup_codes"` // null except where they were just made
	CreatedAt               int64         `json:"created_at"`
	UpdatedAt               int64         `json:"updated_at"`
}

// Passkey is a credential of WebAuthn. While it is being registered, its
// verification has the options as its nonce.
type Passkey struct {
	Object       string        `json:"object"` // "passkey"
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	LastUsedAt   *int64        `json:"last_used_at"`
	Verification *Verification `json:"verification"`
	CreatedAt    int64         `json:"created_at"`
	UpdatedAt    int64         `json:"updated_at"`
}

// TOTP is an authenticator app. Secret and URI are told once, while it is set up.
type TOTP struct {
	Object      string   `json:"object"` // "totp"
	ID          string   `json:"id"`
	Secret      *string  `json:"secret"`
	URI         *string  `json:"uri"`
	Verified    bool     `json:"verified"`
	BackupCodes []string `json:"backup_codes"` // null except where they were just made
	CreatedAt   int64    `json:"created_at"`
	UpdatedAt   int64    `json:"updated_at"`
}

// BackupCodes are the codes of a set that was just made: they are told once.
type BackupCodes struct {
	Object    string   `json:"object"` // "backup_code"
	ID        string   `json:"id"`
	Codes     []string `json:"codes"`
	CreatedAt int64    `json:"created_at"`
	UpdatedAt int64    `json:"updated_at"`
}

// Image is a picture that was uploaded.
type Image struct {
	Object    string `json:"object"` // "image"
	ID        string `json:"id"`
	Name      string `json:"name"`
	PublicURL string `json:"public_url"`
}

// Verification is one proof in progress or done.
type Verification struct {
	Object           string  `json:"object"` // "verification_<kind>"
	Status           string  `json:"status"`
	Strategy         string  `json:"strategy"`
	Attempts         *int    `json:"attempts"`
	ExpireAt         *int64  `json:"expire_at"`
	VerifiedAtClient *string `json:"verified_at_client,omitempty"`
	Error            *Error  `json:"error,omitempty"`
	Channel          *string `json:"channel,omitempty"`
	Nonce            *string `json:"nonce,omitempty"`
	ExternalRedirect *string `json:"external_verification_redirect_url,omitempty"`

	TrustedDeviceChallenge *TrustedDeviceChallenge `json:"trusted_device_challenge,omitempty"`
}
