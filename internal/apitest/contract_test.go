package apitest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

const anUser = `{"object":"user","id":"user_1","username":null,"first_name":null,"last_name":null,"has_image":false,
"primary_email_address_id":null,"primary_phone_number_id":null,"primary_web3_wallet_id":null,"password_enabled":true,
"two_factor_enabled":false,"totp_enabled":false,"backup_code_enabled":false,"email_addresses":[],"phone_numbers":[],
"web3_wallets":[],"passkeys":[],"external_accounts":[],"saml_accounts":[],"enterprise_accounts":[],"public_metadata":{},
"external_id":null,"last_sign_in_at":null,"banned":false,"locked":false,"lockout_expires_in_seconds":null,
"verification_attempts_remaining":null,"created_at":1,"updated_at":1,"delete_self_enabled":true,
"create_organization_enabled":true,"last_active_at":null,"mfa_enabled_at":null,"mfa_disabled_at":null,"legal_accepted_at":null}`

func TestContractFindsDifferences(t *testing.T) {
	t.Parallel()
	c := apitest.Published(t)
	if c == nil {
		t.Skip("published documents are not on this machine")
	}
	const refusal = `{"errors":[{"code":"x","message":"x","long_message":"x"}],"clerk_trace_id":"t"}`
	for _, tc := range []struct {
		name, method, target, contentType string
		status                            int
		body                              string
		want                              string // part of the one problem, empty for none
	}{
		{"a complete user", "GET", "/v1/users/user_1", "application/json", 200, anUser, ""},
		{"a literal path before a parameter", "GET", "/v1/users/count", "application/json", 200, `{"object":"total_count","total_count":1}`, ""},
		{"a member missing", "GET", "/v1/users/user_1", "application/json", 200, strings.Replace(anUser, `"banned":false,`, "", 1), `"banned" is missing`},
		{"a member of the wrong type", "GET", "/v1/users/user_1", "application/json", 200, strings.Replace(anUser, `"created_at":1`, `"created_at":"1"`, 1), "integer"},
		{"a member nobody published", "GET", "/v1/users/user_1", "application/json", 200, strings.Replace(anUser, `{`, `{"secret":1,`, 1), "secret"},
		{"a null where none may be", "GET", "/v1/users/user_1", "application/json", 200, strings.Replace(anUser, `"public_metadata":{}`, `"public_metadata":null`, 1), "public_metadata"},
		{"a charset", "GET", "/v1/users/user_1", "application/json; charset=utf-8", 200, anUser, "exactly application/json"},
		{"no JSON", "GET", "/v1/users/user_1", "application/json", 200, "<html>", "not JSON"},
		{"a status nobody published", "GET", "/v1/users/user_1", "application/json", 201, anUser, "no such status"},
		{"an operation nobody published", "GET", "/v1/users/user_1/secrets", "application/json", 200, `{}`, "no such operation"},
		{"a refusal", "GET", "/v1/users/user_1", "application/json", 404, refusal, ""},
		{"a refusal that no document lists", "GET", "/v1/users/user_1", "application/json", 503, refusal, ""},
		{"a refusal in another form", "GET", "/v1/users/user_1", "application/json", 404, `{"error":"x"}`, "errors"},
		{"a known difference", "GET", "/v1/sessions?paginated=true", "application/json", 200, `{"data":[],"total_count":0}`, ""},
		{"a page that is none", "GET", "/v1/sessions?paginated=true", "application/json", 200, `[]`, "total_count"},
		{"a page with a wrong element", "GET", "/v1/sessions?paginated=true", "application/json", 200, `{"data":[{}],"total_count":0}`, "missing"},
		{"a page where an array is due", "GET", "/v1/users", "application/json", 200, `{"data":[],"total_count":0}`, "array"},
		{"the Frontend API", "POST", "/v1/client/sessions/sess_1/tokens", "application/json", 200, `{"object":"token","jwt":"x"}`, ""},
		{"the Frontend API through an override", "POST", "/v1/me?_method=DELETE", "application/json", 200, `{"x":1}`, "missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tc.method, tc.target, nil)
			got := c.Problems(r, tc.status, http.Header{"Content-Type": {tc.contentType}}, []byte(tc.body))
			switch all := strings.Join(got, "\n"); {
			case tc.want == "" && len(got) > 0:
				t.Errorf("unexpected problems:\n%s", all)
			case tc.want != "" && !strings.Contains(all, tc.want):
				t.Errorf("want a problem with %q, got:\n%s", tc.want, all)
			}
		})
	}
}
