package oauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/perennialauth/perennial/internal/auth"
)

// Tokens are what a provider lets this instance act with for somebody.
type Tokens struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"`
	ID      string    `json:"id,omitempty"`
	Type    string    `json:"type,omitempty"`
	Expiry  time.Time `json:"expiry,omitzero"` // zero for tokens that do not expire
	Scopes  []string  `json:"scopes,omitempty"`
}

// tokensOf reads an answer of a token endpoint; what it does not say about
// scopes is what was asked for (RFC 6749, section 5.1).
func tokensOf(t *oauth2.Token, asked []string) Tokens {
	out := Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, Type: t.TokenType, Expiry: t.Expiry.UTC(), Scopes: asked}
	if t.Expiry.IsZero() {
		out.Expiry = time.Time{}
	}
	out.ID, _ = t.Extra("id_token").(string)
	if granted, _ := t.Extra("scope").(string); granted != "" {
		out.Scopes = strings.FieldsFunc(granted, func(r rune) bool { return r == ' ' || r == ',' })
	}
	return out
}

// Sealer encrypts and decrypts small records, each bound to a context.
type Sealer interface {
	Seal(context string, plain []byte) ([]byte, error)
	Open(context string, sealed []byte) ([]byte, error)
}

// sealTokens is how tokens are stored: readable with the instance's key and for
// this account only.
func sealTokens(s Sealer, i auth.ExternalIdentity, t Tokens) (string, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("encode tokens: %w", err)
	}
	sealed, err := s.Seal(tokenContext(i), plain)
	if err != nil {
		return "", fmt.Errorf("seal tokens: %w", err)
	}
	return base64.RawStdEncoding.EncodeToString(sealed), nil
}

func tokenContext(i auth.ExternalIdentity) string { return string(i.Provider) + "/" + i.Subject }

func openTokens(s Sealer, i auth.ExternalIdentity) (t Tokens, err error) {
	sealed, err := base64.RawStdEncoding.DecodeString(i.Tokens)
	if err != nil {
		return t, fmt.Errorf("decode tokens: %w", err)
	}
	plain, err := s.Open(tokenContext(i), sealed)
	if err != nil {
		return t, fmt.Errorf("open tokens: %w", err)
	}
	return t, json.Unmarshal(plain, &t)
}

// renewEarly is how long before its end a token is not handed out any more.
const renewEarly = time.Minute

// Access returns what this instance may act with for the account. Renewed is
// the account as it is to be stored when the provider handed out other tokens
// for it. Errors: [auth.CodeOAuthTokenMissing] when there is nothing that still
// works; see [Client].
func (t *Trips) Access(ctx context.Context, account auth.ExternalAccount) (tokens Tokens, renewed *auth.ExternalAccount, err error) {
	if account.Tokens == "" {
		return tokens, nil, auth.Refuse(auth.CodeOAuthTokenMissing)
	}
	if tokens, err = openTokens(t.Seal, account.ExternalIdentity); err != nil {
		return tokens, nil, err
	}
	if tokens.Expiry.IsZero() || t.Client.now().Add(renewEarly).Before(tokens.Expiry) {
		return tokens, nil, nil
	}
	if tokens.Refresh == "" {
		return tokens, nil, auth.Refuse(auth.CodeOAuthTokenMissing)
	}
	p, err := t.provider(account.Provider)
	if err != nil {
		return tokens, nil, err
	}
	next, err := t.Client.renew(ctx, account.Provider, p, tokens)
	if err != nil {
		return tokens, nil, err
	}
	if account.Tokens, err = sealTokens(t.Seal, account.ExternalIdentity, next); err != nil {
		return tokens, nil, err
	}
	account.UpdatedAt = t.Now()
	return next, &account, nil
}

func (c *Client) renew(ctx context.Context, strategy auth.Strategy, p auth.SocialProvider, old Tokens) (Tokens, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, c.http), patience)
	defer cancel()
	e, err := c.open(ctx, strategy, p)
	if err != nil {
		return old, err
	}
	token, err := e.config.TokenSource(ctx, &oauth2.Token{RefreshToken: old.Refresh}).Token()
	if err != nil {
		return old, refusedToken(err)
	}
	next := tokensOf(token, old.Scopes)
	if next.Refresh == "" {
		next.Refresh = old.Refresh
	}
	if next.ID == "" {
		next.ID = old.ID
	}
	return next, nil
}

// Revoke tells the provider that the tokens of the account are not needed any
// more (RFC 7009), where it can be told. What the provider answers changes
// nothing: the account forgets them either way.
func (t *Trips) Revoke(ctx context.Context, account auth.ExternalAccount) {
	p, err := t.provider(account.Provider)
	if err != nil || account.Tokens == "" {
		return
	}
	tokens, err := openTokens(t.Seal, account.ExternalIdentity)
	if err != nil {
		return
	}
	e, err := t.Client.open(ctx, account.Provider, p)
	if err != nil || e.revoke == "" {
		return
	}
	for kind, token := range map[string]string{"refresh_token": tokens.Refresh, "access_token": tokens.Access} {
		if token != "" {
			t.Client.revoke(ctx, e, kind, token)
		}
	}
}

func (c *Client) revoke(ctx context.Context, e endpoint, kind, token string) {
	form := url.Values{"token": {token}, "token_type_hint": {kind}}
	if e.config.Endpoint.AuthStyle == oauth2.AuthStyleInParams {
		form.Set("client_id", e.config.ClientID)
		form.Set("client_secret", e.config.ClientSecret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.revoke, strings.NewReader(form.Encode()))
	if err != nil {
		return
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if e.config.Endpoint.AuthStyle != oauth2.AuthStyleInParams {
		r.SetBasicAuth(url.QueryEscape(e.config.ClientID), url.QueryEscape(e.config.ClientSecret))
	}
	if answer, err := c.http.Do(r); err == nil {
		_ = answer.Body.Close()
	}
}
