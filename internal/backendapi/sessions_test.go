package backendapi_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func TestSessionLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("a@example.com")
	id := w.newSession(user)
	s := w.must("GET", "/v1/sessions/"+id, "")
	if s["status"] != "active" || s["user_id"] != user || s["actor"] != nil {
		t.Errorf("got %v", s)
	}
	w.Advance(time.Second)
	if got := w.must("POST", "/v1/sessions/"+id+"/revoke", "null"); got["status"] != "revoked" {
		t.Errorf("got %v", got)
	}
	first := w.must("GET", "/v1/sessions/"+id, "")
	w.Advance(time.Hour)
	if diff := cmp.Diff(first, w.must("POST", "/v1/sessions/"+id+"/revoke", "")); diff != "" {
		t.Errorf("revoking again changes the session (-first +again):\n%s", diff)
	}
	c := w.must("GET", "/v1/clients/"+s["client_id"].(string), "")
	if len(c["sessions"].([]any)) != 0 || c["last_active_session_id"] != nil {
		t.Errorf("the client disagrees: %v", c)
	}
	for _, op := range []struct{ method, path string }{
		{"GET", "/v1/sessions/sess_unknown"}, {"POST", "/v1/sessions/sess_unknown/revoke"},
		{"POST", "/v1/sessions/sess_unknown/tokens"}, {"GET", "/v1/sessions/" + user},
		{"GET", "/v1/sessions/sess_" + strings.Repeat("x", 5000)}, {"GET", "/v1/clients/client_unknown"},
		{"POST", "/v1/sessions/" + id + "/tokens"}, {"POST", "/v1/sessions/" + id + "/tokens/hasura"},
	} {
		w.refused(op.method, op.path, "", 404, "resource_not_found")
	}
}

func TestSessionEndsByTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("a@example.com")
	id := w.newSession(user)
	w.Advance(auth.SessionInactivity)
	if got := w.must("GET", "/v1/sessions/"+id, "")["status"]; got != "abandoned" {
		t.Errorf("got %v", got)
	}
	if _, text := w.send("GET", "/v1/sessions?status=active&user_id="+user, ""); strings.Contains(text, id) {
		t.Error("listed as active")
	}
	if _, text := w.send("GET", "/v1/sessions?status=abandoned&user_id="+user, ""); !strings.Contains(text, id) {
		t.Error("not listed as abandoned")
	}
	w.refused("POST", "/v1/sessions/"+id+"/tokens", "", 404, "resource_not_found")
	if got := w.must("POST", "/v1/sessions/"+id+"/revoke", "")["status"]; got != "abandoned" {
		t.Errorf("revoking rewrites the ending: %v", got)
	}
}

func TestListSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.newUser("a@example.com"), w.newUser("b@example.com")
	var of []string
	for range 3 {
		of = append(of, w.newSession(a))
		w.Advance(time.Second)
	}
	w.newSession(b)
	slices.Reverse(of) // newest first
	_, text := w.send("GET", "/v1/sessions?user_id="+a, "")
	if diff := cmp.Diff(of, ids(t, text)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	page := w.must("GET", "/v1/sessions?user_id="+a+"&limit=1&offset=1&paginated=true", "")
	data := page["data"].([]any)
	if page["total_count"] != 3.0 || len(data) != 1 || data[0].(map[string]any)["id"] != of[1] {
		t.Errorf("got %v", page)
	}
	client := w.must("GET", "/v1/sessions/"+of[0], "")["client_id"].(string)
	if _, text = w.send("GET", "/v1/sessions?client_id="+client, ""); len(ids(t, text)) != 1 {
		t.Errorf("by client: %s", text)
	}
	for _, query := range []string{"limit=0", "limit=501", "limit=x", "offset=-1", "status=alive", "paginated=maybe", "limit=99999999999999999999"} {
		w.refused("GET", "/v1/sessions?"+query, "", 422, "form_param_value_invalid")
	}
}

func TestSessionTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("a@example.com")
	id := w.newSession(user)
	path := "/v1/sessions/" + id + "/tokens"
	claims := claimsOf(t, w.must("POST", path, "null")["jwt"].(string))
	if claims["sub"] != user || claims["sid"] != id || claims["iss"] != "https://"+w.Host || claims["exp"].(float64)-claims["iat"].(float64) != 60 {
		t.Errorf("claims %v", claims)
	}
	claims = claimsOf(t, w.must("POST", path, `{"expires_in_seconds":3600}`)["jwt"].(string))
	if claims["exp"].(float64)-claims["iat"].(float64) != 3600 {
		t.Errorf("claims %v", claims)
	}
	for _, body := range []string{`{"expires_in_seconds":29}`, `{"expires_in_seconds":315360001}`, `{"expires_in_seconds":"60"}`, `{"expires_in_seconds":1.5}`} {
		w.refused("POST", path, body, 422, "form_param_value_invalid")
	}
	w.refused("POST", "/v1/sessions/"+id+"/refresh", `{"refresh_token":"x"}`, 401, "refresh_token_invalid")
}

func claimsOf(t *testing.T, jwt string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(jwt, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCreateSessionRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refused("POST", "/v1/sessions", `{}`, 422, "form_param_missing")
	w.refused("POST", "/v1/sessions", `{"user_id":"user_unknown"}`, 404, "resource_not_found")
	w.refused("POST", "/v1/sessions", `{"user_id":5}`, 422, "form_param_value_invalid")
	production := newWorld(t, func(o *apitest.Options) { o.Settings.Production = true })
	id := production.newUser("a@example.com")
	production.refused("POST", "/v1/sessions", fmt.Sprintf(`{"user_id":%q}`, id), 400, "request_invalid_for_environment")
	if got := production.must("GET", "/v1/instance", "")["environment_type"]; got != "production" {
		t.Errorf("got %v", got)
	}
}

func TestVerifyClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newSession(w.newUser("a@example.com"))
	client := auth.ClientID(w.must("GET", "/v1/sessions/"+id, "")["client_id"].(string))
	text, hash, err := w.ClientTokens.New(strings.NewReader(strings.Repeat("r", 64)), client)
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"token":%q}`, text)
	// Genuine but not stored: a lagging replica or a restored backup.
	w.refused("POST", "/v1/clients/verify", body, 503, "service_unavailable")
	change := auth.Change{Tokens: []auth.ClientToken{{Hash: hash, Client: client, Generation: 1, CreatedAt: w.Now()}}}
	if err := w.Store.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	c := w.must("POST", "/v1/clients/verify", body)
	if diff := cmp.Diff([]any{id}, c["session_ids"]); diff != "" || c["last_active_session_id"] != id {
		t.Errorf("got %v: %s", c, diff)
	}
	w.refused("POST", "/v1/clients/verify", `{"token":"garbage"}`, 404, "resource_not_found")
	w.refused("POST", "/v1/clients/verify", `{}`, 422, "form_param_missing")
	if _, text := w.send("GET", "/v1/clients", ""); !strings.Contains(text, string(client)) {
		t.Errorf("client not listed: %s", text)
	}
	if page := w.must("GET", "/v1/clients?paginated=true", ""); page["total_count"] != 1.0 {
		t.Errorf("got %v", page)
	}
}

func TestSignInTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("a@example.com")
	got := w.must("POST", "/v1/sign_in_tokens", fmt.Sprintf(`{"user_id":%q,"expires_in_seconds":300}`, user))
	ticket, ok := got["token"].(string)
	if !ok || got["status"] != "pending" || got["user_id"] != user {
		t.Fatalf("got %v", got)
	}
	if id, _, err := w.Tickets.Parse(ticket); err != nil || string(id) != got["id"] {
		t.Errorf("ticket of %s: %v", id, err)
	}
	path := "/v1/sign_in_tokens/" + got["id"].(string) + "/revoke"
	for range 2 {
		revoked := w.must("POST", path, "null")
		if _, shown := revoked["token"]; shown || revoked["status"] != "revoked" {
			t.Errorf("got %v", revoked)
		}
	}
	w.refused("POST", "/v1/sign_in_tokens/sit_unknown/revoke", "", 404, "resource_not_found")
	w.refused("POST", "/v1/sign_in_tokens", `{"user_id":"user_unknown"}`, 404, "resource_not_found")
	w.refused("POST", "/v1/sign_in_tokens", `{}`, 422, "form_param_missing")
	w.refused("POST", "/v1/sign_in_tokens", fmt.Sprintf(`{"user_id":%q,"expires_in_seconds":0}`, user), 422, "form_param_value_invalid")
	used := w.must("POST", "/v1/sign_in_tokens", fmt.Sprintf(`{"user_id":%q}`, user))["id"].(string)
	token, err := w.Store.SignInToken(t.Context(), auth.SignInTokID(used))
	if err != nil {
		t.Fatal(err)
	}
	token.Status = auth.SignInTokenAccepted
	if err := w.Store.Commit(t.Context(), auth.Change{SignInTokens: []auth.SignInToken{token}}); err != nil {
		t.Fatal(err)
	}
	w.refused("POST", "/v1/sign_in_tokens/"+used+"/revoke", "", 400, "sign_in_token_cannot_be_revoked_code")
}

func TestRaceToRevokeOneSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newSession(w.newUser("a@example.com"))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got := w.must("POST", "/v1/sessions/"+id+"/revoke", "")["status"]; got != "revoked" {
				t.Errorf("got %v", got)
			}
		})
	}
	wg.Wait()
}

func TestVerifySession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser("a@example.com")
	id, other := w.newSession(user), w.newSession(user)
	token := w.must("POST", "/v1/sessions/"+id+"/tokens", "")["jwt"].(string)
	body := func(token string) string { return `{"token":"` + token + `"}` }
	path := "/v1/sessions/" + id + "/verify"
	if got := w.must("POST", path, body(token)); got["id"] != id || got["status"] != "active" {
		t.Errorf("got %v", got)
	}
	w.refused("POST", path, "", 422, "form_param_missing")
	for name, refused := range map[string]struct{ path, token string }{
		"another session":     {"/v1/sessions/" + other + "/verify", token},
		"no session":          {"/v1/sessions/sess_unknown/verify", token},
		"another signature":   {path, token[:len(token)-6] + "AAAAAA"},
		"no token":            {path, "none"},
		"the token of nobody": {path, "eyJhbGciOiJub25lIn0." + strings.Split(token, ".")[1] + "."},
	} {
		t.Run(name, func(t *testing.T) { w.refused("POST", refused.path, body(refused.token), 404, "resource_not_found") })
	}
	w.Advance(2 * time.Minute)
	w.refused("POST", path, body(token), 404, "resource_not_found")
	fresh := w.must("POST", "/v1/sessions/"+id+"/tokens", "")["jwt"].(string)
	w.must("POST", "/v1/sessions/"+id+"/revoke", "")
	w.refused("POST", path, body(fresh), 404, "resource_not_found")
}

// A session begins in an organization of its user's, and in no other.
func TestSessionBeginsInOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.newUser("ada@example.com"), w.newUser("bob@example.com")
	org := w.newOrganization("Acme", "acme", ada)
	in := func(user, org string) string {
		return fmt.Sprintf(`{"user_id":%q,"active_organization_id":%q}`, user, org)
	}
	s := w.must("POST", "/v1/sessions", in(ada, org))
	if s["status"] != "active" || s["last_active_organization_id"] != org {
		t.Errorf("session %v", s)
	}
	jwt := w.must("POST", "/v1/sessions/"+s["id"].(string)+"/tokens", "")["jwt"].(string)
	claims, err := base64.RawURLEncoding.DecodeString(strings.Split(jwt, ".")[1])
	if err != nil || !strings.Contains(string(claims), org) {
		t.Errorf("the token says nothing of the organization: %s, %v", claims, err)
	}
	for _, other := range []string{org, "org_0000000000000000000000000xx", "x", ada, strings.Repeat("o", 5000)} {
		w.refused("POST", "/v1/sessions", in(bob, other), 404, "resource_not_found")
	}
	w.refused("POST", "/v1/sessions", `{"user_id":"`+bob+`","active_organization_id":7}`, 422, "form_param_value_invalid")
	if _, text := w.send("GET", "/v1/sessions?user_id="+bob, ""); len(ids(t, text)) != 0 {
		t.Errorf("a refused request made a session: %s", text)
	}
}
