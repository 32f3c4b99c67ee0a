package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/perennialauth/perennial/internal/auth"
)

// Trips are the steps of a person's way to a provider and back. It is safe for
// concurrent use. Errors are [*auth.Error] refusals, [auth.ErrUnavailable], or
// the context's.
type Trips struct {
	Store    Store
	Client   *Client
	States   Secrets
	Seal     Sealer
	Settings func() auth.Settings
	// Secret returns a provider's client secret as the provider knows it.
	Secret  func(strategy auth.Strategy, stored string) (string, error)
	Now     func() time.Time
	Entropy io.Reader

	ending endings
}

// Store is what [Trips] needs of the store. Absent records are
// [auth.ErrNotFound], after a successful read only.
type Store interface {
	OAuthFlow(ctx context.Context, id auth.OAuthFlowID) (auth.OAuthFlow, error)
}

// Secrets mints and recognises the states of trips.
type Secrets interface {
	New(entropy io.Reader, id auth.OAuthFlowID) (text string, hash [32]byte, err error)
	Parse(text string) (id auth.OAuthFlowID, hash [32]byte, err error)
}

// CallbackPath is where providers send browsers back to: the one redirect URI of
// the instance.
const CallbackPath = "/v1/oauth_callback"

// Request is what a trip is asked for with. The addresses have been checked.
type Request struct {
	Client      auth.ClientID
	Provider    auth.Strategy // oauth_…
	Native      bool
	Callback    string // where the provider sends the browser: an address of this server
	RedirectURL string
	CompleteURL string
	Prompt      string
	LoginHint   string
	Scopes      []string // beyond the usual ones
}

// secrets of a trip, between its beginning and its end.
type secrets struct {
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Begin returns a trip that is about to begin. Errors:
// [auth.CodeStrategyUnsupported], [auth.CodeParamInvalid],
// [auth.CodeOAuthProviderDown].
func (t *Trips) Begin(ctx context.Context, r Request) (auth.OAuthStart, error) {
	if err := r.check(); err != nil {
		return auth.OAuthStart{}, err
	}
	p, err := t.provider(r.Provider)
	if err != nil {
		return auth.OAuthStart{}, err
	}
	e, err := t.Client.open(ctx, r.Provider, p)
	if err != nil {
		return auth.OAuthStart{}, err
	}
	now := t.Now()
	id, err := auth.NewOAuthFlowID(now, t.Entropy)
	if err != nil {
		return auth.OAuthStart{}, err
	}
	state, hash, err := t.States.New(t.Entropy, id)
	if err != nil {
		return auth.OAuthStart{}, fmt.Errorf("begin trip: %w", err)
	}
	own := secrets{Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier()}
	plain, _ := json.Marshal(own) // texts only: it cannot fail
	sealed, err := t.Seal.Seal(string(id), plain)
	if err != nil {
		return auth.OAuthStart{}, fmt.Errorf("begin trip: %w", err)
	}
	return auth.OAuthStart{
		Flow: auth.OAuthFlow{
			ID: id, Client: r.Client, Provider: r.Provider, StateHash: hash, Sealed: sealed,
			Native: r.Native, Callback: r.Callback, RedirectURL: r.RedirectURL, CompleteURL: r.CompleteURL,
			ExpireAt: now.Add(auth.OAuthFlowLifetime), CreatedAt: now, UpdatedAt: now,
		},
		URL: e.address(request{
			State: state, Nonce: own.Nonce, Verifier: own.Verifier, Callback: r.Callback,
			Prompt: r.Prompt, LoginHint: r.LoginHint, Scopes: r.Scopes,
		}),
	}, nil
}

const (
	maxHint   = 320 // the longest address
	maxScopes = 30
	maxScope  = 200
)

// check refuses what would not be a request of OAuth 2.0 any more.
func (r Request) check() error {
	for p := range strings.FieldsSeq(r.Prompt) {
		if !slices.Contains([]string{"none", "login", "consent", "select_account"}, p) {
			return auth.RefuseParam(auth.CodeParamInvalid, "oidc_prompt")
		}
	}
	if len(r.LoginHint) > maxHint {
		return auth.RefuseParam(auth.CodeParamTooLong, "oidc_login_hint")
	}
	if len(r.Scopes) > maxScopes || slices.ContainsFunc(r.Scopes, func(s string) bool {
		// RFC 6749, section 3.3.
		return s == "" || len(s) > maxScope || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' })
	}) {
		return auth.RefuseParam(auth.CodeParamInvalid, "additional_scope")
	}
	return nil
}

// provider is an enabled provider with its secret.
func (t *Trips) provider(strategy auth.Strategy) (auth.SocialProvider, error) {
	p, ok := t.Settings().SocialProvider(strategy)
	if !ok {
		return p, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	var err error
	if p.ClientSecret, err = t.Secret(strategy, p.ClientSecret); err != nil {
		return p, &auth.Error{Code: auth.CodeOAuthNotConfigured, Cause: err}
	}
	return p, nil
}

// Find returns the trip of a state, whether or not it has ended, and refuses
// with [auth.CodeOAuthStateInvalid] what is not one.
func (t *Trips) Find(ctx context.Context, state string) (auth.OAuthFlow, error) {
	unknown := auth.Refuse(auth.CodeOAuthStateInvalid)
	id, hash, err := t.States.Parse(state)
	if err != nil {
		return auth.OAuthFlow{}, unknown //nolint:nilerr // not ours is an answer
	}
	flow, err := t.Store.OAuthFlow(ctx, id)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return flow, unknown
	case err != nil:
		return flow, fmt.Errorf("find trip: %w", err)
	case flow.StateHash != hash:
		return auth.OAuthFlow{}, unknown
	}
	return flow, nil
}

// Answer is what a provider sent the browser back with.
type Answer struct {
	Code   string
	Error  string
	Issuer string // RFC 9207
}

// End says what a trip brought. A provider that is in trouble is an error and
// ends nothing: the browser may come back with the same answer. Everything else
// is an arrival, with the person or the reason why there is none, for somebody
// to commit.
func (t *Trips) End(ctx context.Context, flow auth.OAuthFlow, a Answer) (auth.ExternalArrival, error) {
	i, err := t.person(ctx, flow, a)
	arrival := auth.ExternalArrival{Flow: flow.End(t.Now()), Identity: i}
	var refused *auth.Error
	switch {
	case err == nil:
		return arrival, nil
	case errors.As(err, &refused) && refused.Code != auth.CodeOAuthProviderDown:
		return auth.ExternalArrival{Flow: arrival.Flow, Problem: refused.Code}, nil
	default:
		return arrival, err
	}
}

func (t *Trips) person(ctx context.Context, flow auth.OAuthFlow, a Answer) (i auth.ExternalIdentity, err error) {
	switch {
	case a.Error == "access_denied" || a.Error == "user_cancelled_authorize" || a.Error == "user_cancelled_login":
		return i, auth.Refuse(auth.CodeOAuthAccessDenied)
	case a.Error == "temporarily_unavailable" || a.Error == "server_error":
		return i, auth.Refuse(auth.CodeOAuthFetchUser)
	case a.Error != "" || a.Code == "":
		return i, auth.Refuse(auth.CodeOAuthTokenExchange)
	}
	p, err := t.provider(flow.Provider)
	if err != nil {
		return i, err
	}
	plain, err := t.Seal.Open(string(flow.ID), flow.Sealed)
	if err != nil {
		return i, fmt.Errorf("open trip: %w", err)
	}
	var own secrets
	if err := json.Unmarshal(plain, &own); err != nil {
		return i, fmt.Errorf("open trip: %w", err)
	}
	e, err := t.Client.open(ctx, flow.Provider, p)
	if err != nil {
		return i, err
	}
	// A code of one provider must not be presented to another: RFC 9207.
	if (a.Issuer != "" || e.tellsIssuer) && e.issuer != "" && a.Issuer != e.issuer {
		return i, auth.Refuse(auth.CodeOAuthIDTokenInvalid)
	}
	i, tokens, err := t.Client.exchange(ctx, e, a.Code, request{Nonce: own.Nonce, Verifier: own.Verifier, Callback: flow.Callback})
	if err != nil {
		return i, err
	}
	i.Provider = flow.Provider
	i.Tokens, err = sealTokens(t.Seal, i, tokens)
	return i, err
}

// ByToken says who an ID token is about that an app was given by a strategy such
// as oauth_token_google. Errors: see [Client.ByToken].
func (t *Trips) ByToken(ctx context.Context, strategy auth.Strategy, raw, nonce string) (auth.ExternalIdentity, error) {
	provider, ok := strategy.ByToken()
	if !ok {
		return auth.ExternalIdentity{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	p, err := t.provider(provider)
	if err != nil {
		return auth.ExternalIdentity{}, err
	}
	i, err := t.Client.ByToken(ctx, provider, p, raw, nonce)
	var refused *auth.Error
	if errors.As(err, &refused) && refused.Code == auth.CodeOAuthIDTokenInvalid {
		refused.Param = "token"
	}
	return i, err
}
