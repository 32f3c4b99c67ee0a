package token

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// ClaimsVersion is a published shape of the session token's claims.
type ClaimsVersion int

// The two published shapes. V2 carries v, sts and the organization in one
// member; V1 predates it.
const (
	V1 ClaimsVersion = 1
	V2 ClaimsVersion = 2
)

// firstV2 is the API version that introduced the second claim set.
const firstV2 = "2025-04-10"

// ClaimsVersionFor picks the claim set for the API version a client asked
// for. Versions are dates and compare as text; an absent, unknown or newer
// one gets the newest claims, because SDKs run ahead of any published spec.
func ClaimsVersionFor(apiVersion string) ClaimsVersion {
	if _, err := time.Parse(time.DateOnly, apiVersion); err == nil && apiVersion < firstV2 {
		return V1
	}
	return V2
}

// SessionRequest asks for a token of a session that the caller found signed in.
type SessionRequest struct {
	Session         auth.Session
	AuthorizedParty string // request origin of a browser, empty for native apps
	Version         ClaimsVersion
	Organization    *Organization
	// NotBefore is an instant the token must not have been issued before: the
	// client's last sign-in or sign-out. Back ends compare iat with the
	// client_uat cookie and start a handshake for an older token.
	NotBefore time.Time
	// Custom is a JSON object of the instance's own claims, none of which is a
	// published one; nil for none.
	Custom json.RawMessage
	// Lifetime replaces [SessionLifetime] when not zero. Such a token is
	// always signed anew.
	Lifetime time.Duration
}

// SessionClaims are the claims of a session token in either shape.
type SessionClaims struct {
	Issuer          string          `json:"iss"`
	Subject         string          `json:"sub"`
	Expiry          int64           `json:"exp"` // seconds, like all instants here
	IssuedAt        int64           `json:"iat"`
	NotBefore       int64           `json:"nbf"`
	ID              string          `json:"jti,omitempty"`
	AuthorizedParty string          `json:"azp,omitempty"`
	SessionID       string          `json:"sid"`
	SessionStatus   string          `json:"sts,omitempty"` // V2
	Version         int             `json:"v,omitempty"`   // V2
	FactorAge       [2]int          `json:"fva"`           // minutes, -1 = not verified
	Actor           json.RawMessage `json:"act,omitempty"` // who acts in the place of the subject
	Features        string          `json:"fea,omitempty"` // V2
	Organization    *orgClaim       `json:"o,omitempty"`   // V2
	OrgID           string          `json:"org_id,omitempty"`
	OrgSlug         string          `json:"org_slug,omitempty"`
	OrgRole         string          `json:"org_role,omitempty"`
	OrgPermissions  []string        `json:"org_permissions,omitempty"`
}
