package auth

// Codes of signing in with accounts elsewhere.
const (
	CodeExternalAccountNotFound Code = "external_account_not_found"
	CodeExternalAccountExists   Code = "external_account_exists"
	CodeOAuthAccessDenied       Code = "oauth_access_denied"
	CodeOAuthStateInvalid       Code = "oauth_state_invalid"
	CodeOAuthTokenExchange      Code = "oauth_token_exchange_error"
	CodeOAuthIDTokenInvalid     Code = "oauth_id_token_invalid"
	CodeOAuthFetchUser          Code = "oauth_fetch_user_error"
	CodeOAuthOtherAccount       Code = "oauth_account_mismatch"
	CodeOAuthNotConfigured      Code = "oauth_config_missing"
	CodeOAuthTokenMissing       Code = "oauth_missing_refresh_token"
	CodeOAuthProviderDown       Code = "oauth_provider_unavailable"
)
