package frontendapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/ratelimit"
)

// branch is a code that some published SDK decides by, and its meta in full:
// SDKs read members of it, and a member more may mean something to one of them.
type branch struct {
	code   string
	status int
	meta   string
	with   func(*apitest.Options)
	// provoke gets a server on which "ada@example.com" signed up with the app.
	provoke func(t *testing.T, s *apitest.Server, ada *app) answer
}

const noParam = `null`

func onParam(name string) string { return `{"param_name":"` + name + `"}` }

const (
	signIns = "/v1/client/sign_ins"
	signUps = "/v1/client/sign_ups"
)

// ask is one request of an app that nobody has signed in to.
func ask(method, path string, pairs ...string) func(*testing.T, *apitest.Server, *app) answer {
	return func(t *testing.T, s *apitest.Server, _ *app) answer {
		return nativeApp(s).send(t, method, path, form(pairs...))
	}
}

// askSignedIn is one request of the app that Ada signed in to.
func askSignedIn(method, path string, pairs ...string) func(*testing.T, *apitest.Server, *app) answer {
	return func(t *testing.T, _ *apitest.Server, ada *app) answer {
		t.Helper()
		return ada.send(t, method, path, form(pairs...))
	}
}

// attempt is an answer to the code of a new sign-in by mail.
func attempt(wait time.Duration, code string) func(*testing.T, *apitest.Server, *app) answer {
	return func(t *testing.T, s *apitest.Server, _ *app) answer {
		t.Helper()
		a := nativeApp(s)
		id := a.must(t, "POST", signIns, form("identifier", "ada@example.com", "strategy", "email_code")).text("response.id")
		s.Advance(wait)
		if wait > 0 {
			code = s.Code(t, "ada@example.com")
		}
		return a.send(t, "POST", signIns+"/"+id+"/attempt_first_factor", form("strategy", "email_code", "code", code))
	}
}

// afterwards is a mint for Ada's session after a call of the back end about it.
func afterwards(path string) func(*testing.T, *apitest.Server, *app) answer {
	return func(t *testing.T, s *apitest.Server, ada *app) answer {
		t.Helper()
		sid := ada.sessions(t)[0]
		user := ada.must(t, "GET", "/v1/me", nil).text("response.id")
		s.BackEnd().Do(t, "POST", strings.NewReplacer("SESSION", sid, "USER", user).Replace(path), "{}").OK(t)
		return ada.send(t, "POST", "/v1/client/sessions/"+sid+"/tokens", nil)
	}
}

// closed is a sign-up after the instance has closed its door.
func closed(mode string) func(*testing.T, *apitest.Server, *app) answer {
	return func(t *testing.T, s *apitest.Server, _ *app) answer {
		t.Helper()
		backend(t, s, "PATCH", "/v1/instance/settings", `{"sign_up_mode":"`+mode+`"}`)
		return nativeApp(s).send(t, "POST", signUps, form("email_address", "b@example.com"))
	}
}

var branches = []branch{
	{code: "authentication_invalid", status: 401, meta: noParam, provoke: afterwards("/v1/sessions/SESSION/revoke")},
	{code: "user_banned", status: 403, meta: noParam, provoke: func(t *testing.T, s *apitest.Server, ada *app) answer {
		t.Helper()
		afterwards("/v1/users/USER/ban")(t, s, ada)
		return nativeApp(s).send(t, "POST", signIns, form("identifier", "ada@example.com", "password", password))
	}},
	{code: "resource_not_found", status: 404, meta: noParam, provoke: askSignedIn("POST", signIns+"/sia_0/attempt_first_factor", "strategy", "password", "password", "x")},
	{code: "form_identifier_not_found", status: 422, meta: onParam("identifier"), provoke: ask("POST", signIns, "identifier", "nobody@example.com")},
	{code: "form_password_incorrect", status: 422, meta: onParam("password"), provoke: ask("POST", signIns, "identifier", "ada@example.com", "password", "not the password")},
	{code: "form_code_incorrect", status: 422, meta: onParam("code"), provoke: attempt(0, "no code")},
	{code: "verification_expired", status: 422, meta: onParam("code"), provoke: attempt(auth.CodeLifetime+time.Second, "")},
	{code: "form_identifier_exists", status: 422, meta: onParam("email_address"), provoke: ask("POST", signUps, "email_address", "ada@example.com")},
	{code: "form_password_pwned", status: 422, meta: onParam("password"), provoke: ask("POST", signUps, "email_address", "b@example.com", "password", "password123")},
	{code: "form_password_length_too_short", status: 422, meta: onParam("password"), provoke: ask("POST", signUps, "email_address", "b@example.com", "password", "short")},
	{code: "form_param_missing", status: 422, meta: onParam("identifier"), provoke: ask("POST", signIns, "strategy", "email_code")},
	{code: "form_param_format_invalid", status: 422, meta: onParam("email_address"), provoke: ask("POST", signUps, "email_address", "none")},
	{code: "strategy_for_user_invalid", status: 422, meta: onParam("strategy"), provoke: ask("POST", signIns, "identifier", "ada@example.com", "strategy", "phone_code")},
	{code: "sign_up_mode_restricted", status: 403, meta: noParam, provoke: closed("restricted")},
	{code: "sign_up_restricted_waitlist", status: 403, meta: noParam, provoke: closed("waitlist")},
	{code: "not_allowed_access", status: 403, meta: `{"identifiers":["b@example.com"]}`,
		provoke: func(t *testing.T, s *apitest.Server, _ *app) answer {
			t.Helper()
			backend(t, s, "POST", "/v1/blocklist_identifiers", `{"identifier":"*@example.com"}`)
			backend(t, s, "PATCH", "/v1/instance/restrictions", `{"blocklist":true}`)
			return nativeApp(s).send(t, "POST", signUps, form("email_address", "b@example.com"))
		}},
	{code: "session_exists", status: 400, meta: `{"session_id":"SESSION"}`, with: func(o *apitest.Options) { o.Settings.SingleSession = true },
		provoke: askSignedIn("POST", signIns, "identifier", "ada@example.com", "password", password)},
	{code: "identifier_already_signed_in", status: 400, meta: `{"session_id":"SESSION"}`,
		provoke: askSignedIn("POST", signIns, "identifier", "ada@example.com")},
	{code: "session_reverification_required", status: 403, meta: `{"level":"first_factor","after_minutes":10}`, with: withReverification,
		provoke: func(t *testing.T, s *apitest.Server, ada *app) answer {
			t.Helper()
			s.Advance(auth.ReverificationAge + time.Second)
			return ada.send(t, "POST", "/v1/me/totp", nil)
		}},
	{code: "user_locked", status: 403, meta: `{"lockout_expires_in_seconds":900}`, provoke: func(t *testing.T, s *apitest.Server, _ *app) answer {
		t.Helper()
		a := nativeApp(s)
		for range 200 {
			got := answer{a.Form(t, "POST", signIns, "identifier", "ada@example.com", "password", "not the password")}
			if got.Code() == "user_locked" {
				return got
			}
		}
		return answer{a.Form(t, "GET", "/v1/client")}
	}},
	{code: "too_many_requests", status: 429, meta: noParam, with: func(o *apitest.Options) { o.Addresses = ratelimit.Config{Burst: 4, Every: time.Hour} },
		provoke: func(t *testing.T, s *apitest.Server, _ *app) (got answer) {
			t.Helper()
			a := nativeApp(s)
			for range 10 {
				if got = a.send(t, "POST", signIns, form("identifier", "nobody@example.com")); got.Status == http.StatusTooManyRequests {
					break
				}
			}
			return got
		}},
	{code: "origin_invalid", status: 400, meta: noParam, with: func(o *apitest.Options) { o.AllowedOrigin = func(string) bool { return false } },
		provoke: func(t *testing.T, s *apitest.Server, _ *app) answer {
			t.Helper()
			return browserApp(s).send(t, "POST", signIns, form("identifier", "ada@example.com"))
		}},
	{code: "approval_token_invalid", status: 422, meta: noParam,
		provoke: ask("POST", "/v1/client/magic_links/complete", "flow_id", "sia_0", "approval_token", "x", "code_verifier", linkVerifier)},
	{code: "clerk_key_invalid", status: 401, meta: noParam, provoke: func(t *testing.T, s *apitest.Server, _ *app) answer {
		t.Helper()
		return answer{s.BackEnd().Send(t, apitest.Request{Method: "GET", Path: "/v1/jwks", Anonymous: true,
			Header: http.Header{"Authorization": {"Bearer sk_test_another"}}})}
	}},
}

// TestCodesThatClientsBranchOn provokes each code on the running API.
func TestCodesThatClientsBranchOn(t *testing.T) {
	t.Parallel()
	for _, b := range branches {
		t.Run(b.code, func(t *testing.T) {
			t.Parallel()
			change := func(*apitest.Options) {}
			if b.with != nil {
				change = b.with
			}
			s := apitest.Start(t, change)
			ada := nativeApp(s)
			sid := ada.signUp(t, "ada@example.com")
			got := b.provoke(t, s, ada)
			if got.Status != b.status || got.Code() != b.code {
				t.Fatalf("%v; want %d %s", got, b.status, b.code)
			}
			if got.text("errors.0.message") == "" || got.text("errors.0.long_message") == "" || got.text("clerk_trace_id") == "" {
				t.Errorf("an incomplete envelope: %v", got)
			}
			meta, err := json.Marshal(got.at("errors.0.meta"))
			if want := strings.ReplaceAll(b.meta, "SESSION", sid); err != nil || !sameJSON(t, string(meta), want) {
				t.Errorf("meta %s, want %s", meta, want)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		t.Fatalf("not JSON: %s, %s", a, b)
	}
	one, _ := json.Marshal(x)
	other, _ := json.Marshal(y)
	return string(one) == string(other)
}
