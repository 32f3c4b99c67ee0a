package wire

// TrustedDevice is an app installation that signs its user in by a key of the
// device.
type TrustedDevice struct {
	Object        string  `json:"object"` // "trusted_device"
	ID            string  `json:"id"`
	Platform      string  `json:"platform"` // "ios" or "android"
	AppIdentifier string  `json:"app_identifier"`
	Name          *string `json:"name"`
	Algorithm     string  `json:"algorithm"` // "ES256"
	Status        string  `json:"status"`    // "active" or "revoked"
	CreatedAt     int64   `json:"created_at"`
	UpdatedAt     int64   `json:"updated_at"`
	LastUsedAt    *int64  `json:"last_used_at"`
	RevokedAt     *int64  `json:"revoked_at"`
}

// TrustedDeviceChallenge is what a device is to sign: the client data, as it is.
type TrustedDeviceChallenge struct {
	Object          string `json:"object"` // "trusted_device_challenge"
	Challenge       string `json:"challenge"`
	ChallengeID     string `json:"challenge_id"`
	TrustedDeviceID string `json:"trusted_device_id,omitempty"` // of a sign-in
	ClientData      string `json:"client_data"`
	ExpiresAt       int64  `json:"expires_at"` // milliseconds since 1970
	Algorithm       string `json:"algorithm"`  // "ES256"
}

// TrustedDeviceValidation says whether a device can sign in.
type TrustedDeviceValidation struct {
	Object string `json:"object"` // "trusted_device_validation"
	Valid  bool   `json:"valid"`
}
