package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	// patience bounds one conversation with a provider: a person waits.
	patience = 10 * time.Second
	// discoveryAge is how long what a provider says about itself is believed.
	discoveryAge = time.Hour
	// maxAnswer bounds what is read of a provider, in bytes.
	maxAnswer = 1 << 20
)

// Client speaks to providers. It is safe for concurrent use. Errors are
// [*auth.Error] refusals: [auth.CodeOAuthProviderDown] when a provider cannot be
// reached or fails, which says nothing about the person, and others when it
// says no or says something that cannot be believed.
type Client struct {
	http *http.Client
	now  func() time.Time

	mu    sync.Mutex
	found map[string]discovered // by issuer
}

// discovered is what a provider says about itself.
type discovered struct {
	provider *oidc.Provider
	more     discovery
	until    time.Time
}

// discovery is what this package reads of a provider's metadata beyond what the
// OpenID library does.
type discovery struct {
	Revocation  string   `json:"revocation_endpoint"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	TellsIssuer bool     `json:"authorization_response_iss_parameter_supported"`
}

// NewClient returns a client. Now is the clock that ID tokens are judged by.
func NewClient(now func() time.Time) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented to be one
	return &Client{
		now: now, found: map[string]discovered{},
		http: &http.Client{Transport: limited{transport}, Timeout: patience},
	}
}

// limited bounds the answers of a provider.
type limited struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.next.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, maxAnswer)
	}
	return answer, err
}

// endpoint is a provider that is ready to be spoken to.
type endpoint struct {
	known
	config      oauth2.Config
	audiences   []string
	verifier    *oidc.IDTokenVerifier // nil for one that only speaks OAuth 2.0
	tellsIssuer bool
}

// open finds out how to speak to a provider.
func (c *Client) open(ctx context.Context, strategy auth.Strategy, p auth.SocialProvider) (endpoint, error) {
	e := endpoint{known: resolve(strategy, p), audiences: append([]string{p.ClientID}, p.Audiences...)}
	e.config = oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: e.scopes,
		Endpoint: oauth2.Endpoint{AuthURL: e.authorize, TokenURL: e.token, AuthStyle: e.style},
	}
	if strategy == "oauth_apple" && p.AppleKeyID != "" {
		secret, err := appleSecret(p, c.now())
		if err != nil {
			return e, err
		}
		e.config.ClientSecret = secret
	}
	judge := &oidc.Config{SkipClientIDCheck: true, Now: c.now} // the audience may be one of several, see [endpoint.believe]
	switch {
	case e.issuer != "":
		d, err := c.discover(ctx, e.issuer)
		if err != nil {
			return e, err
		}
		e.fill(d)
		e.verifier = d.provider.Verifier(judge)
	case e.keys != "":
		judge.SkipIssuerCheck = true // [known.issuedBy] does it
		e.verifier = oidc.NewVerifier("", oidc.NewRemoteKeySet(c.lasting(), e.keys), judge)
	}
	if e.config.Endpoint.AuthURL == "" || e.config.Endpoint.TokenURL == "" {
		return e, auth.Refuse(auth.CodeOAuthNotConfigured)
	}
	return e, nil
}

// fill takes what was discovered where nothing else is configured.
func (e *endpoint) fill(d discovered) {
	at := d.provider.Endpoint()
	if e.authorize == "" {
		e.config.Endpoint.AuthURL = at.AuthURL
	}
	if e.token == "" {
		e.config.Endpoint.TokenURL = at.TokenURL
	}
	if e.person == "" {
		e.person = d.provider.UserInfoEndpoint()
	}
	if e.revoke == "" {
		e.revoke = d.more.Revocation
	}
	e.tellsIssuer = d.more.TellsIssuer
	if e.style != oauth2.AuthStyleAutoDetect {
		return
	}
	// Trying both ways out would use the code up. Absent means basic: OpenID
	// Connect Discovery, section 3.
	e.config.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if m := d.more.AuthMethods; len(m) > 0 && !slices.Contains(m, "client_secret_basic") {
		e.config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
}

// lasting is the context of what outlives a request, such as a key set that is
// fetched again when a key is missing.
func (c *Client) lasting() context.Context {
	return oidc.ClientContext(context.Background(), c.http)
}

func (c *Client) discover(ctx context.Context, issuer string) (discovered, error) {
	c.mu.Lock()
	d, ok := c.found[issuer]
	c.mu.Unlock()
	if ok && c.now().Before(d.until) {
		return d, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, c.http), issuer)
	if err != nil {
		return d, down(fmt.Errorf("discover %s: %w", issuer, err))
	}
	d = discovered{provider: provider, until: c.now().Add(discoveryAge)}
	if err := provider.Claims(&d.more); err != nil {
		return d, down(fmt.Errorf("discover %s: %w", issuer, err))
	}
	c.mu.Lock()
	c.found[issuer] = d
	c.mu.Unlock()
	return d, nil
}

// down is trouble of a provider: nobody's fault here, and no verdict.
func down(err error) error { return &auth.Error{Code: auth.CodeOAuthProviderDown, Cause: err} }

// request is one trip, as the provider is told about it.
type request struct {
	State, Nonce, Verifier, Callback string
	Prompt, LoginHint                string
	Scopes                           []string // beyond the usual ones
}

// address is where a person goes to say yes.
func (e endpoint) address(r request) string {
	config := e.config
	config.RedirectURL = r.Callback
	config.Scopes = slices.Clone(config.Scopes)
	for _, s := range r.Scopes {
		if !slices.Contains(config.Scopes, s) {
			config.Scopes = append(config.Scopes, s)
		}
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(r.Verifier)}
	for name, values := range e.params {
		options = append(options, oauth2.SetAuthURLParam(name, values[0]))
	}
	for name, value := range map[string]string{"prompt": r.Prompt, "login_hint": r.LoginHint} {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	if e.openID() {
		options = append(options, oidc.Nonce(r.Nonce))
	}
	return config.AuthCodeURL(r.State, options...)
}

// exchange turns a code into who somebody is, and the tokens of the provider.
func (c *Client) exchange(ctx context.Context, e endpoint, code string, r request) (auth.ExternalIdentity, Tokens, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, c.http), patience)
	defer cancel()
	config := e.config
	config.RedirectURL = r.Callback
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(r.Verifier))
	if err != nil {
		return auth.ExternalIdentity{}, Tokens{}, refusedToken(err)
	}
	tokens := tokensOf(token, e.config.Scopes)
	i, err := c.who(ctx, e, token, tokens.ID, r.Nonce)
	if err == nil {
		i, err = bounded(i)
	}
	i.Scopes = strings.Join(tokens.Scopes, " ")
	return i, tokens, err
}

// refusedToken tells a provider that says no from one that is in trouble.
func refusedToken(err error) error {
	var said *oauth2.RetrieveError
	if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < http.StatusInternalServerError {
		return &auth.Error{Code: auth.CodeOAuthTokenExchange, Cause: fmt.Errorf("token endpoint says %d %s", said.Response.StatusCode, said.ErrorCode)}
	}
	if errors.As(err, &said) {
		return down(errors.New("token endpoint failed"))
	}
	return down(fmt.Errorf("token endpoint: %w", err))
}

// who asks the provider who somebody is: by the ID token, and where that does
// not tell everything, at the address for the purpose.
func (c *Client) who(ctx context.Context, e endpoint, token *oauth2.Token, idToken, nonce string) (auth.ExternalIdentity, error) {
	if !e.openID() {
		return c.person(ctx, e, token)
	}
	said, err := e.believe(ctx, idToken, nonce)
	if err != nil {
		return auth.ExternalIdentity{}, err
	}
	if e.issuedBy != nil {
		return readMicrosoft(said), nil
	}
	i := readOpenID(said)
	if e.person == "" || i.EmailAddress != "" {
		return i, nil
	}
	more, err := fetch[claims](ctx, c.http, e.person, token)
	if err != nil {
		return i, err
	}
	if more.text("sub") != i.Subject { // OpenID Connect Core, section 5.3.2
		return i, auth.Refuse(auth.CodeOAuthFetchUser)
	}
	return readOpenID(more), nil
}

// person is who somebody is at a provider that only speaks OAuth 2.0.
func (c *Client) person(ctx context.Context, e endpoint, token *oauth2.Token) (auth.ExternalIdentity, error) {
	said, err := fetch[claims](ctx, c.http, e.person, token)
	if err != nil {
		return auth.ExternalIdentity{}, err
	}
	if e.read == nil {
		return readOpenID(said), nil
	}
	var more any
	if e.more != "" {
		if more, err = fetch[any](ctx, c.http, e.more, token); err != nil {
			return auth.ExternalIdentity{}, err
		}
	}
	return e.read(said, more), nil
}

// fetch reads JSON on behalf of somebody.
func fetch[T any](ctx context.Context, client *http.Client, address string, token *oauth2.Token) (out T, _ error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return out, auth.Refuse(auth.CodeOAuthNotConfigured)
	}
	r.Header.Set("Accept", "application/json")
	token.SetAuthHeader(r)
	answer, err := client.Do(r)
	if err != nil {
		return out, down(fmt.Errorf("ask who it is: %w", withoutAddress(err)))
	}
	defer func() { _, _ = io.Copy(io.Discard, answer.Body); _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusInternalServerError {
		return out, down(fmt.Errorf("ask who it is: status %d", answer.StatusCode))
	}
	d := json.NewDecoder(answer.Body)
	d.UseNumber()
	if err := d.Decode(&out); err != nil || answer.StatusCode != http.StatusOK {
		return out, &auth.Error{Code: auth.CodeOAuthFetchUser, Cause: fmt.Errorf("ask who it is: status %d", answer.StatusCode)}
	}
	return out, nil
}

// withoutAddress is what went wrong without the address that was asked.
func withoutAddress(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
