package frontendapi_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// TestOrganizationDocumentsAreComplete looks for every member that some
// published decoder cannot do without: one that is missing makes the whole
// client unreadable on iOS or Android, because memberships are part of it.
func TestOrganizationDocumentsAreComplete(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDomains)
	ada, bob := signedUp(t, s, "ada@acme.test"), signedUp(t, s, "bob@acme.test")
	org := ada.founds(t, "Acme", "acme")
	one := "/v1/organizations/" + org
	ada.invites(t, org, "bob@acme.test", "org:member")
	domain := ada.Form(t, "POST", one+"/domains", "name", "acme.test").OK(t).Text("response", "id")
	ada.Form(t, "POST", one+"/domains/"+domain+"/prepare_affiliation_verification", "affiliation_email_address", "x@acme.test").OK(t)
	ada.Form(t, "POST", one+"/domains/"+domain+"/attempt_affiliation_verification", "code", s.Code(t, "x@acme.test")).OK(t)
	ada.Form(t, "POST", one+"/domains/"+domain+"/update_enrollment_mode", "enrollment_mode", "automatic_suggestion").OK(t)
	suggestion := bob.Do(t, "GET", "/v1/me/organization_suggestions", "").OK(t).Text("response", "data", "0", "id")
	bob.Do(t, "POST", "/v1/me/organization_suggestions/"+suggestion+"/accept", "").OK(t)

	const organization = `object id name slug image_url has_image max_allowed_memberships admin_delete_enabled public_metadata
		members_count pending_invitations_count created_at updated_at`
	const user = `first_name last_name image_url has_image identifier user_id profile_image_url`
	const membership = "object id role role_name permissions public_metadata created_at updated_at "
	under := func(prefix, members string) (out string) {
		for _, m := range strings.Fields(members) {
			out += prefix + "." + m + " "
		}
		return out
	}
	for _, d := range []struct {
		by                person
		path, at, members string
	}{
		{ada, one, "response", organization},
		{ada, "/v1/client", "response.sessions.0.user.organization_memberships.0", membership + under("organization", organization) + under("public_user_data", user)},
		{ada, one + "/memberships?paginated=true", "response.data.0", membership + under("organization", organization) + under("public_user_data", user)},
		{bob, "/v1/me/organization_invitations", "response.data.0", `object id email_address role role_name organization_id status
			public_metadata url expires_at created_at updated_at ` + under("public_organization_data", "id name slug image_url has_image")},
		{ada, one + "/domains", "response.data.0", `object id organization_id name enrollment_mode affiliation_email_address
			total_pending_invitations total_pending_suggestions created_at updated_at ` + under("verification", "status strategy attempts expire_at")},
		{bob, "/v1/me/organization_suggestions", "response.data.0", `object id status created_at updated_at ` + under("public_organization_data", "id name slug image_url has_image")},
		{ada, one + "/membership_requests", "response.data.0", `object id organization_id status created_at updated_at ` + under("public_user_data", user)},
		{ada, one + "/roles", "response.data.0", `object id key name description created_at updated_at ` + under("permissions.0", "object id key name description type created_at updated_at")},
	} {
		got := answer{d.by.Do(t, "GET", d.path, "").OK(t)}
		for _, member := range strings.Fields(d.members) {
			if !has(got, d.at+"."+member) {
				t.Errorf("GET %s: no %s.%s in %s", d.path, d.at, member, got.Body)
			}
		}
	}
	if got := ada.Do(t, "GET", "/v1/client", "").OK(t).Get("response", "sessions", "0", "user", "organization_memberships", "0", "organization", "private_metadata"); got != nil {
		t.Error("private metadata is shown to members")
	}
}

// TestOrganizationBadBodies sends what no SDK sends to every operation that
// reads a body: a refusal in the published envelope, and nothing is changed.
func TestOrganizationBadBodies(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDomains)
	ada := signedUp(t, s, "ada@example.com")
	org := ada.founds(t, "Acme", "acme")
	one := "/v1/organizations/" + org
	domain := ada.Form(t, "POST", one+"/domains", "name", "acme.test").OK(t).Text("response", "id")
	before := ada.Do(t, "GET", one, "").OK(t).Body
	for _, route := range []string{
		"POST /v1/organizations", "PATCH " + one, "PUT " + one + "/logo", "POST " + one + "/memberships",
		"PATCH " + one + "/memberships/" + ada.user, "POST " + one + "/invitations", "POST " + one + "/invitations/bulk",
		"POST " + one + "/domains", "POST " + one + "/domains/bulk", "POST " + one + "/domains/" + domain + "/update_enrollment_mode",
		"POST " + one + "/domains/" + domain + "/prepare_affiliation_verification",
		"POST " + one + "/domains/" + domain + "/attempt_affiliation_verification",
	} {
		method, path, _ := strings.Cut(route, " ")
		for _, b := range bodies {
			a := ada.Send(t, apitest.Request{Method: method, Path: path, Body: b.body, ContentType: b.kind})
			harmless := method == "PATCH" && path == one && !b.refused // nothing that it reads was sent
			if (a.Status < 400 && !harmless) || a.Status >= 500 || a.Status == 401 {
				t.Errorf("%s with %s: %d %s", route, b.name, a.Status, a.Body)
			}
		}
	}
	if after := ada.Do(t, "GET", one, "").OK(t).Body; answerText(after) != answerText(before) {
		t.Errorf("the organization has become %s, was %s", after, before)
	}
}

// answerText is the organization in an answer without when it was written last.
func answerText(body []byte) string {
	text, _, _ := strings.Cut(string(body), `"updated_at"`)
	return text
}
