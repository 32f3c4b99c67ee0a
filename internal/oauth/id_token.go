package oauth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/perennialauth/perennial/internal/auth"
)

// believe returns what an ID token says, if the provider has signed it, for one
// of our client ids, and for this very request. Errors:
// [auth.CodeOAuthIDTokenInvalid]; [auth.CodeOAuthProviderDown] when the keys
// cannot be fetched.
func (e endpoint) believe(ctx context.Context, raw, nonce string) (claims, error) {
	said, err := e.signed(ctx, raw, []string{e.config.ClientID})
	if err != nil {
		return nil, err
	}
	got := said.text("nonce")
	if e.noNonce && got == "" {
		return said, nil
	}
	if subtle.ConstantTimeCompare([]byte(got), []byte(nonce)) != 1 {
		return nil, invalid(errors.New("nonce of another request"))
	}
	return said, nil
}

// believeApp is [endpoint.believe] for a token that an app was given. What the
// app says about the nonce, if anything, must be what the token has: the nonce
// itself, or its SHA-256 in hexadecimal, as Apple's and Google's kits have it.
func (e endpoint) believeApp(ctx context.Context, raw, nonce string) (claims, error) {
	said, err := e.signed(ctx, raw, e.audiences)
	if err != nil || nonce == "" {
		return said, err
	}
	sum := sha256.Sum256([]byte(nonce))
	got := []byte(said.text("nonce"))
	plain := subtle.ConstantTimeCompare(got, []byte(nonce))
	hashed := subtle.ConstantTimeCompare(got, []byte(hex.EncodeToString(sum[:])))
	if plain|hashed != 1 {
		return nil, invalid(errors.New("nonce of another request"))
	}
	return said, nil
}

func invalid(why error) error { return &auth.Error{Code: auth.CodeOAuthIDTokenInvalid, Cause: why} }

// signed checks signature, issuer, expiry and audience.
func (e endpoint) signed(ctx context.Context, raw string, audiences []string) (claims, error) {
	if raw == "" {
		return nil, invalid(errors.New("no ID token"))
	}
	token, err := e.verifier.Verify(ctx, raw)
	if unreachable(err) {
		return nil, down(fmt.Errorf("keys: %w", withoutAddress(err)))
	}
	if err != nil {
		return nil, invalid(err)
	}
	if !slices.ContainsFunc(token.Audience, func(a string) bool { return slices.Contains(audiences, a) }) {
		return nil, invalid(errors.New("for another client"))
	}
	var raws json.RawMessage
	said := claims{}
	if err := token.Claims(&raws); err != nil {
		return nil, invalid(err)
	}
	d := json.NewDecoder(bytes.NewReader(raws))
	d.UseNumber()
	if err := d.Decode(&said); err != nil {
		return nil, invalid(err)
	}
	// OpenID Connect Core, section 3.1.3.7: a token for several says to whom it
	// was given.
	if azp := said.text("azp"); (azp != "" || len(token.Audience) > 1) && !slices.Contains(e.audiences, azp) {
		return nil, invalid(errors.New("given to another client"))
	}
	if e.issuedBy != nil && !e.issuedBy(said) {
		return nil, invalid(errors.New("of another issuer"))
	}
	return said, nil
}

// unreachable says whether a verification failed because keys could not be
// fetched.
func unreachable(err error) bool {
	var network *url.Error
	return errors.As(err, &network)
}

// ByToken says who an ID token is about that an app was given. Errors: see
// [Client].
func (c *Client) ByToken(
	ctx context.Context, strategy auth.Strategy, p auth.SocialProvider, raw, nonce string,
) (auth.ExternalIdentity, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, c.http), patience)
	defer cancel()
	e, err := c.open(ctx, strategy, p)
	if err != nil {
		return auth.ExternalIdentity{}, err
	}
	if !e.openID() {
		return auth.ExternalIdentity{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	said, err := e.believeApp(ctx, raw, nonce)
	if err != nil {
		return auth.ExternalIdentity{}, err
	}
	i := readOpenID(said)
	if e.issuedBy != nil {
		i = readMicrosoft(said)
	}
	i.Provider = strategy
	return bounded(i)
}
