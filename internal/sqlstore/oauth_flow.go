package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var oauthFlowList = columnList(func() string {
	return `id, version, client_id, provider, sign_in, sign_up, user_id, account, state_hash, sealed,
	native, callback, redirect_url, complete_url, consumed_at, expire_at, created_at, updated_at`
})

var (
	oauthFlowByID   = built(func() string { return `SELECT ` + oauthFlowList.of("f") + ` FROM oauth_flows f WHERE f.id = $1` })
	insertOAuthFlow = built(func() string { return oauthFlowList.insert("oauth_flows") })
	updateOAuthFlow = built(func() string {
		return oauthFlowList.update("oauth_flows",
			"client_id", "provider", "sign_in", "sign_up", "user_id", "account", "state_hash", "native", "callback",
			"redirect_url", "complete_url", "created_at")
	})
)

// OAuthFlow returns the trip with this id, whatever has become of it.
func (s *Store) OAuthFlow(ctx context.Context, id auth.OAuthFlowID) (out auth.OAuthFlow, _ error) {
	err := s.read(ctx, "oauth flow", func(c *conn) error {
		return found(c.one(oauthFlowByID, func(r *row) { out = scanOAuthFlow(r) }, string(id)))
	})
	return out, err
}

func scanOAuthFlow(r *row) auth.OAuthFlow {
	return auth.OAuthFlow{
		ID:          auth.OAuthFlowID(r.text()),
		Version:     r.int(),
		Client:      auth.ClientID(r.text()),
		Provider:    auth.Strategy(r.text()),
		SignIn:      auth.SignInID(r.text()),
		SignUp:      auth.SignUpID(r.text()),
		User:        auth.UserID(r.text()),
		Account:     auth.ExternalAccountID(r.text()),
		StateHash:   r.hash(),
		Sealed:      r.blob(),
		Native:      r.bool(),
		Callback:    r.text(),
		RedirectURL: r.text(),
		CompleteURL: r.text(),
		ConsumedAt:  r.instant(),
		ExpireAt:    r.instant(),
		CreatedAt:   r.instant(),
		UpdatedAt:   r.instant(),
	}
}

// putOAuthFlow never changes whose a trip is or where it ends.
func (c *conn) putOAuthFlow(x *auth.OAuthFlow) error {
	sealed := x.Sealed
	if sealed == nil {
		sealed = []byte{}
	}
	return c.put(x.Version, insertOAuthFlow, updateOAuthFlow,
		string(x.ID), x.Version, string(x.Client), string(x.Provider), string(x.SignIn), string(x.SignUp), string(x.User),
		string(x.Account), x.StateHash[:], sealed, x.Native, x.Callback, x.RedirectURL, x.CompleteURL,
		ms(x.ConsumedAt), ms(x.ExpireAt), ms(x.CreatedAt), ms(x.UpdatedAt))
}
