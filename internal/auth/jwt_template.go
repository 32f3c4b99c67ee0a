package auth

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"
)

// JWTTemplateID names a template of tokens.
type JWTTemplateID string // jtmp_…

const prefixJWTTemplate = "jtmp"

// NewJWTTemplateID returns a fresh identifier of a template of tokens. It fails
// only when entropy does.
func NewJWTTemplateID(now time.Time, entropy io.Reader) (JWTTemplateID, error) {
	s, err := newID(prefixJWTTemplate, now, entropy)
	return JWTTemplateID(s), err
}

// JWTTemplate says what a kind of tokens for third parties contains and how it
// is signed.
type JWTTemplate struct {
	ID        JWTTemplateID
	Version   int64           // compare-and-swap guard; zero means not stored yet
	Name      string          // unique; apps ask for tokens by it
	Claims    json.RawMessage // an object, see [RenderClaims]
	Lifetime  time.Duration
	ClockSkew time.Duration // how far nbf lies before iat
	Algorithm string        // one of [JWTAlgorithms]
	// SealedKey is the integrator's own signing key, sealed; nil when the key of
	// the instance signs.
	SealedKey []byte
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Bounds and defaults of a template, in the published values.
const (
	JWTLifetime     = time.Minute
	MinJWTLifetime  = 30 * time.Second
	MaxJWTLifetime  = 315_360_000 * time.Second
	JWTClockSkew    = 5 * time.Second
	MaxJWTClockSkew = 300 * time.Second
	// InstanceAlgorithm is what the key of the instance signs with.
	InstanceAlgorithm = "RS256"
	// MaxClaimsTemplate bounds the claims of a template, in bytes of JSON.
	MaxClaimsTemplate = 8 << 10
	// MaxTokenClaims bounds the claims after values were put in, in bytes.
	MaxTokenClaims = 16 << 10
)

// JWTAlgorithms are what a template with a key of its own can sign with.
var JWTAlgorithms = []string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}

// maxJWTTemplateName is in bytes, which are letters here. It is no count in the
// expression, which every process of the program would unroll at its start.
const maxJWTTemplateName = 128

var jwtTemplateName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// reservedClaims are set by the server in every token.
var reservedClaims = []string{"azp", "exp", "iat", "iss", "jti", "nbf", "sub"}

// reservedSessionClaims are, in addition, those of session tokens: an integrator
// who could set one would decide who is signed in as whom.
var reservedSessionClaims = append([]string{
	"sid", "sts", "v", "fva", "pla", "fea", "o", "act", "org_id", "org_slug", "org_role", "org_permissions",
}, reservedClaims...)

// Check says what makes a template unusable. Its key is not looked at.
func (t JWTTemplate) Check() error {
	switch {
	case len(t.Name) > maxJWTTemplateName || !jwtTemplateName.MatchString(t.Name):
		return RefuseParam(CodeParamFormatInvalid, "name")
	case t.Lifetime < MinJWTLifetime || t.Lifetime > MaxJWTLifetime:
		return RefuseParam(CodeParamInvalid, "lifetime")
	case t.ClockSkew < 0 || t.ClockSkew > MaxJWTClockSkew:
		return RefuseParam(CodeParamInvalid, "allowed_clock_skew")
	case !slices.Contains(JWTAlgorithms, t.Algorithm), t.SealedKey == nil && t.Algorithm != InstanceAlgorithm:
		return RefuseParam(CodeParamInvalid, "signing_algorithm")
	}
	return checkClaims(t.Claims, reservedClaims, "claims")
}

// SessionClaims are the claims that every session token of an instance has
// besides the published ones, as the text of a JSON object; empty for none. In
// JSON it is read from an object as well as from its text.
type SessionClaims string

// UnmarshalJSON implements [json.Unmarshaler].
func (c *SessionClaims) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil { // text, or null
		*c = SessionClaims(text)
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return fmt.Errorf("claims of session tokens: %w", err)
	}
	canonical, err := json.Marshal(object)
	*c = SessionClaims(canonical)
	return err
}

// maxSessionClaims bounds the claims of session tokens before and after values
// were put in, in bytes: browsers keep the whole token in one cookie of 4096.
const maxSessionClaims = 2 << 10

// Check says what makes the claims unusable.
func (c SessionClaims) Check() error {
	if c == "" {
		return nil
	}
	if len(c) > maxSessionClaims {
		return RefuseParam(CodeParamTooLong, "session_token_claims")
	}
	return checkClaims(json.RawMessage(c), reservedSessionClaims, "session_token_claims")
}

// Render is [RenderClaims] for session tokens. A session must not end because
// somebody's metadata grew: of claims that do not fit together the largest are
// left out. Nil for none.
func (c SessionClaims) Render(s ClaimsSubject) json.RawMessage {
	if c == "" {
		return nil
	}
	claims, err := renderClaims(json.RawMessage(c), s)
	if err != nil || len(claims) == 0 {
		return nil //nolint:nilerr // checked when it was set
	}
	return fit(claims, maxSessionClaims)
}

// fit encodes the claims that fit into limit bytes together, small ones first.
func fit(claims map[string]any, limit int) json.RawMessage {
	type claim struct {
		name  string
		value json.RawMessage
	}
	var all []claim
	for name, v := range claims {
		if value, err := json.Marshal(v); err == nil {
			all = append(all, claim{name, value})
		}
	}
	slices.SortFunc(all, func(a, b claim) int {
		if d := len(a.value) - len(b.value); d != 0 {
			return d
		}
		if a.name < b.name {
			return -1
		}
		return 1
	})
	size, kept := len("{}"), map[string]json.RawMessage{}
	for _, c := range all {
		if size += len(c.name) + len(c.value) + len(`"":,`); size > limit {
			break
		}
		kept[c.name] = c.value
	}
	out, err := json.Marshal(kept)
	if err != nil || len(kept) == 0 {
		return nil
	}
	return out
}
