package backendapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/respond"
)

// externalRoutes are the operations on accounts elsewhere.
func (a *API) externalRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/users/{user_id}/oauth_access_tokens/{provider}":             a.oauthAccessTokens,
		"DELETE /v1/users/{user_id}/external_accounts/{external_account_id}": a.deleteExternalAccount,
	}
}

// accessTokenJSON is what a back end may act with at a provider.
type accessTokenJSON struct {
	Object            string          `json:"object"` // "oauth_access_token"
	ExternalAccountID string          `json:"external_account_id"`
	ProviderUserID    string          `json:"provider_user_id"`
	Token             string          `json:"token"`
	ExpiresAt         *int64          `json:"expires_at"` // Unix milliseconds
	Provider          string          `json:"provider"`
	PublicMetadata    json.RawMessage `json:"public_metadata"`
	Label             *string         `json:"label"`
	Scopes            []string        `json:"scopes"`
	IDToken           string          `json:"id_token,omitempty"`
}

// oauthAccessTokens are the tokens of a user's accounts at one provider, renewed
// where they have ended.
func (a *API) oauthAccessTokens(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	q := query(r)
	limit, offset := page(q)
	if err := q.Err(); err != nil {
		return nil, err
	}
	acc, err := a.Users.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	provider := r.PathValue("provider")
	if !strings.HasPrefix(provider, "oauth_") {
		provider = "oauth_" + provider // older back ends leave it out
	}
	out := []accessTokenJSON{}
	for _, e := range acc.User.ExternalAccounts {
		if !e.Verified() || string(e.Provider) != provider || e.Tokens == "" {
			continue
		}
		tokens, renewed, err := a.Trips.Access(r.Context(), e)
		if err == nil && renewed != nil {
			err = a.Users.KeepTokens(r.Context(), id, *renewed)
		}
		if errors.Is(err, auth.Refuse(auth.CodeOAuthTokenMissing)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, toAccessToken(e, tokens))
	}
	total := len(out)
	return listed(q, out[min(offset, total):min(offset+limit, total)], total), nil
}

func toAccessToken(e auth.ExternalAccount, t oauth.Tokens) accessTokenJSON {
	return accessTokenJSON{
		Object: "oauth_access_token", ExternalAccountID: string(e.ID), ProviderUserID: e.Subject, Token: t.Access,
		ExpiresAt: respond.Millis(t.Expiry), Provider: string(e.Provider), PublicMetadata: respond.Object(nil),
		Scopes: append([]string{}, t.Scopes...), IDToken: t.ID,
	}
}

// deleteExternalAccount removes an account elsewhere of a user.
func (a *API) deleteExternalAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	which := auth.ExternalAccountID(r.PathValue("external_account_id"))
	if err := a.Users.DeleteExternal(r.Context(), id, which); err != nil {
		return nil, err
	}
	return deleted("external_account", string(which)), nil
}
