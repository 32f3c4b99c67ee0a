package frontendapi

import (
	"encoding/json"
)

// encodeDiscovery is the provider metadata (OpenID Connect Discovery 1.0 §3)
// by which verifiers of session tokens find the keys.
func encodeDiscovery(base string) []byte {
	body, err := json.Marshal(fields{
		"issuer": base, "jwks_uri": base + "/.well-known/jwks.json",
		"authorization_endpoint": base + "/oauth/authorize", "token_endpoint": base + "/oauth/token",
		"userinfo_endpoint": base + "/oauth/userinfo", "revocation_endpoint": base + "/oauth/token/revoke",
		"introspection_endpoint":       base + "/oauth/token_info",
		"response_modes_supported":     []string{"query", "form_post"},
		"backchannel_logout_supported": false, "frontchannel_logout_supported": false,
		"response_types_supported": []string{"code"}, "grant_types_supported": []string{"authorization_code", "refresh_token"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported": []string{"openid", "profile", "email"}, "token_endpoint_auth_methods_supported": []string{"client_secret_basic", "none", "client_secret_post"},
		"claims_supported":                 []string{"aud", "iss", "exp", "iat", "sub", "sid"},
		"code_challenge_methods_supported": []string{"S256"},
	})
	if err != nil {
		panic("frontendapi: internal error: discovery: " + err.Error())
	}
	return body
}
