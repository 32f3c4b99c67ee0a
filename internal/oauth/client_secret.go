package oauth

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// sealedSecret begins a client secret that is stored in the database. One in a
// configuration is as the provider gave it.
const sealedSecret = "sealed:"

// ClientSecrets seals what providers know this instance by.
type ClientSecrets struct{ Sealer Sealer }

// Seal returns the secret of a provider, named without "oauth_", as it is
// stored. A sealed one stays as it is.
func (c ClientSecrets) Seal(name, secret string) (string, error) {
	if secret == "" || strings.HasPrefix(secret, sealedSecret) {
		return secret, nil
	}
	sealed, err := c.Sealer.Seal("client-secret/"+name, []byte(secret))
	if err != nil {
		return "", fmt.Errorf("seal client secret of %s: %w", name, err)
	}
	return sealedSecret + base64.RawStdEncoding.EncodeToString(sealed), nil
}

// Open returns a secret as the provider knows it.
func (c ClientSecrets) Open(strategy auth.Strategy, stored string) (string, error) {
	text, ok := strings.CutPrefix(stored, sealedSecret)
	if !ok {
		return stored, nil
	}
	sealed, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("client secret of %s: %w", strategy, err)
	}
	plain, err := c.Sealer.Open("client-secret/"+strings.TrimPrefix(string(strategy), "oauth_"), sealed)
	if err != nil {
		return "", fmt.Errorf("client secret of %s: %w", strategy, err)
	}
	return string(plain), nil
}
