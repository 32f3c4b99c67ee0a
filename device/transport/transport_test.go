package transport_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/transport"
)

const key = "pk_test_MTI3LjAuMC4xOjg0NDMk"

// serve returns a transport whose server is handler.
func serve(t *testing.T, handler http.HandlerFunc) *transport.Transport {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return mustNew(t, transport.Config{PublishableKey: key, Server: server.URL})
}

func mustNew(t testing.TB, config transport.Config) *transport.Transport {
	t.Helper()
	tr, err := transport.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

// answer is a handler that always says the same.
func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(claims)) + ".c2ln"
}

const (
	clientJSON = `{"object":"client","id":"client_1","updated_at":1700000000000,"last_active_session_id":"sess_1","sign_in":null,
 "sessions":[{"object":"session","id":"sess_1","status":"active","expire_at":1800000000000,"tasks":null,"future":{"x":[1]},
  "user":{"object":"user","id":"user_1","first_name":"Ada","last_name":null,"primary_email_address_id":"idn_2",
   "email_addresses":[{"id":"idn_1","email_address":"old@example.com"},{"id":"idn_2","email_address":"ada@example.com"}]}}]}`
	signInJSON = `{"object":"sign_in_attempt","id":"sia_1","status":"needs_first_factor","created_session_id":null,
 "supported_first_factors":[{"strategy":"email_code","email_address_id":"idn_2","safe_identifier":"a**@example.com"},{"strategy":"password"}],
 "supported_second_factors":null}`
	signUpJSON = `{"object":"sign_up_attempt","id":"sua_1","status":"missing_requirements","missing_fields":["password"],
 "unverified_fields":["email_address"],"email_address":"ada@example.com","created_session_id":null}`
)

func claims(sid string) string {
	return fmt.Sprintf(`{"sid":%q,"sub":"user_1","iat":1700000000,"exp":1700000060}`, sid)
}

func tokenJSON(sid string) string {
	return fmt.Sprintf(`{"object":"token","jwt":%q}`, jwt(claims(sid)))
}

func TestRequestsAreInPublishedNativeForm(t *testing.T) {
	t.Parallel()
	secret := core.NewSecret
	for _, test := range []struct {
		request      core.SendRequest
		method, path string
		form         url.Values
	}{
		{core.SendRequest{Kind: core.ReadClient}, "GET", "/v1/client", url.Values{}},
		{core.SendRequest{Kind: core.MintToken, SessionID: "sess_1"}, "POST", "/v1/client/sessions/sess_1/tokens", url.Values{}},
		{core.SendRequest{Kind: core.RemoveSession, SessionID: "sess_1"}, "POST", "/v1/client/sessions/sess_1/remove", url.Values{}},
		{core.SendRequest{Kind: core.RemoveSessions}, "DELETE", "/v1/client/sessions", url.Values{}},
		{core.SendRequest{Kind: core.CreateSignIn, Identifier: "a@b.c"}, "POST", "/v1/client/sign_ins", url.Values{"identifier": {"a@b.c"}}},
		{
			core.SendRequest{Kind: core.CreateSignIn, Identifier: "a@b.c", Password: secret("p&w")}, "POST", "/v1/client/sign_ins",
			url.Values{"identifier": {"a@b.c"}, "strategy": {"password"}, "password": {"p&w"}},
		},
		{
			core.SendRequest{Kind: core.PrepareFirstFactor, AttemptID: "sia_1", Strategy: core.StrategyEmailCode, FactorID: "idn_1"},
			"POST", "/v1/client/sign_ins/sia_1/prepare_first_factor", url.Values{"strategy": {"email_code"}, "email_address_id": {"idn_1"}},
		},
		{
			core.SendRequest{Kind: core.PrepareSecondFactor, AttemptID: "sia_1", Strategy: core.StrategyPhoneCode, FactorID: "idn_1"},
			"POST", "/v1/client/sign_ins/sia_1/prepare_second_factor", url.Values{"strategy": {"phone_code"}, "phone_number_id": {"idn_1"}},
		},
		{
			core.SendRequest{Kind: core.AttemptFirstFactor, AttemptID: "sia_1", Strategy: core.StrategyEmailCode, Code: secret("424242")},
			"POST", "/v1/client/sign_ins/sia_1/attempt_first_factor", url.Values{"strategy": {"email_code"}, "code": {"424242"}},
		},
		{
			core.SendRequest{Kind: core.ResetPassword, AttemptID: "sia_1", Password: secret("new"), SignOutOthers: true},
			"POST", "/v1/client/sign_ins/sia_1/reset_password", url.Values{"password": {"new"}, "sign_out_of_other_sessions": {"true"}},
		},
		{
			core.SendRequest{Kind: core.CreateSignUp, Identifier: "a@b.c", Password: secret("pw")},
			"POST", "/v1/client/sign_ups", url.Values{"email_address": {"a@b.c"}, "password": {"pw"}},
		},
		{
			core.SendRequest{Kind: core.PrepareVerification, AttemptID: "sua_1", Strategy: core.StrategyEmailCode},
			"POST", "/v1/client/sign_ups/sua_1/prepare_verification", url.Values{"strategy": {"email_code"}},
		},
		{
			core.SendRequest{Kind: core.AttemptVerification, AttemptID: "sua_1", Strategy: core.StrategyEmailCode, Code: secret("1")},
			"POST", "/v1/client/sign_ups/sua_1/attempt_verification", url.Values{"strategy": {"email_code"}, "code": {"1"}},
		},
	} {
		t.Run(string(test.request.Kind), func(t *testing.T) {
			t.Parallel()
			var got *http.Request
			tr := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				if r.PostForm == nil {
					r.PostForm = url.Values{}
				}
				got = r
				answer(200, "application/json", "{}")(w, r)
			})
			test.request.Credential = core.NewSecret("the.client.token")
			tr.Do(t.Context(), test.request)
			if got.Method != test.method || got.URL.Path != test.path || got.URL.RawQuery != "_is_native=1" {
				t.Errorf("got %s %s, want %s %s?_is_native=1", got.Method, got.URL, test.method, test.path)
			}
			if diff := cmp.Diff(test.form, got.PostForm); diff != "" {
				t.Errorf("form mismatch (-want +got):\n%s", diff)
			}
			for name, want := range map[string]string{"Authorization": "the.client.token", "X-Mobile": "1", "Clerk-Api-Version": "2026-05-12"} {
				if got.Header.Get(name) != want {
					t.Errorf("header %s is %q, want %q", name, got.Header.Get(name), want)
				}
			}
		})
	}
}

func TestNoCredentialNoHeader(t *testing.T) {
	t.Parallel()
	tr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, sent := r.Header["Authorization"]; sent {
			t.Error("an Authorization header was sent without a credential")
		}
		answer(200, "application/json", `{"response":`+clientJSON+`}`)(w, r)
	})
	if got := tr.Do(t.Context(), core.SendRequest{Kind: core.ReadClient}); got.Class != core.Accepted {
		t.Errorf("got %+v", got)
	}
}

func TestAcceptedAnswers(t *testing.T) {
	t.Parallel()
	client := &core.ClientDoc{
		ID: "client_1", LastActiveSessionID: "sess_1", UpdatedAt: 1700000000000,
		Sessions: []core.SessionDoc{{
			ID: "sess_1", Status: "active", ExpireAt: 1800000000000,
			User: core.User{ID: "user_1", Identifier: "ada@example.com", FirstName: "Ada"},
		}},
	}
	for _, test := range []struct {
		name    string
		request core.SendRequest
		body    string
		want    core.Responded
	}{
		{"the client", core.SendRequest{Kind: core.ReadClient}, `{"response":` + clientJSON + `,"client":null}`, core.Responded{Client: client}},
		{"a minted token", core.SendRequest{Kind: core.MintToken, SessionID: "sess_1"}, tokenJSON("sess_1"), core.Responded{Token: core.TokenDoc{
			JWT: core.NewSecret(jwt(claims("sess_1"))), SessionID: "sess_1", UserID: "user_1", IssuedAt: 1700000000000, ExpiresAt: 1700000060000,
		}}},
		{
			"a sign-in with a piggybacked client", core.SendRequest{Kind: core.CreateSignIn}, `{"response":` + signInJSON + `,"client":` + clientJSON + `}`,
			core.Responded{Client: client, Attempt: &core.AttemptDoc{ID: "sia_1", Status: "needs_first_factor", FirstFactors: []core.FactorDoc{
				{Strategy: core.StrategyEmailCode, ID: "idn_2", SafeIdentifier: "a**@example.com"}, {Strategy: core.StrategyPassword},
			}}},
		},
		{
			"a sign-up", core.SendRequest{Kind: core.PrepareVerification, AttemptID: "sua_1"}, `{"response":` + signUpJSON + `,"client":null}`,
			core.Responded{Attempt: &core.AttemptDoc{
				ID: "sua_1", Status: "missing_requirements", MissingFields: []string{"password"},
				FirstFactors: []core.FactorDoc{{Strategy: core.StrategyEmailCode, SafeIdentifier: "ada@example.com"}},
			}},
		},
		{
			// The least that clerk-js loads signed in from: no instant anywhere.
			"the smallest client with a session", core.SendRequest{Kind: core.ReadClient},
			`{"response":{"object":"client","id":"client_1","last_active_session_id":"sess_1","sessions":[{"object":"session",
			"id":"sess_1","status":"active","user":{"id":"user_1"},"last_active_token":{"jwt":"` + jwt(claims("sess_1")) + `"}}]}}`,
			core.Responded{Client: &core.ClientDoc{ID: "client_1", LastActiveSessionID: "sess_1", Sessions: []core.SessionDoc{{
				ID: "sess_1", Status: "active", User: core.User{ID: "user_1"}, Token: core.TokenDoc{
					JWT: core.NewSecret(jwt(claims("sess_1"))), SessionID: "sess_1", UserID: "user_1",
					IssuedAt: 1700000000000, ExpiresAt: 1700000060000,
				},
			}}}},
		},
		{
			"a removed session", core.SendRequest{Kind: core.RemoveSession, SessionID: "sess_1"},
			`{"response":{"object":"session","id":"sess_1","status":"removed","expire_at":1,"user":null},"client":null}`,
			core.Responded{Session: &core.SessionDoc{ID: "sess_1", Status: "removed", ExpireAt: 1}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tr := serve(t, answer(200, "application/json; charset=utf-8", test.body))
			got := tr.Do(t.Context(), test.request)
			test.want.Class, test.want.Status, test.want.ServerTime = core.Accepted, 200, got.ServerTime
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b core.Secret) bool { return a == b })); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if got.ServerTime == 0 {
				t.Error("the server's time is missing")
			}
		})
	}
}

func TestRefusalCarriesItsEvidence(t *testing.T) {
	t.Parallel()
	body := `{"errors":[{"code":"session_revoked","message":"short","long_message":"over\u001b[31m\nnow","meta":{"param_name":"code","other":1}}],"clerk_trace_id":"trace_9"}`
	for _, status := range []int{400, 401, 403, 404, 409, 410, 422} {
		tr := serve(t, answer(status, "application/json", body))
		got := tr.Do(t.Context(), core.SendRequest{Kind: core.MintToken, SessionID: "sess_1"})
		if got.Class != core.Refused || got.Code != "session_revoked" || got.Param != "code" || got.Trace != "trace_9" || got.Status != status {
			t.Errorf("%d: got %+v", status, got)
		}
		if got.Message != "over[31m now" {
			t.Errorf("message %q can reach a terminal", got.Message)
		}
		tr = serve(t, answer(status, "application/json", body))
		if got := tr.Do(t.Context(), core.SendRequest{Kind: core.ReadClient}); got.Class != core.Ambiguous || got.Code != "session_revoked" {
			t.Errorf("%d on the client: got %+v, want ambiguous with the code as evidence", status, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	long := time.Hour
	for _, test := range []struct {
		name, header, value string
		check               func(core.Responded) bool
	}{
		{"seconds", "Retry-After", "30", func(r core.Responded) bool { return r.RetryAfter == 30*time.Second }},
		{"years", "Retry-After", "999999999999", func(r core.Responded) bool { return r.RetryAfter == long }},
		{"negative", "Retry-After", "-5", func(r core.Responded) bool { return r.RetryAfter == 0 }},
		{"nonsense", "Retry-After", "soon", func(r core.Responded) bool { return r.RetryAfter == 0 }},
		{"a date 1970", "Date", "Thu, 01 Jan 1970 00:00:00 GMT", func(r core.Responded) bool { return r.ServerTime == 0 }},
		{"a date", "Date", "Sat, 14 Nov 2026 22:13:20 GMT", func(r core.Responded) bool { return r.ServerTime == 1794694400000 }},
		{"a rotated credential", "Authorization", "abc.def", func(r core.Responded) bool { return r.Credential.Reveal() == "abc.def" }},
		{"a prefixed credential", "Authorization", "Bearer abc", func(r core.Responded) bool { return r.Credential.Reveal() == "abc" }},
		{"an empty credential", "Authorization", "", func(r core.Responded) bool { return r.Credential.IsZero() }},
		{"the bare word", "Authorization", "Bearer", func(r core.Responded) bool { return r.Credential.IsZero() }},
		{"a credential with a space", "Authorization", "a b", func(r core.Responded) bool { return r.Credential.IsZero() }},
		{"a huge credential", "Authorization", strings.Repeat("x", 9000), func(r core.Responded) bool { return r.Credential.IsZero() }},
		{"a trace", "Clerk-Trace-Id", strings.Repeat("t", 200), func(r core.Responded) bool { return len(r.Trace) == 64 }},
	} {
		tr := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(test.header, test.value)
			answer(503, "application/json", `{}`)(w, r)
		})
		if got := tr.Do(t.Context(), core.SendRequest{Kind: core.ReadClient}); !test.check(got) {
			t.Errorf("%s: got %+v", test.name, got)
		}
	}
}

func TestNewRefusesWhatWouldLeakACredential(t *testing.T) {
	t.Parallel()
	for _, server := range []string{
		"http://example.com", "http://192.0.2.1:80", "ftp://a.example", "https://u:p@a.example", "https://a.example?x=1",
		"//a.example", "a.example", "https://", "https://a.example/#f", "%zz",
	} {
		if _, err := transport.New(transport.Config{PublishableKey: key, Server: server}); err == nil {
			t.Errorf("server %q was accepted", server)
		}
	}
	for server, want := range map[string]string{
		"":                            "https://127.0.0.1:8443",
		"http://127.0.0.1:80/":        "http://127.0.0.1:80",
		"http://localhost:1":          "http://localhost:1",
		"http://[::1]:1":              "http://[::1]:1",
		"https://a.example/proxy/v1/": "https://a.example/proxy",
	} {
		tr, err := transport.New(transport.Config{PublishableKey: key, Server: server})
		if err != nil || tr.BaseURL() != want {
			t.Errorf("server %q: got %v, %v, want %s", server, tr, err, want)
		}
	}
	_, err := transport.New(transport.Config{PublishableKey: "sk_test_x"})
	var typed *publishablekey.Error
	if !errors.As(err, &typed) {
		t.Errorf("got %v, want a publishable key error", err)
	}
}
