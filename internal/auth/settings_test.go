package auth_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// Changes are laid over a copy: the settings they start from are in use, also
// when the changes are refused.
func TestChangesLeaveTheSettingsTheyStartFrom(t *testing.T) {
	t.Parallel()
	start := func() auth.Settings {
		s := auth.DefaultSettings()
		s.NativeRedirects = []string{"myapp://a"}
		s.RedirectURLs = []auth.RedirectURL{{ID: "ru_a", URL: "myapp://b"}}
		s.Organizations.Enrollments = []auth.EnrollmentMode{"automatic_invitation"}
		s.NativeApps.Apple = []string{"ABCDE12345.com.example.app"}
		s.NativeApps.Android = []auth.AndroidApp{{SHA256: []string{"AA"}}}
		return s
	}
	changes := json.RawMessage(`{"native_redirects":["myapp://c"],"redirect_urls":[{"id":"ru_b","url":"myapp://d"}],
		"organizations":{"domains_enrollment_modes":["automatic_suggestion"]},
		"native_apps":{"apple":["X"],"android":[{"sha256_cert_fingerprints":["BB"]}]},"sign_up_mode":"nonsense"}`)
	for name, lay := range map[string]func(auth.Settings, json.RawMessage) (auth.Settings, error){
		"With": auth.Settings.With, "Configured": auth.Settings.Configured,
	} {
		s := start()
		if _, err := lay(s, changes); err == nil {
			t.Errorf("%s took nonsense", name)
		}
		if diff := cmp.Diff(start(), s); diff != "" {
			t.Errorf("%s changed what it started from (-before +after):\n%s", name, diff)
		}
	}
}
