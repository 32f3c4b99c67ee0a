package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Errors of [Verifier.Session]. A token that is merely expired is told apart,
// because the handshake treats it as a hint about the session it belonged to.
var (
	ErrInvalid = errors.New("session token is not valid")
	ErrExpired = errors.New("session token is expired")
)

// Verifier checks session tokens of this instance. It is safe for concurrent use.
type Verifier struct {
	keys   *Keys
	url    string
	now    func() time.Time
	parser *jwt.Parser
}

// verifyLeeway tolerates a verifier clock that differs from the signer's.
const verifyLeeway = 5 * time.Second

// NewVerifier returns a verifier for tokens that an [Issuer] with the same
// keys and url made.
func NewVerifier(keys *Keys, url string, now func() time.Time) *Verifier {
	return &Verifier{keys: keys, url: url, now: now, parser: jwt.NewParser(
		// Naming the one algorithm refuses alg=none and an HMAC made with the
		// public key as its secret.
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithIssuer(url),
		jwt.WithLeeway(verifyLeeway), jwt.WithTimeFunc(now),
	)}
}

// Session checks signature, issuer, category and times of a session token. It
// returns the claims together with [ErrExpired] when only the time is over,
// and [ErrInvalid] for everything else.
func (v *Verifier) Session(text string) (SessionClaims, error) {
	var c SessionClaims
	parsed, err := v.parser.ParseWithClaims(text, &c, v.keyOf)
	expired := errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidIssuer) &&
		!errors.Is(err, jwt.ErrTokenNotValidYet)
	if err != nil && !expired {
		return SessionClaims{}, fmt.Errorf("%w: %v", ErrInvalid, err)
	}
	// A template token is signed by the same key but says what an integrator
	// put into it: it must never pass for a session token.
	if parsed.Header["cat"] != categorySession || c.Subject == "" || c.SessionID == "" {
		return SessionClaims{}, fmt.Errorf("%w: not a session token", ErrInvalid)
	}
	if expired {
		return c, ErrExpired
	}
	return c, nil
}

func (v *Verifier) keyOf(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	if pub := v.keys.view.Load().public(kid); pub != nil {
		return pub, nil
	}
	return nil, fmt.Errorf("no key %q", kid)
}

// The methods below make SessionClaims readable by the verifying library.

// GetExpirationTime returns exp.
func (c *SessionClaims) GetExpirationTime() (*jwt.NumericDate, error) { return seconds(c.Expiry), nil }

// GetIssuedAt returns iat.
func (c *SessionClaims) GetIssuedAt() (*jwt.NumericDate, error) { return seconds(c.IssuedAt), nil }

// GetNotBefore returns nbf.
func (c *SessionClaims) GetNotBefore() (*jwt.NumericDate, error) { return seconds(c.NotBefore), nil }

// GetIssuer returns iss.
func (c *SessionClaims) GetIssuer() (string, error) { return c.Issuer, nil }

// GetSubject returns sub.
func (c *SessionClaims) GetSubject() (string, error) { return c.Subject, nil }

// GetAudience returns none: session tokens have no audience.
func (c *SessionClaims) GetAudience() (jwt.ClaimStrings, error) { return nil, nil }

func seconds(s int64) *jwt.NumericDate {
	if s == 0 {
		return nil
	}
	return jwt.NewNumericDate(time.Unix(s, 0))
}
