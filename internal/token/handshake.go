package token

import (
	"encoding/json"
	"fmt"
	"time"
)

// HandshakeLifetime bounds a handshake token: it is used by the request that
// the browser is redirected to.
const HandshakeLifetime = time.Minute

// categoryHandshake is the published category of a token that is of none:
// back ends refuse any other here but that of session tokens. It lacks the
// claims of those, so no verifier takes it for one.
const categoryHandshake = "cl_I7d4PD111III"

// Handshake signs the cookies by which a browser's application catches up with
// its client: whole Set-Cookie values, for a back end that trusts the keys of
// this instance to set on its own site.
func (i *Issuer) Handshake(cookies []string) (string, error) {
	now := i.now()
	payload, err := json.Marshal(struct {
		Handshake []string `json:"handshake"`
		IssuedAt  int64    `json:"iat"`
		Expiry    int64    `json:"exp"`
	}{cookies, now.Unix(), now.Add(HandshakeLifetime).Unix()})
	if err != nil {
		return "", fmt.Errorf("handshake claims: %w", err)
	}
	jwt, err := i.keys.view.Load().current.signJWT(categoryHandshake, i.originalIssuedAt(now), payload)
	if err != nil {
		return "", fmt.Errorf("sign handshake: %w", err)
	}
	return jwt, nil
}
