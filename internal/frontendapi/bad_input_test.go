package frontendapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/frontendapi"
)

// bodies are what no SDK sends.
var bodies = []struct {
	name, kind, body string
	refused          bool // whatever the route
}{
	{"malformed JSON", "application/json", `{"strategy":`, true},
	{"JSON array", "application/json", `[1,2]`, true},
	{"JSON text after the object", "application/json", `{}{}`, true},
	{"deep JSON", "application/json", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), true},
	{"malformed form", "application/x-www-form-urlencoded", "strategy=%zz", true},
	{"malformed multipart", "multipart/form-data; boundary=x", "--x\r\nnope", true},
	{"multipart without boundary", "multipart/form-data", "x", true},
	{"unknown content type", "application/xml", "<a/>", true},
	{"invalid content type", "/;;;", "a=b", false},
	{"megabytes", "application/x-www-form-urlencoded", "identifier=" + strings.Repeat("a", 3<<19), true},
	{"wrong JSON types", "application/json", `{"strategy":1,"identifier":{"a":1},"email_address":[1],"password":true,"code":1,"new_password":2}`, false},
	{"null members", "application/json", `{"strategy":null,"identifier":null,"email_address":null,"password":null}`, false},
	{"null body", "application/json", `null`, false},
	{"no body", "", "", false},
	{"empty JSON", "application/json", "", false},
	{"invalid UTF-8", "application/x-www-form-urlencoded", "identifier=%ff%fe&email_address=%ff&password=%ff&strategy=%ff&code=%ff&first_name=%ff&new_password=%ff", false},
	{"NUL", "application/x-www-form-urlencoded", "identifier=a%00b&email_address=a%00@example.com&password=a%00b&strategy=email_code%00&first_name=%00&new_password=%00", false},
	{"control characters", "application/x-www-form-urlencoded", "identifier=a%0d%0aX:+y&email_address=a%0d%0a@example.com&strategy=%1b", false},
	{"repeated keys", "application/x-www-form-urlencoded", "identifier=a@example.com&identifier=b@example.com&strategy=a&strategy=b", false},
	{"very many keys", "application/x-www-form-urlencoded", strings.Repeat("a=1&", 20_000), false},
	{"unknown fields", "application/x-www-form-urlencoded", "x=1&y=2&constructor=3&__proto__=4", false},
}

var routesWithBody = []string{
	"POST /v1/client", "PUT /v1/client", "POST /v1/client/sign_ins", "POST /v1/client/sign_ups",
	"POST /v1/client/sign_ins/SIA/prepare_first_factor", "POST /v1/client/sign_ins/SIA/attempt_first_factor",
	"POST /v1/client/sign_ins/SIA/reset_password", "PATCH /v1/client/sign_ups/SUA",
	"POST /v1/client/sign_ups/SUA/prepare_verification", "POST /v1/client/sign_ups/SUA/attempt_verification",
	"POST /v1/client/sessions/SESS/touch", "POST /v1/client/sessions/SESS/tokens", "PATCH /v1/me", "PATCH /v1/me/metadata",
	"POST /v1/me/change_password", "POST /v1/me/remove_password",
}

// Whatever comes in, the answer is a refusal in the published envelope, never a
// 500, and nothing about the client changes.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	sid := a.signUp(t, "a@example.com")
	a.other().signUp(t, "c@example.com")
	sua := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "b@example.com")).text("response.id")
	for _, route := range routesWithBody {
		sia := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "c@example.com")).text("response.id")
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("SIA", sia, "SUA", sua, "SESS", sid).Replace(path)
		for _, b := range bodies {
			got := answer{a.Send(t, apitest.Request{Method: method, Path: path, Body: b.body, ContentType: b.kind})}
			anyBody := strings.HasSuffix(path, "/client") || strings.HasSuffix(path, "/tokens") // read no body
			switch {
			case b.refused && !anyBody && (got.Status < 400 || got.Status >= 500):
				t.Errorf("%s with %s: %v", route, b.name, got)
			case got.Status >= 500, got.Status == 401, got.Status == 403, got.Status == 404:
				t.Errorf("%s with %s: %v", route, b.name, got)
			}
		}
		if path == "/v1/client/sign_ups" {
			sua = a.must(t, "POST", "/v1/client/sign_ups", form("email_address", "b@example.com")).text("response.id")
		}
	}
	if got := a.sessions(t); len(got) != 1 || got[0] != sid {
		t.Errorf("sessions afterwards: %v", got)
	}
}

// TestBadBodiesEverywhere: the same for every operation that reads a body, a new
// one too; here only that there is no trouble of ours, as some may succeed.
func TestBadBodiesEverywhere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the race detector has nothing to see here and makes it slow")
	}
	x := startTrip(t, having(withDomains, withPhones, withPasskeys, withDevices))
	ada := signedUp(t, x.server, "ada@example.com")
	own := ada.things(t, x)
	for _, operation := range frontendapi.Operations() {
		method, path, _ := strings.Cut(operation, " ")
		if method == http.MethodGet || method == http.MethodDelete || path == "/v1/environment" { // reads no body
			continue
		}
		for name, id := range own {
			path = strings.ReplaceAll(path, "{"+name+"}", id)
		}
		for _, b := range bodies {
			got := ada.Send(t, apitest.Request{Method: method, Path: path, Body: b.body, ContentType: b.kind})
			back := got.Status == http.StatusSeeOther && path == "/v1/oauth_callback" // to the same as a GET
			if got.Status >= 500 || !back && got.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s with %s: %d %.200s", operation, b.name, got.Status, got.Body)
			}
		}
	}
}

// Names in paths and queries that nobody issued.
func TestBadNames(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	a.signUp(t, "a@example.com")
	for _, id := range []string{
		"x", "sess_", "sess_%00", "sess_%ff", "sess_'%20OR%201=1--", "sess_" + strings.Repeat("a", 4000), "%F0%9F%98%80",
	} {
		for _, route := range []string{
			"GET /v1/client/sessions/{id}", "POST /v1/client/sessions/{id}/touch", "POST /v1/client/sessions/{id}/remove",
			"POST /v1/client/sessions/{id}/tokens", "GET /v1/client/sign_ins/{id}", "GET /v1/client/sign_ups/{id}",
			"POST /v1/me/sessions/{id}/revoke", "GET /v1/me?_clerk_session_id={id}",
		} {
			method, path, _ := strings.Cut(route, " ")
			got := answer{a.Send(t, apitest.Request{Method: method, Path: strings.Replace(path, "{id}", id, 1)})}
			if got.Status != 404 && got.Status != 401 && got.Status != 405 {
				t.Errorf("%s with %q: %v", route, id, got)
			}
		}
	}
}

func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	a := browserApp(apitest.Start(t))
	tests := []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 404}, {"GET", "/v1", 404}, {"GET", "/v1/nothing", 404}, {"POST", "/v1//client//nothing", 404},
		{"GET", "/v1/client/../../etc/passwd", 404}, {"BREW", "/v1/client", 405}, {"DELETE", "/v1/environment", 405},
		{"GET", "/v1/client/sign_ups", 405}, {"TRACE", "/v1/me", 405}, {"GET", "/.well-known/nothing", 404},
	}
	for _, tt := range tests {
		rec := a.Send(discard{t}, apitest.Request{Method: tt.method, Path: tt.path})
		if rec.Status != tt.status || rec.Code() == "" || rec.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, rec.Status, rec.Body)
		}
		if tt.status == http.StatusMethodNotAllowed && rec.Header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", tt.method, tt.path)
		}
		if rec.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s %s: no CORS headers", tt.method, tt.path)
		}
	}
}

// discard drops what the published contract says about paths it does not have.
type discard struct{ testing.TB }

func (discard) Errorf(string, ...any) {}
