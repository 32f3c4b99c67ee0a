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

// TestOlderSettings: one of them is kept, and what cannot be otherwise is not
// taken silently.
func TestOlderSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/v1/beta_features/instance_settings"
	got := w.must("PATCH", path, `{"restricted_to_allowlist":true,"progressive_sign_up":true,"test_mode":true}`)
	if got["restricted_to_allowlist"] != true || got["progressive_sign_up"] != true || !w.Live.Settings().Restrictions.AllowList {
		t.Errorf("changed: %v", got)
	}
	device := w.Native()
	device.Form(t, "POST", "/v1/client/sign_ups", "email_address", "ada@example.com").Is(t, 403, "not_allowed_access")
	for body, code := range map[string]string{
		`{"restricted_to_allowlist":"no"}`: "form_param_value_invalid", `{"progressive_sign_up":false}`: "form_param_value_invalid",
		`{"test_mode":false}`: "form_param_value_invalid", `{"from_email_address":"me"}`: "form_param_unknown",
		`{"restricted_to_allowlist":false,"test_mode":false}`: "form_param_value_invalid",
	} {
		w.refused("PATCH", path, body, 422, code)
	}
	if got = w.must("PATCH", path, `{"restricted_to_allowlist":null}`); got["restricted_to_allowlist"] != true {
		t.Errorf("a refused request, or null, changed it: %v", got)
	}
	if got = w.must("PATCH", path, `{"restricted_to_allowlist":false}`); got["restricted_to_allowlist"] != false {
		t.Errorf("changed back: %v", got)
	}
	device.Form(t, "POST", "/v1/client/sign_ups", "email_address", "ada@example.com").OK(t)
}

// TestSettingsTakeOnlyGoodRedirectURLs: the list as a whole is held to the rules
// of its single entries.
func TestSettingsTakeOnlyGoodRedirectURLs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.must("POST", "/v1/redirect_urls", `{"url":"myapp://callback"}`)["id"].(string)
	entry := func(id, address, at string) string {
		return `{"id":"` + id + `","url":"` + address + `","created_at":"` + at + `"}`
	}
	const at = "2026-01-02T03:04:05Z"
	other := "ru_" + strings.Repeat("0", 27)
	for name, list := range map[string]string{
		"script":          entry(other, "javascript:alert(1)", at),
		"plain http":      entry(other, "http://example.com/callback", at),
		"user info":       entry(other, "https://user@example.com/", at),
		"look-alike":      entry(other, "https://еxample.com/", at),
		"no identifier":   `{"url":"other://callback","created_at":"` + at + `"}`,
		"odd identifier":  entry("ru_é", "other://callback", at),
		"another's":       entry("user_"+strings.Repeat("0", 27), "other://callback", at),
		"no instant":      `{"id":"` + other + `","url":"other://callback"}`,
		"same address":    entry(other, "myapp://callback", at) + "," + entry(good, "myapp://callback", at),
		"same identifier": entry(good, "myapp://callback", at) + "," + entry(good, "other://callback", at),
	} {
		a := w.back.Do(t, "PATCH", "/v1/instance/settings", `{"redirect_urls":[`+list+`]}`)
		if a.Status != 422 || a.Code() != "form_param_value_invalid" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if got := w.Live.Settings().RedirectURLs; len(got) != 1 || string(got[0].ID) != good || got[0].URL != "myapp://callback" {
		t.Errorf("a refused list was kept: %v", got)
	}
	w.must("PATCH", "/v1/instance/settings", `{"redirect_urls":[`+entry(other, "other://callback", at)+`]}`)
	if got := w.Live.Settings().RedirectURLs; len(got) != 1 || got[0].URL != "other://callback" {
		t.Errorf("a good list is not kept: %v", got)
	}
}

func patch(path, body string) apitest.Request {
	return apitest.Request{Method: "PATCH", Path: path, Body: body}
}
