package frontendapi_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func claims(t testing.TB, jwt string) map[string]any {
	t.Helper()
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		t.Fatalf("not a token: %q", jwt)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSessionTokenClaims(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := browserApp(s)
	sid := a.signUp(t, "a@example.com")
	tests := []struct {
		query string
		v2    bool
	}{{"", true}, {"?__clerk_api_version=2026-08-20", true}, {"?__clerk_api_version=2025-04-10", true}, {"?__clerk_api_version=2021-02-05", false}}
	for _, tt := range tests {
		c := claims(t, a.must(t, "POST", "/v1/client/sessions/"+sid+"/tokens"+tt.query, form("organization_id", "")).text("jwt"))
		if (c["v"] == float64(2)) != tt.v2 || (c["sts"] == "active") != tt.v2 {
			t.Errorf("%s: claims %v", tt.query, c)
		}
		if c["sid"] != sid || c["iss"] != "https://"+s.Host || c["azp"] != "https://localhost:3000" {
			t.Errorf("%s: claims %v", tt.query, c)
		}
	}
	n := nativeApp(s)
	nid := n.signIn(t, "a@example.com")
	if c := claims(t, n.must(t, "POST", "/v1/client/sessions/"+nid+"/tokens", nil).text("jwt")); c["azp"] != nil {
		t.Errorf("a native token names an origin: %v", c)
	}
	shown := n.must(t, "GET", "/v1/client", nil).text("response.sessions.0.last_active_token.jwt")
	if claims(t, shown)["sid"] != nid {
		t.Error("GET client carries no token of the current session")
	}
}

func TestEndingASessionIsIdempotent(t *testing.T) {
	t.Parallel()
	for mode, a := range apps(apitest.Start(t)) {
		for _, how := range []struct{ verb, status string }{{"remove", "removed"}, {"end", "ended"}} {
			var sid string
			if how.verb == "remove" {
				sid = a.signUp(t, mode+"@example.com")
			} else {
				sid = a.signIn(t, mode+"@example.com")
			}
			for range 3 {
				got := a.must(t, "POST", "/v1/client/sessions/"+sid+"/"+how.verb, nil)
				if got.text("response.status") != how.status || len(sessionIDs(got.at("client.sessions"))) != 0 {
					t.Errorf("%s %s: %v", mode, how.verb, got)
				}
			}
			if got := a.must(t, "GET", "/v1/client/sessions/"+sid, nil); got.text("response.status") != how.status {
				t.Errorf("%s: %v", mode, got)
			}
			// 401 is positive knowledge, and GET client agrees with it.
			for _, path := range []string{"/tokens", "/touch"} {
				a.refused(t, "POST", "/v1/client/sessions/"+sid+path, nil, 401, "authentication_invalid")
			}
			a.refused(t, "GET", "/v1/me?_clerk_session_id="+sid, nil, 401, "authentication_invalid")
			if got := a.sessions(t); len(got) != 0 {
				t.Errorf("GET client does not agree: %v", got)
			}
		}
		a.must(t, "DELETE", "/v1/client/sessions", nil)
		got := a.must(t, "DELETE", "/v1/client/sessions", nil)
		if got.text("response.object") != "client" {
			t.Errorf("signing out of nothing: %v", got)
		}
	}
}

func TestSeveralSessionsOnOneClient(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	one := a.signUp(t, "one@example.com")
	two := a.signUp(t, "two@example.com")
	if got := a.sessions(t); !slices.Equal(got, []string{one, two}) {
		t.Fatalf("sessions %v", got)
	}
	for sid, email := range map[string]string{one: "one@example.com", two: "two@example.com"} {
		got := a.must(t, "GET", "/v1/me?_clerk_session_id="+sid, nil)
		if got.text("response.email_addresses.0.email_address") != email {
			t.Errorf("%s acts for %v", sid, got)
		}
	}
	got := a.must(t, "POST", "/v1/client/sessions/"+one+"/touch", form("active_organization_id", "", "intent", "select_session"))
	if got.text("client.last_active_session_id") != one || got.text("response.last_active_token.jwt") == "" {
		t.Errorf("touched: %v", got)
	}
	got = a.must(t, "POST", "/v1/client/sessions/"+one+"/remove", nil)
	if !slices.Equal(sessionIDs(got.at("client.sessions")), []string{two}) || got.text("client.last_active_session_id") != two {
		t.Errorf("after removing the current one: %v", got)
	}
	a.signIn(t, "one@example.com")
	if got := a.must(t, "DELETE", "/v1/client/sessions", nil); len(sessionIDs(got.at("response.sessions"))) != 0 {
		t.Errorf("signed out of all: %v", got)
	}
}

// Whoever is signed in on the client is told to use that session, before any
// proof; somebody else on it, the same person elsewhere, and the same person
// after the session ended sign in as ever.
func TestSameUserAgain(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.Username = auth.UseOptional })
	for mode, a := range apps(s) {
		email := mode + "@example.com"
		sid := a.signUp(t, email)
		a.must(t, "PATCH", "/v1/me", form("username", mode+"_ada"))
		for _, identifier := range []string{email, " " + strings.ToUpper(email), mode + "_ada"} {
			for _, pairs := range [][]string{
				{}, {"password", password}, {"password", "wrong password"}, {"strategy", "email_code"},
			} {
				got := a.refused(t, "POST", "/v1/client/sign_ins", form(append(pairs, "identifier", identifier)...), 400, "identifier_already_signed_in")
				if got.text("errors.0.meta.session_id") != sid {
					t.Errorf("%s %v does not say which: %v", identifier, pairs, got)
				}
			}
		}
		if got := a.sessions(t); !slices.Equal(got, []string{sid}) {
			t.Errorf("sessions %v", got)
		}
		b := a.other()
		b.signUp(t, "other-"+email)
		b.signIn(t, email)
		a.must(t, "POST", "/v1/client/sessions/"+sid+"/remove", nil)
		a.signIn(t, email)
	}
}

// A ticket signs in whom it is for, signed in or not, and the sessions do not
// pile up: the new one takes the place of the other.
func TestSameUserByTicketReplaces(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	first := a.signUp(t, "a@example.com")
	user := a.must(t, "GET", "/v1/me", nil).text("response.id")
	ticket := backend(t, s, "POST", "/v1/sign_in_tokens", `{"user_id":"`+user+`"}`).text("token")
	second := a.must(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", ticket)).text("response.created_session_id")
	if got := a.sessions(t); !slices.Equal(got, []string{second}) {
		t.Errorf("sessions %v", got)
	}
	if got := a.must(t, "GET", "/v1/client/sessions/"+first, nil); got.text("response.status") != "ended" {
		t.Errorf("the first: %v", got)
	}
}

func TestSingleSession(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t, func(o *apitest.Options) { o.Settings.SingleSession = true }))
	sid := a.signUp(t, "a@example.com")
	for _, path := range []string{"/v1/client/sign_ins", "/v1/client/sign_ups"} {
		got := a.refused(t, "POST", path, form("identifier", "a@example.com", "email_address", "b@example.com"), 400, "session_exists")
		if got.text("errors.0.meta.session_id") != sid {
			t.Errorf("%s does not say which: %v", path, got)
		}
	}
	a.must(t, "POST", "/v1/client/sessions/"+sid+"/remove", nil)
	a.signIn(t, "a@example.com")
}

// Not yours and not there are the same answer, everywhere.
func TestForeignSessions(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	victim, thief := nativeApp(s), nativeApp(s)
	foreign := victim.signUp(t, "victim@example.com")
	thief.signUp(t, "thief@example.com")
	for _, route := range []string{
		"GET /v1/client/sessions/{id}", "POST /v1/client/sessions/{id}/touch", "POST /v1/client/sessions/{id}/end",
		"POST /v1/client/sessions/{id}/remove", "POST /v1/client/sessions/{id}/tokens", "POST /v1/client/sessions/{id}/tokens/x",
		"POST /v1/me/sessions/{id}/revoke", "GET /v1/me?_clerk_session_id={id}", "DELETE /v1/me?_clerk_session_id={id}",
		"PATCH /v1/me?_clerk_session_id={id}", "POST /v1/me/change_password?_clerk_session_id={id}",
		"GET /v1/me/sessions?_clerk_session_id={id}", "GET /v1/me/email_addresses?_clerk_session_id={id}",
	} {
		method, path, _ := strings.Cut(route, " ")
		body := form("new_password", "something long enough", "first_name", "x")
		theirs := thief.send(t, method, strings.Replace(path, "{id}", foreign, 1), body)
		absent := thief.send(t, method, strings.Replace(path, "{id}", "sess_000000000000000000000000000", 1), body)
		if theirs.Status != absent.Status || theirs.Code() != absent.Code() || theirs.Status < 400 {
			t.Errorf("%s: foreign %v, absent %v", route, theirs, absent)
		}
	}
	if got := victim.sessions(t); !slices.Equal(got, []string{foreign}) {
		t.Errorf("the victim's sessions: %v", got)
	}
}

func TestSessionEndsByItself(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	sid := a.signUp(t, "a@example.com")
	s.Advance(auth.SessionInactivity - time.Hour)
	a.must(t, "POST", "/v1/client/sessions/"+sid+"/tokens", nil) // use prolongs
	s.Advance(auth.SessionInactivity - time.Hour)
	a.must(t, "POST", "/v1/client/sessions/"+sid+"/tokens", nil)
	s.Advance(auth.SessionInactivity)
	a.refused(t, "POST", "/v1/client/sessions/"+sid+"/tokens", nil, 401, "authentication_invalid")
	if got := a.sessions(t); len(got) != 0 {
		t.Errorf("GET client does not agree: %v", got)
	}
	if got := a.must(t, "GET", "/v1/client/sessions/"+sid, nil); got.text("response.status") != "abandoned" {
		t.Errorf("%v", got)
	}
}

func TestBackEndEndsSessions(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	for name, end := range map[string]func(user, sid string){
		"revoked": func(_, sid string) { backend(t, s, "POST", "/v1/sessions/"+sid+"/revoke", "") },
		"banned":  func(user, _ string) { backend(t, s, "POST", "/v1/users/"+user+"/ban", "") },
		"deleted": func(user, _ string) { backend(t, s, "DELETE", "/v1/users/"+user, "") },
	} {
		a := nativeApp(s)
		email := name + "@example.com"
		sid := a.signUp(t, email)
		end(a.must(t, "GET", "/v1/me", nil).text("response.id"), sid)
		a.refused(t, "POST", "/v1/client/sessions/"+sid+"/tokens", nil, 401, "authentication_invalid")
		if got := a.sessions(t); len(got) != 0 {
			t.Errorf("%s: GET client does not agree: %v", name, got)
		}
		want := map[string]answerWant{
			"revoked": {200, ""}, "banned": {403, "user_banned"}, "deleted": {422, "form_identifier_not_found"},
		}[name]
		a.refused(t, "POST", "/v1/client/sign_ins", form("identifier", email, "password", password), want.status, want.code)
	}
}

type answerWant struct {
	status int
	code   string
}

func TestRevokeElsewhere(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	phone, laptop := nativeApp(s), browserApp(s)
	lost := phone.signUp(t, "a@example.com")
	here := laptop.signIn(t, "a@example.com")
	for _, path := range []string{"/v1/me/sessions", "/v1/me/sessions/active"} {
		list := laptop.must(t, "GET", path, nil)
		ids := []string{list.text("0.id"), list.text("1.id")}
		slices.Sort(ids)
		want := []string{lost, here}
		slices.Sort(want)
		if !slices.Equal(ids, want) || list.at("0.latest_activity") == nil {
			t.Errorf("%s: %v", path, list)
		}
	}
	for range 2 {
		got := laptop.must(t, "POST", "/v1/me/sessions/"+lost+"/revoke", nil)
		if got.text("response.status") != "revoked" {
			t.Errorf("%v", got)
		}
	}
	phone.refused(t, "POST", "/v1/client/sessions/"+lost+"/tokens", nil, 401, "authentication_invalid")
	if len(phone.sessions(t)) != 0 || len(laptop.sessions(t)) != 1 {
		t.Error("not exactly the phone is signed out")
	}
}

func TestTrailingSlashesAndTunnelledMethods(t *testing.T) {
	t.Parallel()
	a := browserApp(apitest.Start(t))
	sid := a.signUp(t, "a@example.com")
	if got := a.must(t, "GET", "/v1/client/", nil); got.text("response.object") != "client" {
		t.Errorf("%v", got)
	}
	got := a.must(t, "POST", "/v1/me?_method=PATCH", form("first_name", "Grace"))
	if got.text("response.first_name") != "Grace" {
		t.Errorf("%v", got)
	}
	if got := a.must(t, "POST", "/v1/environment?_method=PATCH", nil); got.at("auth_config") == nil {
		t.Errorf("%v", got)
	}
	got = a.must(t, "POST", "/v1/client", form("_method", "GET", "rotating_token_nonce", "x"))
	if !slices.Equal(sessionIDs(got.at("response.sessions")), []string{sid}) {
		t.Errorf("%v", got)
	}
	got = a.must(t, "POST", "/v1/client/sessions?_method=DELETE", nil)
	if len(sessionIDs(got.at("client.sessions"))) != 0 {
		t.Errorf("%v", got)
	}
	if r := a.Send(t, apitest.Request{Method: "OPTIONS", Path: "/v1/me", Header: http.Header{"Access-Control-Request-Method": {"PATCH"}}}); r.Status != http.StatusNoContent {
		t.Errorf("preflight: %d", r.Status)
	}
}

// Apps show one of several sessions and read its claims without asking: none of
// them may lack its token, nor have that of another.
func TestEveryLiveSessionCarriesItsToken(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	first := a.signUp(t, "a@example.com")
	second := a.signUp(t, "b@example.com")
	sessions, _ := a.must(t, "GET", "/v1/client", nil).at("response.sessions").([]any)
	seen := map[string]bool{}
	for i := range sessions {
		at := "response.sessions." + strconv.Itoa(i)
		got := a.must(t, "GET", "/v1/client", nil)
		carried := claims(t, got.text(at+".last_active_token.jwt"))
		if carried["sid"] != got.text(at+".id") || carried["sub"] != got.text(at+".user.id") {
			t.Errorf("the session %s carries the token of %v", got.text(at+".id"), carried["sid"])
		}
		seen[got.text(at+".id")] = true
	}
	if !seen[first] || !seen[second] || len(seen) != 2 {
		t.Errorf("sessions %v", seen)
	}
}
