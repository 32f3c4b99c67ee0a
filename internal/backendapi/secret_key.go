package backendapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// SecretKey recognises the secret key of the instance. It holds only a hash,
// so that it can be kept, compared and printed without giving the key away.
type SecretKey struct{ hash [sha256.Size]byte }

// NewSecretKey returns what recognises key.
func NewSecretKey(key string) SecretKey { return SecretKey{sha256.Sum256([]byte(key))} }

// String hides even the hash.
func (SecretKey) String() string { return "[secret key]" }

// GoString hides even the hash.
func (k SecretKey) GoString() string { return k.String() }

// Is says in constant time whether key is the secret key.
func (k SecretKey) Is(key string) bool {
	hash := sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(hash[:], k.hash[:]) == 1
}

// check refuses a request without the key. Hashes are compared, in constant
// time: neither the length nor a common prefix of a guess shows in the timing.
func (k SecretKey) check(r *http.Request) error {
	given, ok := bearer(r)
	if !ok {
		return auth.Refuse(auth.CodeSecretKeyFormat)
	}
	if !k.Is(given) {
		return auth.Refuse(auth.CodeSecretKeyInvalid)
	}
	return nil
}

// bearer returns the one bearer token of the request. The scheme is compared
// without case (RFC 9110 §11.1). Two headers are refused: a proxy in front
// might have looked at the other one.
func bearer(r *http.Request) (string, bool) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(headers[0], " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

// secretPrefix begins every secret key and no client token.
const secretPrefix = "sk_"

// areas are the first path segments below /v1 that only the Backend API has.
// Requests there without a key are told so instead of "not found".
var areas = map[string]bool{
	"accountless_applications": true, "actor_tokens": true, "admin_portal_link_tokens": true,
	"allowlist_identifiers": true, "api_keys": true, "audit_logs": true, "aws_credentials": true,
	"beta_features": true, "blocklist_identifiers": true, "clients": true, "directories": true, "domains": true,
	"email_addresses": true, "instance": true, "invitations": true, "jwks": true, "jwt_templates": true,
	"m2m_tokens": true, "machine_tokens": true, "machines": true, "oauth_applications": true,
	"organization_domains": true, "organization_invitations": true, "organization_memberships": true,
	"organization_permissions": true, "organization_roles": true, "phone_numbers": true, "proxy_checks": true,
	"public": true, "redirect_urls": true, "role_sets": true, "saml_connections": true, "scim_directories": true,
	"sessions": true, "sign_in_tokens": true, "sign_ups": true, "templates": true, "testing_tokens": true,
	"users": true, "waitlist_entries": true, "webhooks": true,
}

// IsRequest says whether a request is for the Backend API: it carries a secret
// key, whatever the path, or its path exists only there. Both APIs are on one
// host; paths that both have (organizations) are told apart by the key.
func IsRequest(r *http.Request) bool {
	if key, ok := bearer(r); ok && strings.HasPrefix(key, secretPrefix) {
		return true
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1/")
	area, _, _ := strings.Cut(rest, "/")
	return ok && areas[area]
}
