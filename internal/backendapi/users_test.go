package backendapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCreateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.must("POST", "/v1/users", `{
		"email_address":["Ada@Example.com","ada@work.example"],"username":"Ada_L","first_name":"Ada","last_name":"Lovelace",
		"external_id":"ext-1","password":"correct horse battery","locale":"en-GB",
		"public_metadata":{"plan":"pro"},"private_metadata":{"crm":1},"unsafe_metadata":{"theme":"dark"},
		"legal_accepted_at":"2024-01-02T03:04:05Z","created_at":"2020-01-02T03:04:05.678Z","skip_legal_checks":true}`)
	for name, want := range map[string]any{
		"username": "ada_l", "first_name": "Ada", "external_id": "ext-1", "password_enabled": true, "banned": false, "locked": false,
		"created_at": 1577934245678.0, "legal_accepted_at": 1704164645000.0, "locale": "en-GB",
		"public_metadata":  map[string]any{"plan": "pro"},
		"private_metadata": map[string]any{"crm": 1.0}, "unsafe_metadata": map[string]any{"theme": "dark"},
		"verification_attempts_remaining": 10.0, "lockout_expires_in_seconds": nil,
	} {
		if diff := cmp.Diff(want, u[name]); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", name, diff)
		}
	}
	emails := u["email_addresses"].([]any)
	first := emails[0].(map[string]any)
	if len(emails) != 2 || first["email_address"] != "ada@example.com" || first["id"] != u["primary_email_address_id"] {
		t.Errorf("emails %v, primary %v", emails, u["primary_email_address_id"])
	}
	if diff := cmp.Diff([]any{}, first["linked_to"]); diff != "" {
		t.Errorf("linked_to: %s", diff)
	}
	if v := first["verification"].(map[string]any); v["status"] != "verified" || v["strategy"] != "admin" {
		t.Errorf("verification %v", v)
	}
	if diff := cmp.Diff(u, w.must("GET", "/v1/users/"+u["id"].(string), "")); diff != "" {
		t.Errorf("read back: mismatch (-created +read):\n%s", diff)
	}
}

func TestCreateUserRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must("POST", "/v1/users", `{"email_address":["taken@example.com"],"username":"taken","external_id":"taken","password":"correct horse battery"}`)
	long := strings.Repeat("x", 300)
	for _, tc := range []struct {
		name, body string
		status     int
		code       string
		param      string
	}{
		{"address taken", `{"email_address":["TAKEN@example.com"]}`, 422, "form_identifier_exists", "email_address"},
		{"second address taken", `{"email_address":["free@example.com","taken@example.com"]}`, 422, "form_identifier_exists", "email_address"},
		{"username taken", `{"username":"Taken"}`, 422, "form_identifier_exists", "username"},
		{"external id taken", `{"email_address":["free@example.com"],"external_id":"taken"}`, 422, "form_identifier_exists", "external_id"},
		{"not an address", `{"email_address":["nobody"]}`, 422, "form_param_format_invalid", "email_address"},
		{"look-alike address", `{"email_address":["tаken@example.com"]}`, 422, "form_param_format_invalid", "email_address"},
		{"one address twice", `{"email_address":["a@example.com","A@example.com"]}`, 422, "form_param_duplicate", "email_address[1]"},
		{"no identifier", `{"first_name":"x"}`, 422, "form_data_missing", "email_address"},
		{"empty body", ``, 422, "form_data_missing", "email_address"},
		{"null body", `null`, 422, "form_data_missing", "email_address"},
		{"short password", `{"email_address":["a@example.com"],"password":"short"}`, 422, "form_password_length_too_short", "password"},
		{"common password", `{"email_address":["a@example.com"],"password":"password123"}`, 422, "form_password_pwned", "password"},
		{"short username", `{"username":"ab"}`, 422, "form_username_invalid_length", "username"},
		{"username with a space", `{"username":"ab cd"}`, 422, "form_username_invalid_character", "username"},
		{"long name", `{"email_address":["a@example.com"],"first_name":"` + long + `"}`, 422, "form_param_max_length_exceeded", "first_name"},
		{"number as name", `{"email_address":["a@example.com"],"first_name":7}`, 422, "form_param_value_invalid", "first_name"},
		{"number as address", `{"email_address":[7]}`, 422, "form_param_value_invalid", "email_address"},
		{"object as address", `{"email_address":{"a":"b"}}`, 422, "form_param_value_invalid", "email_address"},
		{"array as metadata", `{"email_address":["a@example.com"],"public_metadata":[1]}`, 422, "form_param_value_invalid", "public_metadata"},
		{"text as flag", `{"email_address":["a@example.com"],"banned":"yes"}`, 422, "form_param_value_invalid", "banned"},
		{"no time", `{"email_address":["a@example.com"],"created_at":"yesterday"}`, 422, "form_param_format_invalid", "created_at"},
		{"digest without hasher", `{"email_address":["a@example.com"],"password_digest":"x"}`, 422, "form_param_missing", "password_hasher"},
		{"unknown hasher", `{"email_address":["a@example.com"],"password_digest":"x","password_hasher":"rot13"}`, 422, "form_password_hasher_unsupported", "password_hasher"},
		{"broken digest", `{"email_address":["a@example.com"],"password_digest":"x","password_hasher":"bcrypt"}`, 422, "form_password_digest_invalid", "password_digest"},
		{"wallet", `{"email_address":["a@example.com"],"web3_wallet":["0x1"]}`, 501, "not_implemented", "web3_wallet"},
		{"torn JSON", `{"email_address":`, 400, "request_body_invalid", ""},
		{"array body", `[]`, 400, "request_body_invalid", ""},
		{"invalid UTF-8", "{\"first_name\":\"\xff\"}", 400, "request_body_invalid", ""},
		{"NUL", `{"first_name":"a\u0000b"}`, 400, "request_body_invalid", ""},
		{"more than a megabyte", `{"first_name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "request_body_too_large", ""},
		{"deep nesting", `{"public_metadata":` + strings.Repeat(`{"a":`, 50) + `1` + strings.Repeat(`}`, 50) + `}`, 413, "request_body_too_large", ""},
	} {
		status, text := w.send("POST", "/v1/users", tc.body)
		var e struct {
			Errors []struct {
				Code string
				Meta struct {
					Param string `json:"param_name"`
				}
			}
		}
		if err := json.Unmarshal([]byte(text), &e); err != nil || len(e.Errors) == 0 {
			t.Errorf("%s: %d %s", tc.name, status, text)
			continue
		}
		if status != tc.status || e.Errors[0].Code != tc.code || e.Errors[0].Meta.Param != tc.param {
			t.Errorf("%s: got %d %s", tc.name, status, text)
		}
	}
	if n := w.must("GET", "/v1/users/count", "")["total_count"]; n != 1.0 {
		t.Errorf("refused requests left users: %v", n)
	}
}

// Unknown members are dropped, never stored: nothing in the answer may come
// from a member that is not published.
func TestMassAssignment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.must("POST", "/v1/users", `{"email_address":["a@example.com"],"id":"user_evil","object":"admin","version":9,
		"last_sign_in_at":5,"password_enabled":true,"Version":3,"password_hash":"x"}`)
	if u["id"] == "user_evil" || u["object"] != "user" || u["last_sign_in_at"] != nil || u["password_enabled"] != false {
		t.Errorf("unpublished members took effect: %v", u)
	}
}

func TestForeignPasswordDigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.must("POST", "/v1/users", `{"email_address":["a@example.com"],"password_hasher":"bcrypt",
		"password_digest":"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}`)
	path := "/v1/users/" + u["id"].(string) + "/verify_password"
	if got := w.must("POST", path, `{"password":"U*U"}`); got["verified"] != true {
		t.Errorf("got %v", got)
	}
	w.refused("POST", path, `{"password":"U*V"}`, 422, "incorrect_password")
	w.refused("POST", path, `{}`, 422, "form_param_missing")
	none := w.must("POST", "/v1/users", `{"email_address":["b@example.com"]}`)["id"].(string)
	w.refused("POST", "/v1/users/"+none+"/verify_password", `{"password":"x"}`, 400, "no_password_set")
	w.refused("POST", "/v1/users/user_unknown/verify_password", `{"password":"x"}`, 404, "resource_not_found")
}

func TestRaceToCreateOneAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wg sync.WaitGroup
	statuses := make([]int, 16)
	for i := range statuses {
		wg.Go(func() {
			var text string
			statuses[i], text = w.send("POST", "/v1/users", `{"email_address":["race@example.com"],"password":"correct horse battery"}`)
			if statuses[i] != 200 && firstCode(text) != "form_identifier_exists" {
				t.Errorf("loser got %d %s", statuses[i], text)
			}
		})
	}
	wg.Wait()
	slices.Sort(statuses)
	if statuses[0] != 200 || statuses[1] == 200 {
		t.Errorf("statuses %v, want exactly one 200", statuses)
	}
	if n := w.must("GET", "/v1/users/count", "")["total_count"]; n != 1.0 {
		t.Errorf("%v users", n)
	}
}

func TestRaceOfMetadataMerges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/users/" + w.newUser("a@example.com") + "/metadata"
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { w.must("PATCH", path, fmt.Sprintf(`{"public_metadata":{"k%d":true}}`, i)) })
	}
	wg.Wait()
	got := w.must("PATCH", path, `null`)["public_metadata"]
	if diff := cmp.Diff(map[string]any{"k0": true, "k1": true, "k2": true, "k3": true}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("a@example.com")
	w.must("POST", "/v1/users", `{"username":"other"}`)
	path := "/v1/users/" + id
	w.Advance(time.Minute)
	u := w.must("PATCH", path, `{"first_name":"Ann","username":"ann_1","external_id":"e","public_metadata":{"a":{"b":1}}}`)
	if u["first_name"] != "Ann" || u["username"] != "ann_1" || u["updated_at"].(float64) <= u["created_at"].(float64) {
		t.Errorf("got %v", u)
	}
	u = w.must("PATCH", path, `{"username":null,"external_id":"","first_name":null}`)
	if u["username"] != nil || u["external_id"] != nil || u["first_name"] != nil {
		t.Errorf("null and empty do not clear: %v", u)
	}
	if diff := cmp.Diff(map[string]any{"a": map[string]any{"b": 1.0}}, u["public_metadata"]); diff != "" {
		t.Errorf("an absent member changed: %s", diff)
	}
	w.refused("PATCH", path, `{"username":"other"}`, 422, "form_identifier_exists")
	w.refused("PATCH", path, `{"primary_email_address_id":"idn_unknown"}`, 404, "resource_not_found")
	w.refused("PATCH", "/v1/users/user_unknown", `{}`, 404, "resource_not_found")
	w.refused("PATCH", "/v1/users/..%2fx", `{}`, 404, "resource_not_found")
	u = w.must("PUT", path+"/metadata", `{"public_metadata":{"z":1}}`)
	if diff := cmp.Diff(map[string]any{"z": 1.0}, u["public_metadata"]); diff != "" {
		t.Errorf("replace: %s", diff)
	}
	u = w.must("PATCH", path+"/metadata", `{"public_metadata":{"z":null},"private_metadata":{"p":[1,2]}}`)
	if diff := cmp.Diff(map[string]any{}, u["public_metadata"]); diff != "" {
		t.Errorf("merge: %s", diff)
	}
}

func TestPasswordChangeSignsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("a@example.com")
	kept := w.newSession(id)
	w.must("PATCH", "/v1/users/"+id, `{"password":"another long password"}`)
	if got := w.must("GET", "/v1/sessions/"+kept, "")["status"]; got != "active" {
		t.Errorf("without being asked: %v", got)
	}
	w.must("POST", "/v1/users/"+id+"/verify_password", `{"password":"another long password"}`)
	w.must("PATCH", "/v1/users/"+id, `{"password":"a third long password","sign_out_of_other_sessions":true}`)
	if got := w.must("GET", "/v1/sessions/"+kept, "")["status"]; got != "revoked" {
		t.Errorf("after being asked: %v", got)
	}
	s := w.newSession(id)
	if u := w.must("POST", "/v1/users/"+id+"/remove_password", `{"sign_out_of_other_sessions":true}`); u["password_enabled"] != false {
		t.Errorf("password stays: %v", u)
	}
	if got := w.must("GET", "/v1/sessions/"+s, "")["status"]; got != "revoked" {
		t.Errorf("after removal: %v", got)
	}
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("a@example.com")
	s := w.newSession(id)
	got := w.must("DELETE", "/v1/users/"+id, "")
	if diff := cmp.Diff(map[string]any{"object": "user", "id": id, "deleted": true}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	w.refused("GET", "/v1/users/"+id, "", 404, "resource_not_found")
	w.refused("DELETE", "/v1/users/"+id, "", 404, "resource_not_found")
	if got := w.must("GET", "/v1/sessions/"+s, "")["status"]; got != "revoked" {
		t.Errorf("session of the deleted user: %v", got)
	}
	w.refused("POST", "/v1/sessions/"+s+"/tokens", "", 404, "resource_not_found")
	w.newUser("a@example.com") // the address is free again
}

func TestBanEndsSessionsAndSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, other := w.newUser("a@example.com"), w.newUser("b@example.com")
	s, otherSession := w.newSession(id), w.newSession(other)
	if u := w.must("POST", "/v1/users/"+id+"/ban", "null"); u["banned"] != true {
		t.Errorf("got %v", u)
	}
	client := w.must("GET", "/v1/sessions/"+s, "")
	if client["status"] != "revoked" {
		t.Errorf("session %v", client["status"])
	}
	c := w.must("GET", "/v1/clients/"+client["client_id"].(string), "")
	if len(c["sessions"].([]any)) != 0 || c["last_active_session_id"] != nil {
		t.Errorf("the client still shows the session: %v", c)
	}
	if got := w.must("GET", "/v1/sessions/"+otherSession, "")["status"]; got != "active" {
		t.Errorf("somebody else's session: %v", got)
	}
	w.refused("POST", "/v1/sessions", fmt.Sprintf(`{"user_id":%q}`, id), 403, "user_banned")
	w.must("POST", "/v1/users/"+id+"/ban", "") // again
	if u := w.must("POST", "/v1/users/"+id+"/unban", ""); u["banned"] != false {
		t.Errorf("got %v", u)
	}
	w.newSession(id)
}

// However a ban and new sessions interleave, no session of a banned user lives.
func TestBanRacesWithSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("a@example.com")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { w.send("POST", "/v1/sessions", fmt.Sprintf(`{"user_id":%q}`, id)) })
	}
	wg.Go(func() { w.send("POST", "/v1/users/"+id+"/ban", "") })
	wg.Wait()
	if w.must("GET", "/v1/users/"+id, "")["banned"] != true {
		t.Error("the ban lost every race")
	}
	if status, text := w.send("GET", "/v1/sessions?status=active&user_id="+id, ""); status != http.StatusOK || text != "[]\n" && text != "[]" {
		t.Errorf("a banned user is signed in: %s", text)
	}
}

func TestBulkBan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.newUser("a@example.com"), w.newUser("b@example.com")
	w.refused("POST", "/v1/users/ban", fmt.Sprintf(`{"user_ids":[%q,"user_unknown"]}`, a), 404, "resource_not_found")
	if w.must("GET", "/v1/users/"+a, "")["banned"] != false {
		t.Error("a request with an unknown id changed something")
	}
	status, text := w.send("POST", "/v1/users/ban", fmt.Sprintf(`{"user_ids":[%q,%q]}`, a, b))
	if status != 200 || strings.Count(text, `"banned":true`) != 2 {
		t.Errorf("%d %s", status, text)
	}
	if status, text = w.send("POST", "/v1/users/unban", fmt.Sprintf(`{"user_ids":[%q]}`, a)); status != 200 || !strings.Contains(text, `"banned":false`) {
		t.Errorf("%d %s", status, text)
	}
	w.refused("POST", "/v1/users/ban", `{}`, 422, "form_param_missing")
	w.refused("POST", "/v1/users/ban", `{"user_ids":[`+strings.Repeat(`"x",`, 50)+`"x"]}`, 422, "form_param_max_length_exceeded")
}

func TestLockEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("a@example.com")
	s := w.newSession(id)
	u := w.must("POST", "/v1/users/"+id+"/lock", "null")
	if u["locked"] != true || u["lockout_expires_in_seconds"] != 900.0 {
		t.Errorf("got %v, %v", u["locked"], u["lockout_expires_in_seconds"])
	}
	if got := w.must("GET", "/v1/sessions/"+s, "")["status"]; got != "active" {
		t.Errorf("a lock ended a session: %v", got)
	}
	if u := w.must("POST", "/v1/users/"+id+"/unlock", ""); u["locked"] != false || u["lockout_expires_in_seconds"] != nil {
		t.Errorf("got %v", u)
	}
	w.must("POST", "/v1/users/"+id+"/lock", "")
	w.Advance(15 * time.Minute)
	if u := w.must("GET", "/v1/users/"+id, ""); u["locked"] != false {
		t.Errorf("the lock stays: %v", u)
	}
	w.refused("POST", "/v1/users/user_unknown/lock", "", 404, "resource_not_found")
}
