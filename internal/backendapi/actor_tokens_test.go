package backendapi_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

const actor = `{"sub":"user_support","reason":"ticket 7"}`

// impersonate signs app in with an actor token of user and returns the session.
func impersonate(t testing.TB, s *apitest.Server, app *apitest.Caller, user, more string) string {
	t.Helper()
	made := s.BackEnd().Do(t, "POST", "/v1/actor_tokens", `{"user_id":"`+user+`","actor":`+actor+more+`}`).OK(t)
	a := app.Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", made.Text("token")).OK(t)
	return a.Text("response", "created_session_id")
}

func userOf(t testing.TB, app *apitest.Caller) string {
	t.Helper()
	return app.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "id")
}

// Whoever acts is named in the session, in its tokens and to back ends, and the
// session is no proof of the user.
func TestActorToken(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, owner, support := s.BackEnd(), s.Native(), s.Browser("https://localhost:3000")
	owner.SignUp(t, "ada@example.com")
	user := userOf(t, owner)
	signedInAt := owner.Do(t, "GET", "/v1/me", "").OK(t).Get("response", "last_sign_in_at")
	s.Advance(time.Minute)
	sid := impersonate(t, s, support, user, "")

	client := support.Do(t, "GET", "/v1/client", "").OK(t)
	if client.Text("response", "sessions", "0", "actor", "sub") != "user_support" {
		t.Errorf("client: %s", client.Body)
	}
	if got := client.Get("response", "sessions", "0", "factor_verification_age", "0"); got != -1.0 {
		t.Errorf("the session counts as a proof of the user, %v minutes old", got)
	}
	for where, text := range map[string]string{
		"shown":    client.Text("response", "sessions", "0", "last_active_token", "jwt"),
		"minted":   support.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens").OK(t).Text("jwt"),
		"back end": back.Do(t, "POST", "/v1/sessions/"+sid+"/tokens", "{}").OK(t).Text("jwt"),
	} {
		_, claims := unverified(t, text)
		act, _ := claims["act"].(map[string]any)
		if act["sub"] != "user_support" || act["reason"] != "ticket 7" || claims["sub"] != user {
			t.Errorf("%s: %v", where, claims)
		}
	}
	if got := back.Do(t, "GET", "/v1/sessions/"+sid, "").OK(t); got.Text("actor", "sub") != "user_support" {
		t.Errorf("back end: %s", got.Body)
	}
	if got := owner.Do(t, "GET", "/v1/me", "").OK(t); got.Get("response", "last_sign_in_at") != signedInAt {
		t.Errorf("the user is said to have signed in at %v", got.Get("response", "last_sign_in_at"))
	}
	// The session lasts half an hour, however much it is used.
	s.Advance(29 * time.Minute)
	support.Form(t, "POST", "/v1/client/sessions/"+sid+"/touch").OK(t)
	s.Advance(time.Minute)
	support.Form(t, "POST", "/v1/client/sessions/"+sid+"/tokens").Is(t, 401, "authentication_invalid")
}

// The iOS SDK fails a client with an object as actor.
func TestActorIsNotShownToIOS(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner, phone := s.Native(), s.Native()
	owner.SignUp(t, "ada@example.com")
	impersonate(t, s, phone, userOf(t, owner), "")
	a := phone.Send(t, apitest.Request{Method: "GET", Path: "/v1/client", Header: map[string][]string{"X-Ios-Sdk-Version": {"1.4.1"}}}).OK(t)
	if a.Get("response", "sessions", "0", "actor") != nil {
		t.Errorf("actor: %s", a.Body)
	}
}

// Whoever acts cannot prove to be the user, nor do what only the user may.
func TestActorIsNotTheUser(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner, support := s.Native(), s.Native()
	owner.SignUp(t, "ada@example.com")
	sid := impersonate(t, s, support, userOf(t, owner), "")
	verify := "/v1/client/sessions/" + sid + "/verify"
	form := func(name, method, path, body string) apitest.Scenario {
		return apitest.Scenario{
			Name: name, Request: apitest.Request{Method: method, Path: path, Body: body}, Status: 403, Code: "action_forbidden_for_actor",
		}
	}
	support.Run(t, []apitest.Scenario{
		form("begin a proof", "POST", verify, "level=first_factor"),
		form("prepare a proof", "POST", verify+"/prepare_first_factor", "strategy=email_code"),
		form("prove", "POST", verify+"/attempt_first_factor", "strategy=password&password="+url.QueryEscape(apitest.Password)),
		form("change the password", "POST", "/v1/me/change_password", "current_password="+url.QueryEscape(apitest.Password)+"&new_password=another+long+password"),
		form("remove the password", "POST", "/v1/me/remove_password", "current_password="+url.QueryEscape(apitest.Password)),
		form("set up a second factor", "POST", "/v1/me/totp", ""),
		form("add an address", "POST", "/v1/me/email_addresses", "email_address=evil%40example.com"),
		form("delete the account", "DELETE", "/v1/me", ""),
	})
	s.Native().SignIn(t, "ada@example.com")
	support.SignIn(t, "ada@example.com") // acting as somebody is not being signed in as them
}

func TestActorTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, owner := s.BackEnd(), s.Native()
	owner.SignUp(t, "ada@example.com")
	body := `{"user_id":"` + userOf(t, owner) + `","actor":` + actor + `,"expires_in_seconds":60}`
	use := func(app *apitest.Caller, ticket string) *apitest.Answer {
		return app.Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", ticket)
	}
	made := back.Do(t, "POST", "/v1/actor_tokens", body).OK(t)
	if !strings.Contains(made.Text("url"), url.QueryEscape(made.Text("token"))) || made.Text("status") != "pending" {
		t.Errorf("made: %s", made.Body)
	}
	use(s.Native(), made.Text("token")).OK(t)
	if a := use(s.Native(), made.Text("token")); a.Code() != "sign_in_token_already_used_code" {
		t.Errorf("used twice: %d %s", a.Status, a.Body)
	}
	back.Do(t, "POST", "/v1/actor_tokens/"+made.Text("id")+"/revoke", "").Is(t, 400, "actor_token_cannot_be_revoked_code")

	revoked := back.Do(t, "POST", "/v1/actor_tokens", body).OK(t)
	// An actor token is not a sign-in token, whatever the path says.
	back.Do(t, "POST", "/v1/sign_in_tokens/"+revoked.Text("id")+"/revoke", "").Is(t, 404, "resource_not_found")
	if a := back.Do(t, "POST", "/v1/actor_tokens/"+revoked.Text("id")+"/revoke", "").OK(t); a.Text("status") != "revoked" || a.Has("token") {
		t.Errorf("revoked: %s", a.Body)
	}
	use(s.Native(), revoked.Text("token")).Is(t, 422, "ticket_invalid_code")

	late := back.Do(t, "POST", "/v1/actor_tokens", body).OK(t)
	s.Advance(time.Minute)
	use(s.Native(), late.Text("token")).Is(t, 422, "ticket_expired_code")
}

func TestActorTokensRefuse(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := s.Native()
	owner.SignUp(t, "ada@example.com")
	user := userOf(t, owner)
	long := strings.Repeat("x", 2000)
	for name, tt := range map[string]struct{ body, code string }{
		"no user":         {`{"actor":` + actor + `}`, "form_param_missing"},
		"no actor":        {`{"user_id":"` + user + `"}`, "form_param_missing"},
		"nobody":          {`{"user_id":"` + user + `","actor":{}}`, "form_param_value_invalid"},
		"not an object":   {`{"user_id":"` + user + `","actor":"user_1"}`, "form_param_value_invalid"},
		"number":          {`{"user_id":"` + user + `","actor":{"sub":1}}`, "form_param_value_invalid"},
		"large":           {`{"user_id":"` + user + `","actor":{"sub":"` + long + `"}}`, "form_param_max_length_exceeded"},
		"no time":         {`{"user_id":"` + user + `","actor":` + actor + `,"expires_in_seconds":0}`, "form_param_value_invalid"},
		"session forever": {`{"user_id":"` + user + `","actor":` + actor + `,"session_max_duration_in_seconds":99999999}`, "form_param_value_invalid"},
	} {
		if a := s.BackEnd().Do(t, "POST", "/v1/actor_tokens", tt.body); a.Status != 422 || a.Code() != tt.code {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	s.BackEnd().Do(t, "POST", "/v1/actor_tokens", `{"user_id":"user_nobody","actor":`+actor+`}`).Is(t, 404, "resource_not_found")
}

// A required second factor is the user's to set up: whoever acts is not held up.
func TestActorHasNoTasks(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner, support := s.Native(), s.Native()
	owner.SignUp(t, "ada@example.com")
	user := userOf(t, owner)
	if _, err := s.Live.Update(t.Context(), func(set *auth.Settings) error { set.SecondFactors.Required = true; return nil }); err != nil {
		t.Fatal(err)
	}
	impersonate(t, s, support, user, "")
	if a := support.Do(t, "GET", "/v1/client", "").OK(t); a.Text("response", "sessions", "0", "status") != "active" {
		t.Errorf("client: %s", a.Body)
	}
}
