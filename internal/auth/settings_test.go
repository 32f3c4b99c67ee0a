package auth_test

import (
	"encoding/json"
	"strings"
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

// A record of a list takes nothing over from the one that was in its place.
func TestListsAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	set, err := auth.DefaultSettings().Configured(json.RawMessage(`{"native_apps":{"android":[
		{"package_name":"com.example.one","sha256_cert_fingerprints":["` + strings.Repeat("AB:", 31) + `AB"]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, lay := range map[string]func(json.RawMessage) (auth.Settings, error){"configured": set.Configured, "with": set.With} {
		if got, err := lay(json.RawMessage(`{"native_apps":{"android":[{"package_name":"com.example.two"}]}}`)); codeOf(err) != auth.CodeParamInvalid {
			t.Errorf("%s: an app without certificates became %+v, %v", name, got.NativeApps.Android, err)
		}
		if got, err := lay(json.RawMessage(`{"native_apps":{"apple":[]}}`)); err != nil || len(got.NativeApps.Android) != 1 {
			t.Errorf("%s: a list that is not given became %+v, %v", name, got.NativeApps.Android, err)
		}
	}
}
