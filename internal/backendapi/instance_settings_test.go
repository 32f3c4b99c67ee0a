package backendapi_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// TestSettingsChangeAtRunTime changes what the running instance publishes and
// what it accepts.
func TestSettingsChangeAtRunTime(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, app := s.BackEnd(), s.Native()
	back.Run(t, []apitest.Scenario{
		{Name: "read", Request: apitest.Request{Method: "GET", Path: "/v1/instance/settings"}, Status: 200,
			Contains: []string{`"username":"off"`, `"sign_up_mode":"public"`}},
		{Name: "change", Request: patch("/v1/instance/settings", `{"username":"optional","second_factors":{"required":true}}`), Status: 200,
			Contains: []string{`"username":"optional"`, `"totp":true`, `"required":true`}},
		{Name: "a typo", Request: patch("/v1/instance/settings", `{"user_name":"optional"}`), Status: 422, Code: "form_param_value_invalid"},
		{Name: "a word that means nothing", Request: patch("/v1/instance/settings", `{"username":"yes"}`), Status: 422,
			Code: "form_param_value_invalid", Param: "username"},
		{Name: "nobody could sign up", Request: patch("/v1/instance/settings", `{"email_address":"off","username":"off"}`), Status: 422,
			Code: "form_param_value_invalid"},
		{Name: "not an object", Request: patch("/v1/instance/settings", `[]`), Status: 422, Code: "form_param_value_invalid"},
		{Name: "what is decided elsewhere", Request: patch("/v1/instance/settings", `{"Production":true}`), Status: 422, Code: "form_param_value_invalid"},
		{Name: "restrictions", Request: patch("/v1/instance/restrictions", `{"blocklist":true,"block_email_subaddresses":true}`), Status: 200,
			Contains: []string{`"blocklist":true`, `"allowlist":false`, `"block_email_subaddresses":true`}},
		{Name: "instance", Request: patch("/v1/instance", `{"support_email":"help@example.com"}`), Status: 204},
		{Name: "instance, not an address", Request: patch("/v1/instance", `{"support_email":"help"}`), Status: 422, Code: "form_param_format_invalid"},
		{Name: "instance, what is not kept", Request: patch("/v1/instance", `{"hibp":true}`), Status: 422, Code: "form_param_unknown"},
	})
	seen := app.Do(t, "GET", "/v1/environment", "").OK(t)
	if !strings.Contains(string(seen.Body), "help@example.com") || seen.Get("user_settings", "attributes", "username", "enabled") != true {
		t.Errorf("published is %s", seen.Body)
	}
	if got := app.Form(t, "POST", "/v1/client/sign_ups", "username", "ada_l"); got.Status != 200 {
		t.Errorf("a username is refused: %s", got.Body)
	}
}

func patch(path, body string) apitest.Request {
	return apitest.Request{Method: "PATCH", Path: path, Body: body}
}
