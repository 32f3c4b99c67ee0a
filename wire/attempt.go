package wire

import "encoding/json"

// SignIn is a sign-in attempt. iOS routes its events by the object name.
type SignIn struct {
	Object                   string        `json:"object"` // "sign_in_attempt"
	ID                       string        `json:"id"`
	Status                   string        `json:"status"`
	SupportedIdentifiers     []string      `json:"supported_identifiers"`
	Identifier               *string       `json:"identifier"`
	SupportedFirstFactors    []Factor      `json:"supported_first_factors"`  // null before an identifier is given
	SupportedSecondFactors   []Factor      `json:"supported_second_factors"` // null when none is due
	FirstFactorVerification  *Verification `json:"first_factor_verification"`
	SecondFactorVerification *Verification `json:"second_factor_verification"`
	UserData                 *UserData     `json:"user_data"`
	CreatedSessionID         *string       `json:"created_session_id"`
	ClientTrustState         *string       `json:"client_trust_state,omitempty"`
	AbandonAt                int64         `json:"abandon_at"`
}

// Factor is a way to prove oneself that an attempt offers.
type Factor struct {
	Strategy       string `json:"strategy"`
	SafeIdentifier string `json:"safe_identifier,omitempty"`
	EmailAddressID string `json:"email_address_id,omitempty"`
	PhoneNumberID  string `json:"phone_number_id,omitempty"`
	TrustedDevice  string `json:"trusted_device_id,omitempty"`
	Primary        bool   `json:"primary,omitempty"`
	Default        bool   `json:"default,omitempty"`
}

// UserData is what an attempt may show of the user it is about.
type UserData struct {
	FirstName       *string `json:"first_name"`
	LastName        *string `json:"last_name"`
	ImageURL        string  `json:"image_url"`
	HasImage        bool    `json:"has_image"`
	ProfileImageURL string  `json:"profile_image_url"`
}

// SessionReverification is the progress of proving oneself again in a session.
type SessionReverification struct {
	Object                   string        `json:"object"` // "session_reverification"
	ID                       string        `json:"id"`
	Status                   string        `json:"status"`
	Level                    string        `json:"level"`
	Session                  *Session      `json:"session"`
	SupportedFirstFactors    []Factor      `json:"supported_first_factors"`
	SupportedSecondFactors   []Factor      `json:"supported_second_factors"` // null when there are none
	FirstFactorVerification  *Verification `json:"first_factor_verification"`
	SecondFactorVerification *Verification `json:"second_factor_verification"`
}

// SignUp is a sign-up attempt.
type SignUp struct {
	Object                  string              `json:"object"` // "sign_up_attempt"
	ID                      string              `json:"id"`
	Status                  string              `json:"status"`
	RequiredFields          []string            `json:"required_fields"`
	OptionalFields          []string            `json:"optional_fields"`
	MissingFields           []string            `json:"missing_fields"`
	UnverifiedFields        []string            `json:"unverified_fields"`
	Verifications           SignUpVerifications `json:"verifications"`
	Username                *string             `json:"username"`
	EmailAddress            *string             `json:"email_address"`
	PhoneNumber             *string             `json:"phone_number"`
	Web3Wallet              *string             `json:"web3_wallet"`
	PasswordEnabled         bool                `json:"password_enabled"`
	HasPassword             bool                `json:"has_password"`
	FirstName               *string             `json:"first_name"`
	LastName                *string             `json:"last_name"`
	CustomAction            bool                `json:"custom_action"`
	ExternalID              *string             `json:"external_id"`
	ExternalAccountStrategy *string             `json:"external_account_strategy"`
	ExternalAccount         json.RawMessage     `json:"external_account"`
	UnsafeMetadata          json.RawMessage     `json:"unsafe_metadata"`
	PublicMetadata          json.RawMessage     `json:"public_metadata"`
	CreatedSessionID        *string             `json:"created_session_id"`
	CreatedUserID           *string             `json:"created_user_id"`
	LegalAcceptedAt         *int64              `json:"legal_accepted_at"`
	Locale                  *string             `json:"locale"`
	AbandonAt               int64               `json:"abandon_at"`
}

// SignUpVerifications are the proofs of a sign-up attempt; null when not needed.
type SignUpVerifications struct {
	EmailAddress    *SignUpVerification `json:"email_address"`
	PhoneNumber     *SignUpVerification `json:"phone_number"`
	Web3Wallet      *SignUpVerification `json:"web3_wallet"`
	ExternalAccount *Verification       `json:"external_account"`
}

// SignUpVerification is a proof with what to do next.
type SignUpVerification struct {
	Verification
	NextAction          string   `json:"next_action"` // needs_prepare, needs_attempt or empty
	SupportedStrategies []string `json:"supported_strategies"`
}

// WaitlistEntry is the answer to asking for an invitation. It tells nothing
// about when somebody asked first.
type WaitlistEntry struct {
	Object string `json:"object"` // "waitlist_entry"
	ID     string `json:"id"`
}
