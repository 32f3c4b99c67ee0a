package token

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// Templates signs tokens for third parties: what they contain and which key
// signs them is the integrator's choice. They are marked in their header and
// never pass for session tokens. It is safe for concurrent use.
type Templates struct {
	issuer *Issuer
	sealer *secret.Sealer
}

// NewTemplates returns a signer beside the issuer of session tokens.
func NewTemplates(issuer *Issuer, master *secret.MasterKey) *Templates {
	return &Templates{issuer: issuer, sealer: master.Sealer("jwt-template-key")}
}

// TemplateRequest asks for a token of a template for a user.
type TemplateRequest struct {
	Template        auth.JWTTemplate
	User            auth.UserID
	Claims          json.RawMessage // an object without any registered claim but aud
	AuthorizedParty string
	Lifetime        time.Duration // replaces that of the template when not zero
}

// templateClaims are what the server says in every such token.
type templateClaims struct {
	Issuer          string `json:"iss"`
	Subject         string `json:"sub"`
	Expiry          int64  `json:"exp"`
	IssuedAt        int64  `json:"iat"`
	NotBefore       int64  `json:"nbf"`
	ID              string `json:"jti"`
	AuthorizedParty string `json:"azp,omitempty"`
}

// Sign returns a fresh token. Each request makes one.
func (t *Templates) Sign(r TemplateRequest) (Signed, error) {
	var jti [10]byte
	if _, err := io.ReadFull(t.issuer.entropy, jti[:]); err != nil {
		return Signed{}, fmt.Errorf("template token id: %w", err)
	}
	lifetime := r.Template.Lifetime
	if r.Lifetime != 0 {
		lifetime = r.Lifetime
	}
	now := t.issuer.now()
	issued := now.Truncate(time.Second)
	payload, err := json.Marshal(templateClaims{
		Issuer: t.issuer.url, Subject: string(r.User), IssuedAt: issued.Unix(), Expiry: issued.Add(lifetime).Unix(),
		NotBefore: issued.Add(-r.Template.ClockSkew).Unix(), ID: hex.EncodeToString(jti[:]), AuthorizedParty: r.AuthorizedParty,
	})
	if err != nil {
		return Signed{}, fmt.Errorf("template token claims: %w", err)
	}
	payload = withClaims(payload, r.Claims)
	out := Signed{IssuedAt: issued, ExpireAt: issued.Add(lifetime)}
	if r.Template.SealedKey == nil {
		out.JWT, err = t.issuer.keys.view.Load().current.signJWT(categoryTemplate, t.issuer.originalIssuedAt(now), payload)
	} else {
		out.JWT, err = t.signWith(r.Template, t.issuer.originalIssuedAt(now), payload)
	}
	if err != nil {
		return Signed{}, fmt.Errorf("sign token of template %s: %w", r.Template.ID, err)
	}
	return out, nil
}

// signWith signs with the template's own key. The header names no key: the
// published set does not have it.
func (t *Templates) signWith(template auth.JWTTemplate, oiat int64, payload []byte) (string, error) {
	text, err := t.sealer.Open(string(template.ID), template.SealedKey)
	if err != nil {
		return "", err
	}
	key, err := parseKey(template.Algorithm, text)
	if err != nil {
		return "", err
	}
	header := `{"alg":"` + template.Algorithm + `","cat":"` + categoryTemplate + `","oiat":` + strconv.FormatInt(oiat, 10) + `,"typ":"JWT"}`
	b64 := base64.RawURLEncoding
	signed := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString(payload)
	signature, err := jwt.GetSigningMethod(template.Algorithm).Sign(signed, key)
	if err != nil {
		return "", err
	}
	return signed + "." + b64.EncodeToString(signature), nil
}

// ErrSigningKey says that a key is not one that its algorithm can use safely.
// It says nothing of the key itself.
var ErrSigningKey = errors.New("signing key does not fit its algorithm")

// SealKey checks and seals the key of a template: PEM, or for HS algorithms the
// shared secret itself. The error is [ErrSigningKey] for one that does not fit.
func (t *Templates) SealKey(id auth.JWTTemplateID, algorithm, key string) ([]byte, error) {
	if _, err := parseKey(algorithm, []byte(key)); err != nil {
		return nil, err
	}
	return t.sealer.Seal(string(id), []byte(key))
}

// parseKey returns the key as its signing method wants it.
func parseKey(algorithm string, text []byte) (any, error) {
	switch method := jwt.GetSigningMethod(algorithm).(type) {
	case *jwt.SigningMethodHMAC:
		// A shorter secret than its hash can be found by trying (RFC 7518 §3.2).
		if len(text) >= method.Hash.Size() {
			return text, nil
		}
	case *jwt.SigningMethodRSA:
		if key, err := jwt.ParseRSAPrivateKeyFromPEM(text); err == nil && key.N.BitLen() >= KeyBits && key.Validate() == nil {
			return key, nil
		}
	case *jwt.SigningMethodECDSA:
		if key, err := jwt.ParseECPrivateKeyFromPEM(text); err == nil && key.Params().BitSize == method.CurveBits {
			return key, nil
		}
	}
	return nil, ErrSigningKey
}
