package backendapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/backendapi"
)

// Whatever is sent to whichever operation, the answer is a refusal or a
// success in the published form, never trouble of ours, and the account that
// is there stays as it is.
func TestBadInputEverywhere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the race detector has nothing to see here and makes it slow")
	}
	w := newWorld(t)
	user := w.newUser("ada@example.com")
	session := w.newSession(user)
	before := w.must("GET", "/v1/users/"+user, "")
	bodies := map[string]apitest.Request{
		"torn":            {Body: `{"a":`},
		"array":           {Body: `[1,2]`},
		"text":            {Body: `"x"`},
		"number":          {Body: `1e999`},
		"two values":      {Body: `{}{}`},
		"not UTF-8":       {Body: "{\"first_name\":\"\xff\xfe\"}"},
		"NUL":             {Body: `{"first_name":"\u0000","email_address":["\u0000@example.com"]}`},
		"every wrong":     {Body: `{"email_address":1,"password":[],"user_id":{},"first_name":true,"banned":3,"public_metadata":"x","user_ids":7,"verified":"no","token":0,"created_at":5,"limit":{}}`},
		"nested":          {Body: `{"public_metadata":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`},
		"form":            {Body: `first_name=%ff&email_address=%00`, ContentType: "application/x-www-form-urlencoded"},
		"other type":      {Body: `<xml/>`, ContentType: "text/xml"},
		"no multipart":    {Body: `x`, ContentType: "multipart/form-data"},
		"type of garbage": {Body: `{}`, ContentType: ";;;"},
	}
	for _, operation := range backendapi.Operations() {
		method, path, _ := strings.Cut(operation, " ")
		if method == http.MethodGet || method == http.MethodDelete {
			continue
		}
		path = strings.NewReplacer("{user_id}", user, "{session_id}", session, "{email_address_id}", before["primary_email_address_id"].(string),
			"{sign_in_token_id}", "sit_1", "{template_name}", "x").Replace(path)
		if strings.HasSuffix(path, "/revoke") || strings.HasSuffix(path, "ban") || strings.HasSuffix(path, "lock") {
			continue // these take no body: the account would change, as it should
		}
		for name, q := range bodies {
			q.Method, q.Path = method, path
			// Trouble of ours fails the test inside.
			if a := w.back.Send(t, q); a.Status >= 500 && a.Code() != "not_implemented" {
				t.Errorf("%s with %s: %d %s", operation, name, a.Status, a.Body)
			}
		}
	}
	// One operation stands for all: the limits are of the one reader they share.
	w.refused("POST", "/v1/users", `{"first_name":"`+strings.Repeat("a", 1<<20)+`"}`, 413, "request_body_too_large")
	w.refused("POST", "/v1/users", `{"public_metadata":{`+strings.TrimSuffix(strings.Repeat(`"a":1,`, 60_000), ",")+`}}`, 413, "request_body_too_large")
	after := w.must("GET", "/v1/users/"+user, "")
	for _, name := range []string{"first_name", "banned", "public_metadata", "password_enabled", "email_addresses", "created_at", "locked"} {
		if before[name] == nil && after[name] != nil {
			t.Errorf("%s changed to %v", name, after[name])
		}
	}
	if n := w.must("GET", "/v1/users/count", "")["total_count"]; n != 1.0 {
		t.Errorf("bad requests made users: %v", n)
	}
}

// Paths and queries that try to be something else.
func TestBadPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("a", 100_000)
	for _, path := range []string{
		"/v1/users/user_" + long, "/v1/users/%2e%2e%2fsessions", "/v1/users/user_1%00", "/v1/users/user_1%0d%0aX-Evil:1",
		"/v1/users/user_%E2%80%AE", "/v1/users/'%20OR%201=1--", "/v1/sessions/sess_1;drop", "/v1/clients/client_" + long,
		"/v1/users/count/../../jwks/x", "/v1/sign_in_tokens/x/y/z",
	} {
		a := w.back.Do(t, "GET", path, "")
		if a.Status != 404 && a.Status != 405 {
			t.Errorf("%.60s: %d %.200s", path, a.Status, a.Body)
		}
		if a.Header.Get("X-Evil") != "" {
			t.Errorf("%.60s: a header was injected", path)
		}
	}
	for _, query := range []string{
		"limit=1&limit=2", "offset=99999999999", "limit=+5", "limit=5.0", "limit=0x10", "order_by=" + long, "query=" + long[:5000],
		"email_address=" + long, "user_id=" + strings.Repeat("u,", 150), "username[]=a&username[]=b&username=c", "query=%27%25_%5C", "&&&=",
	} {
		if a := w.back.Do(t, "GET", "/v1/users?"+query, ""); a.Status != 200 && a.Status != 422 {
			t.Errorf("?%.60s: %d %.200s", query, a.Status, a.Body)
		}
	}
}

// A password is hashed once for an account that is made and never for one that
// is refused: hashes are what a flood of requests would run out of.
func TestHashesAreNotWasted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hashes := func() int64 { return w.Passwords.Stats().Hashes }
	start := hashes()
	id := w.newUser("ada@example.com")
	if n := hashes() - start; n != 1 {
		t.Errorf("%d hashes for one account", n)
	}
	for _, body := range []string{
		`{"email_address":["ada@example.com"],"password":"correct horse battery staple"}`,
		`{"email_address":["nobody"],"password":"correct horse battery staple"}`,
		`{"email_address":["bob@example.com"],"password":"short"}`,
		`{"email_address":["bob@example.com"],"username":"x","password":"correct horse battery staple"}`,
		`{"email_address":["bob@example.com"],"public_metadata":[],"password":"correct horse battery staple"}`,
	} {
		w.back.Do(t, "POST", "/v1/users", body)
	}
	w.back.Do(t, "PATCH", "/v1/users/user_unknown", `{"password":"correct horse battery staple"}`)
	w.back.Do(t, "PATCH", "/v1/users/"+id, `{"first_name":"Ada"}`)
	if n := hashes() - start; n != 1 {
		t.Errorf("refused requests cost %d hashes", n-1)
	}
}
