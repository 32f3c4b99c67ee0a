package oauth

import (
	"crypto/rand"
	"errors"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/idptest"
	"github.com/perennialauth/perennial/internal/secret"
)

const redirect = "http://127.0.0.1:1/v1/oauth_callback"

// TestAccess: tokens are handed out as long as they work, then renewed, and are
// of no use with another key or for another account.
func TestAccess(t *testing.T) {
	t.Parallel()
	idp := idptest.Start(t, redirect)
	idp.Add(idptest.Person{ID: "1", Name: "ada", Email: "ada@example.com", EmailVerified: true})
	master, err := secret.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	provider := auth.SocialProvider{
		Enabled: true, Issuer: idp.URL, ClientID: idptest.ClientID, ClientSecret: idptest.ClientSecret,
		Scopes: []string{"openid", "email", "offline_access"},
	}
	trips := &Trips{
		Client: NewClient(now), Seal: master.Sealer("test"), Now: now, Entropy: rand.Reader,
		Settings: func() auth.Settings { return auth.Settings{Social: auth.SocialSettings{"custom_idp": provider}} },
		Secret:   ClientSecrets{master.Sealer("test")}.Open,
	}
	const strategy = auth.Strategy("oauth_custom_idp")
	e, err := trips.Client.open(t.Context(), strategy, provider)
	if err != nil {
		t.Fatal(err)
	}
	asked := request{State: "s", Nonce: "n", Verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", Callback: redirect}
	back := idp.SignIn(t, e.address(asked), "ada")
	i, tokens, err := trips.Client.exchange(t.Context(), e, back.Query().Get("code"), asked)
	if err != nil || i.Subject != "1" || i.EmailAddress != "ada@example.com" || tokens.Refresh == "" {
		t.Fatalf("%+v, %v", i, err)
	}
	i.Provider = strategy
	if i.Tokens, err = sealTokens(trips.Seal, i, tokens); err != nil {
		t.Fatal(err)
	}
	account := auth.ExternalAccount{ExternalIdentity: i}
	if got, renewed, err := trips.Access(t.Context(), account); err != nil || renewed != nil || got.Access != tokens.Access {
		t.Errorf("at once: %v, renewed %v", err, renewed != nil)
	}
	ahead.Store(int64(24 * time.Hour))
	got, renewed, err := trips.Access(t.Context(), account)
	if err != nil || renewed == nil || got.Access == tokens.Access || renewed.Tokens == account.Tokens {
		t.Fatalf("after its end: %v, renewed %v", err, renewed != nil)
	}
	stranger := account
	stranger.Subject = "2"
	if _, _, err := trips.Access(t.Context(), stranger); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("for another account: %v", err)
	}
	trips.Revoke(t.Context(), *renewed)
	if _, _, err := trips.Access(t.Context(), *renewed); !errors.Is(err, auth.Refuse(auth.CodeOAuthTokenExchange)) {
		t.Errorf("after it was given back: %v", err)
	}
	if u, err := url.Parse(e.address(asked)); err != nil || u.Query().Get("code_challenge") == "" || u.Query().Get("nonce") != "n" {
		t.Errorf("asked for %s", u)
	}
}
