package auth

// Codes about accounts, met by the holder of the secret key above all.
const (
	CodeSecretKeyFormat        Code = "authorization_header_format_invalid"
	CodeNoPasswordSet          Code = "no_password_set"
	CodePasswordWrong          Code = "incorrect_password"
	CodeLastIdentification     Code = "last_identification_deletion_failed"
	CodeInvalidForEnvironment  Code = "request_invalid_for_environment"
	CodePasswordHasherUnknown  Code = "form_password_hasher_unsupported"
	CodePasswordDigestInvalid  Code = "form_password_digest_invalid"
	CodePrimaryNotVerified     Code = "primary_identification_not_verified"
	CodeRefreshTokenInvalid    Code = "refresh_token_invalid"
	CodeRequiredIdentification Code = "form_data_missing"
	CodePasswordRequired       Code = "password_required"
	CodeWebhookEndpointQuota   Code = "webhook_endpoint_quota_exceeded"
)
