package frontendapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/frontendapi"
)

// public are operations whose ids are no secret, with the reason.
var public = map[string]string{
	"GET /v1/images/{image_id}": "pictures are for everybody who has their address",
}

// idempotent are operations on sessions that succeed where there is nothing to
// end: a device that signs out twice must not be told of trouble.
var idempotent = map[string]bool{
	"DELETE /v1/client/sessions/{session_id}":      true,
	"POST /v1/client/sessions/{session_id}/end":    true,
	"POST /v1/client/sessions/{session_id}/remove": true,
}

// TestForeignIDsEverywhere: whoever knows the ids of somebody else's things can
// do nothing with them, by any operation there is. A new operation takes part
// by itself, and one with an id of a new kind fails until the kind is here.
func TestForeignIDsEverywhere(t *testing.T) {
	t.Parallel()
	x := startTrip(t, having(withDomains, withPhones, withPasskeys, withDevices))
	ada, eve := signedUp(t, x.server, "ada@example.com"), signedUp(t, x.server, "eve@other.test")
	own := ada.things(t, x)
	before := ada.everything(t, own)
	for _, operation := range frontendapi.Operations() {
		method, pattern, _ := strings.Cut(operation, " ")
		if !strings.Contains(pattern, "{") || public[operation] != "" {
			continue
		}
		path := pattern
		for name, id := range own {
			path = strings.ReplaceAll(path, "{"+name+"}", id)
		}
		if strings.Contains(path, "{") {
			t.Errorf("%s: give this test an id of that kind", operation)
			continue
		}
		got := eve.Form(t, method, path,
			"strategy", strategyFor(path), "public_key_credential", "{}", "code", "424242", "role", "org:admin", "user_id", eve.user, "name", "Eve's", "domain", "eve.test",
			"enrollment_mode", "automatic_invitation", "email_address", "eve2@example.com", "password", "correct horse battery 9",
			"affiliation_email_address", "eve@acme.test", "names", "eve.test", "organization_domain_ids", own["domain_id"])
		switch {
		case idempotent[operation] && got.Status == http.StatusOK:
		case strings.HasSuffix(pattern, "_verification/bulk") && got.Text("response", "errors", "0", "code") == "resource_not_found" &&
			!got.Has("response", "data", "0"): // answers for each domain
		case got.Status == http.StatusUnauthorized && strings.HasPrefix(pattern, "/v1/client/sessions/"): // to her it is over
		case got.Status == http.StatusForbidden, got.Status == http.StatusNotFound:
		default:
			t.Errorf("%s with a foreign id: %d %.200s", operation, got.Status, got.Body)
		}
	}
	if diff := cmp.Diff(before, ada.everything(t, own)); diff != "" {
		t.Errorf("somebody else changed it (-before +after):\n%s", diff)
	}
}

// strategyFor is a way to prove what a path is about.
func strategyFor(path string) string {
	switch {
	case strings.Contains(path, "passkeys"):
		return "passkey"
	case strings.Contains(path, "phone_numbers"):
		return "phone_code"
	default:
		return "email_code"
	}
}

// everything is what a person sees of what is theirs.
func (p person) everything(t *testing.T, own map[string]string) map[string]string {
	t.Helper()
	org := "/v1/organizations/" + own["organization_id"]
	seen := map[string]string{}
	for _, path := range []string{
		"/v1/me", "/v1/me/sessions", "/v1/client/sign_ins/" + own["sign_in_id"], "/v1/client/sign_ups/" + own["sign_up_id"],
		"/v1/me/trusted_devices", "/v1/me/organization_suggestions", org, org + "/memberships", org + "/invitations", org + "/domains", org + "/membership_requests",
	} {
		a := p.Do(t, "GET", path, "").OK(t)
		text, _, _ := strings.Cut(string(a.Body), `"client":`) // its token is made anew
		seen[path] = text
	}
	return seen
}
