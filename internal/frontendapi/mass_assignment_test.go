package frontendapi_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/apitest"
)

// privileged are what only a back end may set about a user.
var privileged = []string{
	"id", "user_0ujsswThIGTUYm2K8FjOOfXtY1K", "user_id", "user_0ujsswThIGTUYm2K8FjOOfXtY1K", "external_id", "ext-eve", "banned", "true",
	"locked", "true", "public_metadata", `{"role":"admin"}`, "private_metadata", `{"role":"admin"}`, "verified", "true",
	"totp_enabled", "true", "two_factor_enabled", "true", "password_enabled", "false", "password_digest", "x", "password_hasher", "md5",
	"skip_password_checks", "true", "create_organizations_limit", "1000", "delete_self_enabled", "false", "created_at", "2001-01-01T00:00:00Z",
	"email_addresses", `[{"email_address":"boss@example.com"}]`, "status", "complete", "created_user_id", "user_0ujsswThIGTUYm2K8FjOOfXtY1K",
}

// TestPeopleSetOnlyWhatIsTheirs: members of documents that people may not set
// are no parameters, whether they come along with a profile or a sign-up.
func TestPeopleSetOnlyWhatIsTheirs(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedUp(t, s, "ada@example.com")
	known := func(user string) map[string]any {
		var got map[string]any
		if err := json.Unmarshal(s.BackEnd().Do(t, "GET", "/v1/users/"+user, "").OK(t).Body, &got); err != nil {
			t.Fatal(err)
		}
		delete(got, "updated_at")
		return got
	}
	before := known(ada.user)
	ada.Form(t, "PATCH", "/v1/me", privileged...)
	if diff := cmp.Diff(before, known(ada.user)); diff != "" {
		t.Errorf("a profile was given more (-before +after):\n%s", diff)
	}

	eve := nativeApp(s)
	fields := append([]string{"email_address", "eve@example.com", "password", password}, privileged...)
	begun := eve.Form(t, "POST", "/v1/client/sign_ups", fields...).OK(t)
	if begun.Text("response", "status") == "complete" || begun.Text("response", "created_user_id") != "" {
		t.Fatalf("the sign-up is %s", begun.Body)
	}
	eve.verifySignUp(t, begun.Text("response", "id"), "eve@example.com")
	made := known(eve.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "id"))
	for _, name := range []string{"external_id", "banned", "locked", "public_metadata", "private_metadata", "totp_enabled", "create_organizations_limit"} {
		if diff := cmp.Diff(before[name], made[name]); diff != "" {
			t.Errorf("a sign-up was given %s:\n%s", name, diff)
		}
	}
}
