package transport

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/wire"
)

// maxClaim is the year 2500 in seconds; a later time is nonsense and would
// overflow milliseconds further on.
const maxClaim = 16_725_225_600

// decodeMinted reads the answer to a mint, which is not wrapped.
func decodeMinted(request core.SendRequest, answer *core.Responded, body []byte) error {
	var token wire.Token
	if err := json.Unmarshal(body, &token); err != nil {
		return err
	}
	doc, err := decodeToken(token)
	if err != nil {
		return err
	}
	if doc.SessionID != request.SessionID {
		return errOther
	}
	answer.Token = doc
	return nil
}

// decodeToken reads the claims of a session token. The signature is not
// verified: the connection authenticates the server, and the token is for
// others to verify.
func decodeToken(token wire.Token) (core.TokenDoc, error) {
	parts := strings.Split(token.JWT, ".")
	if (token.Object != "token" && token.Object != "") || len(parts) != 3 || strings.ContainsFunc(token.JWT, notHeaderText) {
		return core.TokenDoc{}, errShape
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || tooDeep(payload) {
		return core.TokenDoc{}, errShape
	}
	var claims struct {
		Session  string `json:"sid"`
		Subject  string `json:"sub"`
		IssuedAt int64  `json:"iat"`
		Expires  int64  `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return core.TokenDoc{}, err
	}
	if !validID(claims.Session) || !validID(claims.Subject) || claims.IssuedAt <= 0 ||
		claims.Expires <= claims.IssuedAt || claims.Expires > maxClaim {
		return core.TokenDoc{}, errShape
	}
	return core.TokenDoc{
		JWT: core.NewSecret(token.JWT), SessionID: claims.Session, UserID: claims.Subject,
		IssuedAt: core.Wall(claims.IssuedAt * 1000), ExpiresAt: core.Wall(claims.Expires * 1000),
	}, nil
}
