package wire

import "encoding/json"

// ExternalAccount is an account elsewhere that a person signs in with.
type ExternalAccount struct {
	Object               string          `json:"object"` // "external_account"
	ID                   string          `json:"id"`
	Provider             string          `json:"provider"` // oauth_…
	IdentificationID     string          `json:"identification_id"`
	ProviderUserID       string          `json:"provider_user_id"`
	ApprovedScopes       string          `json:"approved_scopes"` // separated by spaces
	EmailAddress         string          `json:"email_address"`
	EmailAddressVerified bool            `json:"email_address_verified"`
	FirstName            string          `json:"first_name"`
	LastName             string          `json:"last_name"`
	AvatarURL            string          `json:"avatar_url"`
	ImageURL             *string         `json:"image_url"`
	Username             *string         `json:"username"`
	PhoneNumber          *string         `json:"phone_number"`
	PublicMetadata       json.RawMessage `json:"public_metadata"`
	Label                *string         `json:"label"`
	Verification         *Verification   `json:"verification"`
	CreatedAt            int64           `json:"created_at"`
	UpdatedAt            int64           `json:"updated_at"`
}

// Link is an identification that proves another one.
type Link struct {
	Type string `json:"type"` // oauth_…
	ID   string `json:"id"`   // idn_…
}
