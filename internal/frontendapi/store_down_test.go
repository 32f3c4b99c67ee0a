package frontendapi_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// While the store is gone nothing may look like a verdict: 503 with
// Retry-After, in JSON, without a client and without a new credential. What is
// answered from memory stays.
func TestStoreDown(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	for mode, a := range apps(s) {
		sid := a.signUp(t, mode+"@example.com")
		a.other().signUp(t, mode+"3@example.com")
		sia := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", mode+"3@example.com")).text("response.id")
		sua := a.must(t, "POST", "/v1/client/sign_ups", form("email_address", mode+"2@example.com")).text("response.id")
		defer func() {
			for _, route := range append(storeRoutes, routesWithBody...) {
				method, path, _ := strings.Cut(route, " ")
				path = strings.NewReplacer("SIA", sia, "SUA", sua, "SESS", sid).Replace(path)
				body := form("strategy", "email_code", "code", "123456", "password", password, "new_password", password,
					"identifier", mode+"@example.com", "email_address", "c@example.com", "unsafe_metadata", "{}", "active_organization_id", "")
				got := a.refused(t, method, path, body, 503, "service_unavailable")
				if got.Header.Get("Authorization") != "" || got.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s %s: a credential was handed out", mode, route)
				}
				fresh := a.other().send(t, method, path, body)
				creates := strings.HasSuffix(path, "/v1/client") || strings.HasSuffix(path, "/sign_ins") || strings.HasSuffix(path, "/sign_ups")
				if creates && method != "DELETE" && fresh.Status != 503 {
					t.Errorf("%s %s without a credential: %v", mode, route, fresh)
				}
			}
			for _, path := range []string{"/v1/environment", "/.well-known/jwks.json", "/.well-known/openid-configuration"} {
				a.must(t, "GET", path, nil)
			}
		}()
	}
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
}

var storeRoutes = []string{
	"GET /v1/client", "DELETE /v1/client", "DELETE /v1/client/sessions", "GET /v1/client/sessions/SESS",
	"POST /v1/client/sessions/SESS/end", "POST /v1/client/sessions/SESS/remove", "GET /v1/client/sign_ins/SIA",
	"GET /v1/client/sign_ups/SUA", "GET /v1/me", "DELETE /v1/me", "GET /v1/me/sessions", "GET /v1/me/sessions/active",
	"GET /v1/me/email_addresses", "POST /v1/me/sessions/SESS/revoke",
}
