package backendapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// unverified reads a token without its signature.
func unverified(t testing.TB, text string) (header, claims map[string]any) {
	t.Helper()
	var c jwt.MapClaims
	parsed, _, err := jwt.NewParser().ParseUnverified(text, &c)
	if err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return parsed.Header, c
}

func TestJWTTemplates(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, app := s.BackEnd(), s.Browser("https://localhost:3000")
	sid := app.SignUp(t, "ada@example.com")
	const template = `{"name":"hasura","claims":{"aud":"db","mail":"{{user.primary_email_address}}","n":{"id":"{{user.id}}"}},"lifetime":600,"allowed_clock_skew":30}`
	made := back.Do(t, "POST", "/v1/jwt_templates", template).OK(t)
	id := made.Text("id")
	back.Do(t, "POST", "/v1/jwt_templates", template).Is(t, 422, "jwt_template_name_taken")
	if got := back.Do(t, "GET", "/v1/jwt_templates/"+id, "").OK(t); string(got.Body) != string(made.Body) {
		t.Errorf("made %s, got %s", made.Body, got.Body)
	}
	if got := back.Do(t, "GET", "/v1/jwt_templates", "").OK(t); got.Text("0", "id") != id {
		t.Errorf("list: %s", got.Body)
	}
	jwtOf := app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens/hasura").OK(t).Text("jwt")
	header, claims := unverified(t, jwtOf)
	now := float64(s.Now().Unix())
	if claims["aud"] != "db" || claims["mail"] != "ada@example.com" || claims["sid"] != nil || claims["azp"] != "https://localhost:3000" ||
		claims["exp"] != now+600 || claims["nbf"] != now-30 || claims["iss"] != "https://"+s.Host || header["cat"] != "cl_B7d4PD222AAA" || header["kid"] == nil {
		t.Errorf("header %v, claims %v", header, claims)
	}
	if nested, _ := claims["n"].(map[string]any); nested["id"] != claims["sub"] {
		t.Errorf("claims %v", claims)
	}
	other := back.Do(t, "POST", "/v1/sessions/"+sid+"/tokens/hasura", `{"expires_in_seconds":45}`).OK(t).Text("jwt")
	if _, claims := unverified(t, other); claims["exp"] != now+45 || claims["azp"] != nil {
		t.Errorf("claims %v", claims)
	}

	back.Do(t, "PATCH", "/v1/jwt_templates/"+id, `{"claims":{"x":1},"lifetime":null}`).OK(t)
	changed := back.Do(t, "GET", "/v1/jwt_templates/"+id, "").OK(t)
	if changed.Get("lifetime") != 600.0 || changed.Get("claims", "x") != 1.0 || changed.Has("claims", "aud") {
		t.Errorf("changed: %s", changed.Body)
	}
	back.Do(t, "DELETE", "/v1/jwt_templates/"+id, "").OK(t)
	back.Do(t, "DELETE", "/v1/jwt_templates/"+id, "").Is(t, 404, "resource_not_found")
	app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens/hasura").Is(t, 404, "resource_not_found")
	back.Do(t, "POST", "/v1/sessions/"+sid+"/tokens/hasura", "{}").Is(t, 404, "resource_not_found")
}

// Somebody else's session, one that is over and one with something left to do
// are no sessions to make tokens of.
func TestTemplateTokensNeedASession(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, app, other := s.BackEnd(), s.Native(), s.Native()
	sid := app.SignUp(t, "a@example.com")
	other.SignUp(t, "b@example.com")
	back.Do(t, "POST", "/v1/jwt_templates", `{"name":"t","claims":{}}`).OK(t)
	path := "/v1/client/sessions/" + sid + "/tokens/t"
	app.Form(t, "POST", path).OK(t)
	other.Form(t, "POST", path).Is(t, 401, "authentication_invalid")
	s.Native().Form(t, "POST", path).Is(t, 401, "client_credential_missing")
	if _, err := s.Live.Update(t.Context(), func(set *auth.Settings) error { set.SecondFactors.Required = true; return nil }); err != nil {
		t.Fatal(err)
	}
	pending := s.Native()
	pid := pending.SignIn(t, "a@example.com")
	pending.Form(t, "POST", "/v1/client/sessions/"+pid+"/tokens/t").Is(t, 404, "resource_not_found")
	back.Do(t, "POST", "/v1/sessions/"+pid+"/tokens/t", "{}").Is(t, 404, "resource_not_found")
	back.Do(t, "POST", "/v1/sessions/"+sid+"/revoke", "").OK(t)
	app.Form(t, "POST", path).Is(t, 401, "authentication_invalid")
	back.Do(t, "POST", "/v1/sessions/"+sid+"/tokens/t", "{}").Is(t, 404, "resource_not_found")
}

func TestJWTTemplatesRefuse(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	tests := []struct {
		name, body, code, param string
	}{
		{"no name", `{"claims":{}}`, "form_param_missing", "name"},
		{"no claims", `{"name":"t"}`, "form_param_missing", "claims"},
		{"path in name", `{"name":"a/b","claims":{}}`, "form_param_format_invalid", "name"},
		{"reserved", `{"name":"t","claims":{"sub":"user_1"}}`, "jwt_template_reserved_claim", "claims"},
		{"unknown shortcode", `{"name":"t","claims":{"a":"{{user.private_metadata}}"}}`, "form_param_value_invalid", "claims"},
		{"short life", `{"name":"t","claims":{},"lifetime":29}`, "form_param_value_invalid", "lifetime"},
		{"long life", `{"name":"t","claims":{},"lifetime":315360001}`, "form_param_value_invalid", "lifetime"},
		{"skew", `{"name":"t","claims":{},"allowed_clock_skew":301}`, "form_param_value_invalid", "allowed_clock_skew"},
		{"no algorithm at all", `{"name":"t","claims":{},"custom_signing_key":true,"signing_algorithm":"none","signing_key":"k"}`, "form_param_value_invalid", "signing_key"},
		{"own key missing", `{"name":"t","claims":{},"custom_signing_key":true,"signing_algorithm":"HS256"}`, "form_param_missing", "signing_key"},
		{"weak secret", `{"name":"t","claims":{},"custom_signing_key":true,"signing_algorithm":"HS256","signing_key":"short"}`, "form_param_value_invalid", "signing_key"},
		{"algorithm without a key", `{"name":"t","claims":{},"signing_algorithm":"HS256"}`, "form_param_value_invalid", "signing_algorithm"},
		{"large", `{"name":"t","claims":{"a":"` + strings.Repeat("x", 9000) + `"}}`, "form_param_max_length_exceeded", "claims"},
	}
	for _, tt := range tests {
		a := s.BackEnd().Do(t, "POST", "/v1/jwt_templates", tt.body)
		if a.Status != 422 || a.Code() != tt.code || a.Text("errors", "0", "meta", "param_name") != tt.param {
			t.Errorf("%s: %d %s", tt.name, a.Status, a.Body)
		}
	}
	s.BackEnd().Do(t, "GET", "/v1/jwt_templates/jtmp_no", "").Is(t, 404, "resource_not_found")
}

// Tokens of a template with its own key verify with that key and are not tokens
// of this instance; the key is never shown.
func TestTemplateWithItsOwnKey(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, app := s.BackEnd(), s.Native()
	sid := app.SignUp(t, "a@example.com")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "0123456789abcdef0123456789abcdef"
	for algorithm, k := range map[string]struct {
		text   string
		verify any
	}{
		"HS256": {secret, []byte(secret)},
		"RS384": {string(pem.EncodeToMemory(&pem.Block{Type: "RSA " + "PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)})), &rsaKey.PublicKey},
		"ES256": {string(pem.EncodeToMemory(&pem.Block{Type: "EC " + "PRIVATE KEY", Bytes: der})), &ecKey.PublicKey},
	} {
		body, err := json.Marshal(map[string]any{
			"name": algorithm, "claims": map[string]any{"role": "authenticated"},
			"custom_signing_key": true, "signing_algorithm": algorithm, "signing_key": k.text,
		})
		if err != nil {
			t.Fatal(err)
		}
		made := back.Do(t, "POST", "/v1/jwt_templates", string(body)).OK(t)
		if made.Get("custom_signing_key") != true || made.Has("signing_key") {
			t.Errorf("%s: %s", algorithm, made.Body)
		}
		text := app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens/"+algorithm).OK(t).Text("jwt")
		parsed, err := jwt.NewParser(jwt.WithValidMethods([]string{algorithm}), jwt.WithTimeFunc(func() time.Time { return s.Now() })).
			Parse(text, func(*jwt.Token) (any, error) { return k.verify, nil })
		if err != nil || parsed.Header["kid"] != nil {
			t.Errorf("%s: %v, header %v", algorithm, err, parsed.Header)
		}
		// Another key type than the algorithm's is refused, also in a change.
		back.Do(t, "PATCH", "/v1/jwt_templates/"+made.Text("id"), `{"signing_algorithm":"ES512","signing_key":"-"}`).
			Is(t, 422, "form_param_value_invalid")
		back.Do(t, "PATCH", "/v1/jwt_templates/"+made.Text("id"), `{"claims":{"role":"x"}}`).OK(t)
	}
}

// The instance's own claims are in every session token, wherever it comes from.
func TestClaimsOfSessionTokens(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, app := s.BackEnd(), s.Browser("https://localhost:3000")
	sid := app.SignUp(t, "a@example.com")
	back.Do(t, "PATCH", "/v1/instance/settings", `{"session_token_claims":{"sid":"x"}}`).Is(t, 422, "jwt_template_reserved_claim")
	back.Do(t, "PATCH", "/v1/instance/settings", `{"session_token_claims":{"mail":"{{user.primary_email_address}}","role":"{{user.public_metadata.role}}"}}`).OK(t)
	user := app.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "id")
	for role, want := range map[string]any{"": nil, "admin": "admin"} {
		if role != "" {
			back.Do(t, "PATCH", "/v1/users/"+user+"/metadata", `{"public_metadata":{"role":"`+role+`"}}`).OK(t)
		}
		for where, text := range map[string]string{
			"minted":   app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens").OK(t).Text("jwt"),
			"shown":    app.Do(t, "GET", "/v1/client", "").OK(t).Text("response", "sessions", "0", "last_active_token", "jwt"),
			"back end": back.Do(t, "POST", "/v1/sessions/"+sid+"/tokens", "{}").OK(t).Text("jwt"),
		} {
			_, claims := unverified(t, text)
			if claims["mail"] != "a@example.com" || claims["role"] != want && role != "" || claims["sid"] != sid {
				t.Errorf("%s %q: %v", where, role, claims)
			}
		}
	}
	back.Do(t, "PATCH", "/v1/instance/settings", `{"session_token_claims":""}`).OK(t)
	if _, claims := unverified(t, app.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens").OK(t).Text("jwt")); claims["mail"] != nil {
		t.Errorf("claims stayed: %v", claims)
	}
}
