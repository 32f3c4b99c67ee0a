// Package token owns the credentials the instance hands out: signed session
// tokens with the keys that sign them, the opaque client tokens that identify
// a browser or device, and the tickets of sign-in tokens.
//
// It offers [Keys] (signing keys, sealed at rest, and the published JWKS),
// [Issuer] (session tokens by the published claim sets, with a short reuse
// cache), [Verifier], and opaque credentials that prove themselves genuine
// before any store is asked.
//
// It refuses to decide whether a session may have a token, to know how a
// credential travels over HTTP, and to keep anything in clear at rest.
package token

import "time"

const (
	// SessionLifetime is the validity of a session token. Clients refresh well
	// before it ends; verifiers need no revocation list because it is short.
	SessionLifetime = 60 * time.Second
	// ReuseMinimum is the validity a session token must have left to be handed
	// out again instead of signing a new one. It exceeds the lead with which
	// the published SDKs refresh (17 s), so a reused token is never refreshed at once.
	ReuseMinimum = 45 * time.Second
	// NotBeforeSkew is how far nbf lies before iat: verifiers with no leeway
	// (clerk-sdk-go) must not reject a token because their clock is behind.
	NotBeforeSkew = 10 * time.Second
)

// Categories mark the kind of a token in its header, by their published values.
const (
	categorySession  = "cl_B7d4PD111AAA"
	categoryTemplate = "cl_B7d4PD222AAA"
)
