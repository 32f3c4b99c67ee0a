package auth_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

// TestNativeRedirects holds the list of return addresses against the ways that
// people have found around such lists.
func TestNativeRedirects(t *testing.T) {
	t.Parallel()
	production := auth.NativeRedirects{Listed: []string{
		"myapp://callback", "com.example.app:/oauth", "http://127.0.0.1/done", "http://[::1]/done", "https://app.example.com/return",
	}}
	development := auth.NativeRedirects{Development: true}
	for _, test := range []struct {
		address          string
		production, devs bool
	}{
		{"myapp://callback", true, true},
		{"MyApp://callback", true, true}, // schemes have no case
		{"com.example.app:/oauth", true, true},
		{"http://127.0.0.1:49152/done", true, true},
		{"http://[::1]:49152/done", true, true},
		{"https://app.example.com/return", true, false},
		{"https://APP.example.com/return", true, false},

		{"myapp://callback/", false, true},
		{"myapp://other", false, true},
		{"otherapp://callback", false, true},
		{"http://127.0.0.1:49152/other", false, true},
		{"http://127.0.0.1:49152", false, true},

		{"", false, false},
		{"/callback", false, false},
		{"//example.com/callback", false, false},
		{"myapp:callback", false, false},
		{"myapp://callback?x=1", false, false},
		{"myapp://callback?", false, false},
		{"myapp://callback#", false, false},
		{"myapp://callback#x", false, false},
		{"myapp://user@callback", false, false},
		{"myapp://callback/%2e%2e/x", false, false},
		{"myapp://callback/../x", false, false},
		{"myapp://callback\\@example.com", false, false},
		{"myapp://callback\n", false, false},
		{" myapp://callback", false, false},
		{"myapp://cällback", false, false},
		{"http://localhost:49152/done", false, false},
		{"http://127.0.0.1.example.com/done", false, false},
		{"http://127.0.0.1@example.com/done", false, false},
		{"http://example.com/done", false, false},
		{"http://2130706433/done", false, false},
		{"http://0x7f.1/done", false, false},
		{"http://127.1/done", false, false},
		{"http://[::ffff:8.8.8.8]/done", false, false},
		{"http://[fe80::1%25lo]/done", false, false},
		{"http://192.168.1.5:80/done", false, false},
		{"http://127.0.0.1:0/done", false, false},
		{"http://127.0.0.1:/done", false, false},
		{"https://app.example.com:8443/return", false, false},
		{"https://app.example.com.evil.example/return", false, false},
		{"https://evil.example/return", false, false},
		{"https://127.0.0.1/done", false, false},
		{"javascript://%0aalert(1)", false, false},
		{"javascript:alert(1)", false, false},
		{"JAVASCRIPT://callback/", false, false},
		{"data:text/html,x", false, false},
		{"file:///etc/passwd", false, false},
		{"vbscript://x", false, false},
		{"intent://x/#Intent;end", false, false},
		{"intent://x/", false, false},
		{"ms-settings://x", false, false},
		{"blob://x", false, false},
		{"view-source://x", false, false},
		{"x://callback", false, false},
	} {
		if got := production.Allows(test.address); got != test.production {
			t.Errorf("in production %q: %v", test.address, got)
		}
		if got := development.Allows(test.address); got != test.devs {
			t.Errorf("in development %q: %v", test.address, got)
		}
	}
	if bad := production.Check(); bad != "" {
		t.Errorf("%q should be fit for the list", bad)
	}
	if bad := (auth.NativeRedirects{Listed: []string{"myapp://ok", "http://localhost/x"}}).Check(); bad != "http://localhost/x" {
		t.Errorf("the unfit entry is %q", bad)
	}
}
