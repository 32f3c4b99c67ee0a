package auth

// Codes about passkeys.
const (
	CodePasskeyFailed            Code = "passkey_authentication_failure"
	CodePasskeyCredentialInvalid Code = "passkey_invalid_public_key_credential"
	CodePasskeyNonceInvalid      Code = "passkey_invalid_verification"
	CodePasskeyNotRegistered     Code = "passkey_not_registered"
	CodePasskeyNotVerified       Code = "passkey_identification_not_verified"
	CodePasskeyQuota             Code = "passkey_quota_exceeded"
)
