package oauth

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/perennialauth/perennial/internal/auth"
)

// appleSecretLifetime is short, as a secret is made for every conversation.
const appleSecretLifetime = 5 * time.Minute

// appleSecret is the client secret that Apple wants: a token that is signed
// with the key of the developer's team.
func appleSecret(p auth.SocialProvider, now time.Time) (string, error) {
	key, err := jwt.ParseECPrivateKeyFromPEM([]byte(p.ClientSecret))
	if err != nil {
		return "", auth.Refuse(auth.CodeOAuthNotConfigured) // the cause could hold the key
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
		Issuer: p.AppleTeamID, Subject: p.ClientID, Audience: jwt.ClaimStrings{"https://appleid.apple.com"},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(appleSecretLifetime)),
	})
	t.Header["kid"] = p.AppleKeyID
	signed, err := t.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign client secret: %w", err)
	}
	return signed, nil
}
