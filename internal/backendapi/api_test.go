package backendapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/backendapi"
)

func TestSecretKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tc := range []struct {
		name, header string
		status       int
		code         string
	}{
		{"the key", "Bearer " + apitest.SecretKey, 200, ""},
		{"another case of the scheme", "bearer " + apitest.SecretKey, 200, ""},
		{"none", "", 401, "authorization_header_format_invalid"},
		{"no scheme", apitest.SecretKey, 401, "authorization_header_format_invalid"},
		{"another scheme", "Basic " + apitest.SecretKey, 401, "authorization_header_format_invalid"},
		{"an empty key", "Bearer ", 401, "authorization_header_format_invalid"},
		{"a wrong key", "Bearer sk_test_wrong", 401, "clerk_key_invalid"},
		{"a part of the key", "Bearer " + apitest.SecretKey[:20], 401, "clerk_key_invalid"},
		{"the key and more", "Bearer " + apitest.SecretKey + "x", 401, "clerk_key_invalid"},
		{"a session token", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln", 401, "clerk_key_invalid"},
	} {
		var headers []string
		if tc.header != "" {
			headers = []string{tc.header}
		}
		for _, path := range []string{"/v1/users/count", "/v1/jwks"} {
			if a := w.sendAs("GET", path, headers...); a.Status != tc.status || a.Code() != tc.code {
				t.Errorf("%s: got %d %s", tc.name, a.Status, a.Body)
			}
		}
		if a := w.sendAs("GET", "/v1/users/no/such/path", headers...); tc.status == 401 && a.Status != 401 {
			t.Errorf("%s: tells which paths exist: %d", tc.name, a.Status)
		}
	}
	if a := w.sendAs("GET", "/v1/users", "Bearer "+apitest.SecretKey, "Bearer other"); a.Status != http.StatusUnauthorized {
		t.Errorf("two headers: %d", a.Status)
	}
	if text := fmt.Sprintf("%v %+v %#v", backendapi.NewSecretKey(apitest.SecretKey), backendapi.NewSecretKey(apitest.SecretKey), backendapi.NewSecretKey(apitest.SecretKey)); strings.Contains(text, apitest.SecretKey) {
		t.Errorf("printed: %s", text)
	}
}

func TestIsRequest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path, header string
		want         bool
	}{
		{"/v1/users", "", true},
		{"/v1/users/user_1", "Bearer sk_test_x", true},
		{"/v1/organizations", "Bearer sk_test_x", true},
		{"/v1/organizations", "", false},
		{"/v1/organizations", "pct_abc", false},
		{"/v1/client", "", false},
		{"/v1/client", "Bearer pct_abc", false},
		{"/v1/clients", "", true},
		{"/v1/me/sessions", "Bearer eyJ", false},
		{"/v1/waitlist", "", false},
		{"/v1/environment", "sk_test_x", false},
		{"/v1/jwks", "", true},
		{"/.well-known/jwks.json", "", false},
		{"/users", "", false},
	} {
		r := httptest.NewRequest("GET", tc.path, nil)
		if tc.header != "" {
			r.Header.Set("Authorization", tc.header)
		}
		if got := backendapi.IsRequest(r); got != tc.want {
			t.Errorf("%s with %q: %v", tc.path, tc.header, got)
		}
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refused("GET", "/v1/users/user_1/unheard_of", "", 404, "resource_not_found")
	w.refused("GET", "/v1/unheard_of", "", 404, "resource_not_found")
	w.refused("PUT", "/v1/users", `{}`, 405, "method_not_allowed")
	w.refused("GET", "/v1/sign_in_tokens", "", 405, "method_not_allowed")
	w.must("GET", "/v1/users/count/", "") // a trailing slash is no other path
	w.refused("GET", "/v1/users/user_"+url.PathEscape("../../etc"), "", 404, "resource_not_found")
	w.refused("GET", "/v1/users/%00", "", 404, "resource_not_found")
	w.refused("GET", "/v1/users/user_%ff", "", 404, "resource_not_found")
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var created []string
	for i, body := range []string{
		`{"email_address":["ann@example.com","second@example.com"],"username":"zora","first_name":"Ann","external_id":"x1"}`,
		`{"email_address":["bob@example.com"],"username":"yann","first_name":"Bob","external_id":"x,2"}`,
		`{"email_address":["cy@example.com"],"username":"xeno","first_name":"Cy","last_name":"Ann%"}`,
	} {
		w.Advance(time.Duration(i) * time.Second)
		created = append(created, w.must("POST", "/v1/users", body)["id"].(string))
	}
	ann, bob, cy := created[0], created[1], created[2]
	for _, tc := range []struct {
		name, query string
		want        []string
	}{
		{"newest first", "", []string{cy, bob, ann}},
		{"one address", "email_address=bob%40example.com", []string{bob}},
		{"a second address, in other case", "email_address=SECOND%40Example.com", []string{ann}},
		{"repeated", "email_address=ann%40example.com&email_address=cy%40example.com", []string{cy, ann}},
		{"with brackets", "email_address[]=ann%40example.com&email_address[]=cy%40example.com", []string{cy, ann}},
		{"by commas", "email_address=ann%40example.com,cy%40example.com", []string{cy, ann}},
		{"nobody's address", "email_address=no%40example.com", []string{}},
		{"not an address", "email_address=no", []string{}},
		{"filters are combined", "email_address=ann%40example.com&username=yann", []string{}},
		{"username in other case", "username=ZORA", []string{ann}},
		{"ids, with and without +", "user_id=" + ann + "&user_id=%2B" + bob, []string{bob, ann}},
		{"an unescaped +", "user_id=+" + ann, []string{ann}},
		{"external id", "external_id=x1", []string{ann}},
		{"part of a name", "query=ANN", []string{cy, bob, ann}},
		{"part of an address", "query=second%40", []string{ann}},
		{"wildcards are text", "query=%25", []string{cy}},
		{"ascending", "order_by=created_at", []string{ann, bob, cy}},
		{"ascending with +", "order_by=%2Bcreated_at", []string{ann, bob, cy}},
		{"ascending with an unescaped +", "order_by=+created_at", []string{ann, bob, cy}},
		{"by username", "order_by=username", []string{cy, bob, ann}},
		{"by address, descending", "order_by=-email_address", []string{cy, bob, ann}},
		{"only the first order counts", "order_by=created_at&order_by=-created_at", []string{ann, bob, cy}},
		{"part of an address only", "email_address_query=ND%40EXAM", []string{ann}},
		{"part of a username only", "username_query=EN", []string{cy}},
		{"part of a name only", "name_query=cy+ann", []string{cy}},
		{"an id left out", "user_id=-" + bob, []string{cy, ann}},
		{"an external id left out", "external_id=-x1", []string{cy, bob}},
		{"nobody is banned", "banned=true", []string{}},
		{"not banned", "banned=false", []string{cy, bob, ann}},
		{"created in a period", "created_at_after=1790000000000&created_at_before=1790000003000", []string{bob}},
		{"never signed in", "last_sign_in_at_before=1800000000000", []string{}},
		{"after a cursor", "starting_after=" + cy, []string{bob, ann}},
		{"after a cursor, ascending", "order_by=created_at&starting_after=" + bob, []string{cy}},
		{"page", "limit=1&offset=1", []string{bob}},
		{"past the end", "offset=100", []string{}},
		{"phone numbers nobody has", "phone_number=%2B15555550100", []string{}},
		{"organizations nobody is in", "organization_id=org_1", []string{}},
		{"not in an organization", "organization_id=-org_1", []string{cy, bob, ann}},
		{"unknown parameters", "_is_native=1&x[]=y&x", []string{cy, bob, ann}},
	} {
		status, text := w.send("GET", "/v1/users?"+tc.query, "")
		if status != http.StatusOK {
			t.Errorf("%s: %d %s", tc.name, status, text)
			continue
		}
		if diff := cmp.Diff(tc.want, ids(t, text)); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", tc.name, diff)
		}
		if strings.HasPrefix(tc.query, "limit") || strings.HasPrefix(tc.query, "offset") ||
			strings.Contains(tc.query, "starting_after") {
			continue
		}
		if n := w.must("GET", "/v1/users/count?"+tc.query, "")["total_count"]; n != float64(len(tc.want)) {
			t.Errorf("%s: count %v, want %d", tc.name, n, len(tc.want))
		}
	}
	many := strings.Repeat("&username=a", 101)
	for _, tc := range []struct{ query, code string }{
		{"limit=0", "form_param_value_invalid"},
		{"limit=501", "form_param_value_invalid"},
		{"offset=-1", "form_param_value_invalid"},
		{"limit=ten", "form_param_value_invalid"},
		{"order_by=password", "form_param_value_invalid"},
		{"order_by=created_at%3Bdrop", "form_param_value_invalid"},
		{"email_address=a;b", "form_param_format_invalid"},
		{"email_address=%zz", "form_param_format_invalid"},
		{"last_active_at_since=soon", "form_param_value_invalid"},
		{"last_active_at_since=-5", "form_param_value_invalid"},
		{"starting_after=user_1&offset=5", "form_param_value_invalid"},
		{"starting_after=user_1&order_by=username", "form_param_value_invalid"},
		{"banned=maybe", "form_param_value_invalid"},
		{many[1:], "form_param_max_length_exceeded"},
		{"query=%ff", "form_param_format_invalid"},
		{"query=a%00b", "form_param_format_invalid"},
	} {
		w.refused("GET", "/v1/users?"+tc.query, "", 422, tc.code)
	}
}

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, other := w.newUser("a@example.com"), w.newUser("b@example.com")
	create := func(email, more string) string {
		return fmt.Sprintf(`{"user_id":%q,"email_address":%q%s}`, user, email, more)
	}
	e := w.must("POST", "/v1/email_addresses", create("New@Example.com", ""))
	if e["email_address"] != "new@example.com" || e["verification"] != nil {
		t.Errorf("got %v", e)
	}
	id := e["id"].(string)
	path := "/v1/email_addresses/" + id
	w.refused("PATCH", path, `{"primary":true}`, 422, "primary_identification_not_verified")
	w.refused("PATCH", "/v1/users/"+user, fmt.Sprintf(`{"primary_email_address_id":%q}`, id), 422, "primary_identification_not_verified")
	e = w.must("PATCH", path, `{"verified":true,"primary":true}`)
	if v, ok := e["verification"].(map[string]any); !ok || v["status"] != "verified" {
		t.Errorf("got %v", e)
	}
	if got := w.must("GET", "/v1/users/"+user, "")["primary_email_address_id"]; got != id {
		t.Errorf("primary is %v", got)
	}
	if diff := cmp.Diff(e, w.must("GET", path, "")); diff != "" {
		t.Errorf("read back: %s", diff)
	}
	w.refused("POST", "/v1/email_addresses", create("new@example.com", ""), 422, "form_identifier_exists")
	w.refused("POST", "/v1/email_addresses", create("b@example.com", `,"verified":true`), 422, "form_identifier_exists")
	w.refused("POST", "/v1/email_addresses", create("nobody", ""), 422, "form_param_format_invalid")
	w.refused("POST", "/v1/email_addresses", `{"user_id":"user_unknown","email_address":"c@example.com"}`, 404, "resource_not_found")
	w.refused("POST", "/v1/email_addresses", `{}`, 422, "form_param_missing")
	w.refused("GET", "/v1/email_addresses/idn_unknown", "", 404, "resource_not_found")
	// An address that nobody proved can be claimed by two; proving it, by one.
	claim := w.must("POST", "/v1/email_addresses", create("b@example.com", ""))["id"].(string)
	w.refused("PATCH", "/v1/email_addresses/"+claim, `{"verified":true}`, 422, "form_identifier_exists")
	if got := w.must("DELETE", path, ""); got["deleted"] != true {
		t.Errorf("got %v", got)
	}
	w.refused("DELETE", path, "", 404, "resource_not_found")
	u := w.must("GET", "/v1/users/"+user, "")
	if u["primary_email_address_id"] != u["email_addresses"].([]any)[0].(map[string]any)["id"] {
		t.Errorf("no verified address took over: %v", u["primary_email_address_id"])
	}
	last := w.must("GET", "/v1/users/"+other, "")["primary_email_address_id"].(string)
	w.refused("DELETE", "/v1/email_addresses/"+last, "", 409, "last_identification_deletion_failed")
}

func TestReplaceEmailAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.must("POST", "/v1/users", `{"email_address":["a@example.com","b@example.com"]}`)["id"].(string)
	w.newUser("taken@example.com")
	path := "/v1/users/" + user + "/email_address"
	e := w.must("PUT", path, `{"email_address":"New@example.com"}`)
	u := w.must("GET", "/v1/users/"+user, "")
	if all := u["email_addresses"].([]any); len(all) != 1 || u["primary_email_address_id"] != e["id"] || e["email_address"] != "new@example.com" {
		t.Errorf("got %v", u)
	}
	if again := w.must("PUT", path, `{"email_address":"new@example.com","identification_status":"verified"}`); again["id"] != e["id"] {
		t.Errorf("the same address got another identity: %v", again)
	}
	w.newUser("a@example.com") // free again
	w.refused("PUT", path, `{"email_address":"taken@example.com"}`, 422, "form_identifier_exists")
	w.refused("PUT", path, `{"email_address":"nobody"}`, 422, "form_param_format_invalid")
	w.refused("PUT", path, `{"email_address":"c@example.com","identification_status":"reserved"}`, 501, "not_implemented")
	w.refused("PUT", path, `{"email_address":"c@example.com","identification_status":"x"}`, 422, "form_param_value_invalid")
	w.refused("PUT", path, `{}`, 422, "form_param_missing")
	w.refused("PUT", "/v1/users/user_unknown/email_address", `{"email_address":"c@example.com"}`, 404, "resource_not_found")
	if got := w.must("PUT", path, `{"email_address":"c@example.com","identification_status":"unverified"}`); got["verification"] != nil {
		t.Errorf("got %v", got)
	}
	if got := w.must("GET", "/v1/users/"+user, "")["primary_email_address_id"]; got != nil {
		t.Errorf("an unproven address is primary: %v", got)
	}
}

func TestInstance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keys := w.must("GET", "/v1/jwks", "")["keys"].([]any)
	if key := keys[0].(map[string]any); key["alg"] != "RS256" || key["d"] != nil {
		t.Errorf("got %v", key)
	}
	if got := w.must("GET", "/v1/instance", ""); got["id"] != "ins_test" || got["environment_type"] != "development" {
		t.Errorf("got %v", got)
	}
	got := w.must("POST", "/v1/testing_tokens", "")
	if got["expires_at"] != float64(w.Now().Add(time.Hour).Unix()) || got["token"] == w.must("POST", "/v1/testing_tokens", "")["token"] {
		t.Errorf("got %v", got)
	}
}

// Without its store the API says that it cannot answer, and nothing that
// could be taken for a verdict; what comes from memory still comes.
func TestStoreDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("a@example.com")
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ method, path, body string }{
		{"GET", "/v1/users", ""}, {"GET", "/v1/users/count", ""}, {"GET", "/v1/users/" + id, ""},
		{"POST", "/v1/users", `{"email_address":["b@example.com"]}`}, {"PATCH", "/v1/users/" + id, `{}`},
		{"DELETE", "/v1/users/" + id, ""}, {"POST", "/v1/users/" + id + "/ban", ""}, {"POST", "/v1/users/" + id + "/lock", ""},
		{"PATCH", "/v1/users/" + id + "/metadata", `{}`}, {"POST", "/v1/users/" + id + "/verify_password", `{"password":"x"}`},
		{"GET", "/v1/sessions", ""}, {"GET", "/v1/sessions/sess_1", ""}, {"POST", "/v1/sessions/sess_1/revoke", ""},
		{"POST", "/v1/sessions/sess_1/tokens", ""}, {"POST", "/v1/sessions", fmt.Sprintf(`{"user_id":%q}`, id)},
		{"GET", "/v1/clients", ""}, {"GET", "/v1/clients/client_1", ""}, {"GET", "/v1/email_addresses/idn_1", ""},
		{"POST", "/v1/sign_in_tokens", fmt.Sprintf(`{"user_id":%q}`, id)}, {"POST", "/v1/sign_in_tokens/sit_1/revoke", ""},
	} {
		if a := w.back.Do(t, r.method, r.path, r.body); a.Status != http.StatusServiceUnavailable {
			t.Errorf("%s %s: %d: %s", r.method, r.path, a.Status, a.Body)
		}
	}
	w.must("GET", "/v1/jwks", "")
	w.must("GET", "/v1/instance", "")
}

func TestPublishedDocumentIsUsed(t *testing.T) {
	t.Parallel()
	if apitest.Published(t) == nil {
		t.Skip("published documents are not on this machine: answers of this package were not validated")
	}
}

// A published operation that does nothing yet says so.
func TestNotImplemented(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refused("GET", "/v1/machines", "", 501, "not_implemented")
	w.refused("POST", "/m2m_tokens/verify", `{}`, 501, "not_implemented")
	w.refused("GET", "/api_keys", "", 501, "not_implemented")
	w.refused("POST", "/v1/oauth_applications", `{}`, 501, "not_implemented")
	w.refused("GET", "/v1/users/user_1/billing/subscription", "", 501, "not_implemented")
}
