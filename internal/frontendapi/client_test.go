package frontendapi_test

import (
	"crypto/sha1" //nolint:gosec // the published definition of the cookie suffix
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
)

// GET client is 200 with a client whatever the credential: every other answer
// makes some published SDK drop a session or never load.
func TestGetClientWhateverTheCredential(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	known := nativeApp(s)
	known.signUp(t, "a@example.com")
	genuine := known.Token()
	tests := []struct{ name, token string }{
		{"none", ""},
		{"garbage", "garbage"},
		{"a session token", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"},
		{"genuine but cut", genuine[:len(genuine)-2]},
		{"genuine but changed", genuine[:len(genuine)-1] + "~"},
		{"very long", strings.Repeat("x", 8000)},
		{"only the scheme", "Bearer"},
		{"scheme and nothing", "Bearer "},
	}
	for _, tt := range tests {
		a := &app{Caller: s.NativeWith(tt.token), s: s}
		got := a.must(t, "GET", "/v1/client", nil)
		if got.text("response.object") != "client" || len(sessionIDs(got.at("response.sessions"))) != 0 {
			t.Errorf("%s: %v", tt.name, got)
		}
		if a.Token() == tt.token || a.Token() == "" {
			t.Errorf("%s: no credential was handed out", tt.name)
		}
	}
	for _, token := range []string{genuine, "Bearer " + genuine, "bearer " + genuine} {
		got := answer{(&app{Caller: s.NativeWith(token), s: s}).Do(t, "GET", "/v1/client", "")}
		if len(sessionIDs(got.at("response.sessions"))) != 1 || got.Header.Get("Authorization") != "" {
			t.Errorf("%.10s…: %v, handed out %q", token, got, got.Header.Get("Authorization"))
		}
	}
}

func TestOnlySomeRoutesCreateClients(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	creating := map[string]bool{
		"GET /v1/client": true, "POST /v1/client": true, "PUT /v1/client": true,
		"POST /v1/client/sign_ins": true, "POST /v1/client/sign_ups": true,
	}
	others := []string{
		"GET /v1/environment", "PATCH /v1/environment", "GET /.well-known/jwks.json", "GET /v1/me", "DELETE /v1/client/sessions",
		"DELETE /v1/client", "POST /v1/client/sessions/sess_1/tokens", "POST /v1/client/sessions/sess_1/touch",
		"POST /v1/client/sessions/sess_1/remove", "GET /v1/client/sign_ins/sia_1", "GET /v1/me/sessions",
	}
	for route := range creating {
		others = append(others, route)
	}
	for _, route := range others {
		method, path, _ := strings.Cut(route, " ")
		got := nativeApp(s).send(t, method, path, nil)
		if handed := got.Header.Get("Authorization") != ""; handed != creating[route] {
			t.Errorf("%s: %d, handed out a credential: %v", route, got.Status, handed)
		}
	}
}

// Before a mistyped password is corrected, the app must have its client: every
// retry would begin with another one.
func TestRefusalHandsOutTheClient(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	a.refused(t, "POST", "/v1/client/sign_ins", form("identifier", "nobody@example.com"), 422, "form_identifier_not_found")
	if a.Token() == "" {
		t.Error("the refused sign-in left the app without a credential")
	}
}

// The first launch sends several requests at once and retries them.
func TestRaceOfTokenlessCreationsIsOneClient(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	device := http.Header{"X-Native-Device-Id": {"device-1"}, "X-Bundle-Id": {"com.example.app"}}
	get := func(h http.Header) (string, string) {
		c := s.Native()
		a := answer{c.Send(t, apitest.Request{Method: "GET", Path: "/v1/client", Header: h})}
		return a.text("response.id"), c.Token()
	}
	var wg sync.WaitGroup
	ids, tokens := make([]string, 16), make([]string, 16)
	for i := range ids {
		wg.Go(func() { ids[i], tokens[i] = get(device) })
	}
	wg.Wait()
	for i := range ids {
		if ids[i] != ids[0] || tokens[i] != tokens[0] {
			t.Fatalf("16 requests of one device got clients %v", ids)
		}
	}
	for name, h := range map[string]http.Header{
		"another device": {"X-Native-Device-Id": {"device-2"}, "X-Bundle-Id": {"com.example.app"}},
		"another app":    {"X-Native-Device-Id": {"device-1"}, "X-Bundle-Id": {"com.example.other"}},
		"no device id":   {"X-Bundle-Id": {"com.example.app"}},
	} {
		if id, _ := get(h); id == ids[0] {
			t.Errorf("%s got the client of device-1", name)
		}
	}
	// A client that is used is never given out on the strength of a device id.
	used := &app{Caller: s.NativeWith(tokens[0]), s: s}
	used.must(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com"))
	if id, token := get(device); id == ids[0] || token == tokens[0] {
		t.Error("a client with an attempt on it was given out again")
	}
	s.Advance(time.Minute)
	if id, _ := get(device); id == ids[0] {
		t.Error("the window does not end")
	}
}

// A genuine credential that a healthy store does not know is a restored backup
// or a lagging replica: nothing follows from it, least of all a fresh client,
// which would overwrite the only credential of the device.
func TestGenuineButUnknownClient(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	other := apitest.Start(t) // same keys, another store
	a := nativeApp(other)
	sid := a.signUp(t, "a@example.com")
	lost := &app{Caller: s.NativeWith(a.Token()), s: s}
	for _, route := range []string{
		"GET /v1/client", "POST /v1/client", "GET /v1/me", "POST /v1/client/sessions/" + sid + "/tokens",
		"POST /v1/client/sessions/" + sid + "/touch", "POST /v1/client/sessions/" + sid + "/remove",
		"DELETE /v1/client/sessions", "DELETE /v1/client", "GET /v1/client/sign_ins/sia_1", "GET /v1/client/sign_ups/sua_1",
		"POST /v1/client/sign_ins/sia_1/attempt_first_factor", "GET /v1/client/sessions/" + sid,
	} {
		method, path, _ := strings.Cut(route, " ")
		got := lost.refused(t, method, path, form("strategy", "password"), 503, "service_unavailable")
		if got.Header.Get("Authorization") != "" {
			t.Errorf("%s handed out a credential over the device's own", route)
		}
	}
	// Whoever proves who they are is let in again, under the credential they have.
	lost.signUp(t, "b@example.com")
	if lost.Token() != a.Token() || len(lost.sessions(t)) != 1 {
		t.Error("the lost client was not admitted under its own credential")
	}
	if got := lost.must(t, "GET", "/v1/client", nil); got.text("response.id") != a.must(t, "GET", "/v1/client", nil).text("response.id") {
		t.Error("the admitted client has another id")
	}
}

func TestDestroyedClient(t *testing.T) {
	t.Parallel()
	for mode, a := range apps(apitest.Start(t)) {
		sid := a.signUp(t, mode+"@example.com")
		token := a.Token()
		gone := a.must(t, "DELETE", "/v1/client", nil)
		if len(sessionIDs(gone.at("response.sessions"))) != 0 || gone.at("client") != nil {
			t.Errorf("%s: %v", mode, gone)
		}
		if a.browser && a.Token() != "" {
			t.Error("the browser keeps the cookie")
		}
		if a.browser {
			continue
		}
		// Repeating a lost request is a success; using it is positively over.
		a.must(t, "DELETE", "/v1/client", nil)
		a.must(t, "DELETE", "/v1/client/sessions", nil)
		a.must(t, "POST", "/v1/client/sessions/"+sid+"/remove", nil)
		a.refused(t, "POST", "/v1/client/sessions/"+sid+"/tokens", nil, 401, "authentication_invalid")
		a.must(t, "GET", "/v1/client", nil)
		if a.Token() == token {
			t.Error("GET client did not hand out a fresh client")
		}
	}
}

func TestBrowserCookies(t *testing.T) {
	t.Parallel()
	dev := browserApp(apitest.Start(t))
	dev.must(t, "GET", "/v1/client", nil)
	if c := dev.Cookie("__client"); c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteNoneMode || c.MaxAge < 30*86400 || c.Domain != "" {
		t.Errorf("development: %+v", c)
	}
	if dev.Cookie("__client_uat") != nil {
		t.Error("development: clerk-js keeps client_uat itself")
	}
	live := apitest.Start(t, func(o *apitest.Options) {
		o.Host, o.Settings.Production = "clerk.example.com", true
	})
	a := &app{Caller: live.Browser("https://app.example.com"), s: live, browser: true}
	a.must(t, "GET", "/v1/client", nil)
	if c := a.Cookie("__client"); c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Domain != "" {
		t.Errorf("production: %+v", c)
	}
	if c := a.Cookie("__client_uat"); c == nil || c.Value != "0" || c.HttpOnly || c.Domain != "example.com" {
		t.Errorf("production, signed out: %+v", c)
	}
	sid := a.signUp(t, "a@example.com")
	if c := a.Cookie("__client_uat"); c == nil || c.Value == "0" {
		t.Errorf("production, signed in: %+v", c)
	}
	sum := sha1.Sum([]byte(live.PublishableKey)) //nolint:gosec // the published definition of the suffix
	if a.Cookie("__client_uat_"+base64.URLEncoding.EncodeToString(sum[:])[:8]) == nil {
		t.Error("production: no suffixed client_uat")
	}
	a.must(t, "POST", "/v1/client/sessions/"+sid+"/remove", nil)
	if c := a.Cookie("__client_uat"); c == nil || c.Value != "0" {
		t.Errorf("production, signed out again: %+v", c)
	}
}

func TestForeignPagesAreRefused(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.AllowedOrigin = func(origin string) bool { return origin == "https://app.example.com" }
	})
	good := &app{Caller: s.Browser("https://app.example.com"), s: s, browser: true}
	sid := good.signUp(t, "a@example.com")
	for _, origin := range []string{"https://evil.example", "http://app.example.com", "https://app.example.com.evil.example", "null"} {
		for _, route := range []string{
			"GET /v1/client", "POST /v1/client/sessions/" + sid + "/tokens", "DELETE /v1/client/sessions", "GET /v1/me",
			"POST /v1/client/sign_ins",
		} {
			method, path, _ := strings.Cut(route, " ")
			got := answer{good.Send(t, apitest.Request{
				Method: method, Path: path,
				Header: http.Header{"Origin": {origin}, "Cookie": {"__client=" + good.Token()}},
			})}
			if got.Status < 400 || got.Code() != "origin_invalid" || got.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s from %s: %v", route, origin, got)
			}
		}
	}
	if len(good.sessions(t)) != 1 {
		t.Error("a foreign page signed the person out")
	}
	// A page that claims to be a native app gets no use of the cookie.
	got := answer{good.Send(t, apitest.Request{
		Method: "GET", Path: "/v1/client?_is_native=1", Header: http.Header{"Origin": {"https://evil.example"}},
	})}
	if len(sessionIDs(got.at("response.sessions"))) != 0 {
		t.Errorf("a foreign page read the client: %v", got)
	}
}

func TestTouchRedirect(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := browserApp(s)
	a.must(t, "GET", "/v1/client", nil)
	ok := a.Do(t, "GET", "/v1/client/touch?redirect_url=http%3A%2F%2Flocalhost%3A3000%2Fhome", "")
	if ok.Status != http.StatusTemporaryRedirect || ok.Header.Get("Location") != "http://localhost:3000/home" {
		t.Errorf("%d to %q", ok.Status, ok.Header.Get("Location"))
	}
	for _, target := range []string{
		"", "/home", "//evil.example", "https://evil.example/", "javascript:alert(1)", "https://localhost@evil.example/",
		"http://user:pw@localhost/", "https:///x",
	} {
		a.refused(t, "GET", "/v1/client/touch?"+form("redirect_url", target).Encode(), nil, 422, "form_param_value_invalid")
	}
}

// Every credential ever handed out for a client keeps resolving to it.
func TestRotatedCredential(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	first := a.Token()
	tokens := []string{first}
	for range 3 {
		caller, err := s.Clients.Resolve(t.Context(), tokens[len(tokens)-1])
		if err != nil {
			t.Fatal(err)
		}
		rotated, err := s.Clients.Rotate(t.Context(), caller)
		if err != nil || rotated.Issued == "" || rotated.Issued == caller.Presented {
			t.Fatalf("rotated to %q: %v", rotated.Issued, err)
		}
		tokens = append(tokens, rotated.Issued)
	}
	for i, token := range tokens {
		if got := (&app{Caller: s.NativeWith(token), s: s}).sessions(t); len(got) != 1 {
			t.Errorf("generation %d: sessions %v", i+1, got)
		}
	}
	_, hash, err := s.ClientTokens.Parse(tokens[3])
	if err != nil {
		t.Fatal(err)
	}
	if _, generation, err := s.Store.ClientByToken(t.Context(), hash); err != nil || generation != 4 {
		t.Errorf("generation %d, %v; want 4", generation, err)
	}
}

// What a request says about itself besides its credential changes nothing.
func TestCredentialAloneIdentifies(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	sid := a.signUp(t, "a@example.com")
	for name, q := range map[string]apitest.Request{
		"another client id":       {Path: "/v1/client", Header: http.Header{"X-Clerk-Client-Id": {"client_somebody_else"}}},
		"the other native word":   {Path: "/v1/client?_is_native=true"},
		"no native word, no page": {Path: "/v1/client?_is_native="},
		"unknown api version":     {Path: "/v1/client?__clerk_api_version=2031-01-01", Header: http.Header{"Clerk-Api-Version": {"nonsense"}}},
		"parameters of clerk-js":  {Path: "/v1/client?_clerk_js_version=6.40.0&__clerk_db_jwt=x&debug=skip_cache&_clerk_retry_attempt=1"},
	} {
		q.Method = "GET"
		got := answer{a.Send(t, q)}
		if ids := sessionIDs(got.at("response.sessions")); len(ids) != 1 || ids[0] != sid {
			t.Errorf("%s: %v", name, got)
		}
	}
}
