package frontendapi_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// person is somebody who is signed in.
type person struct {
	*apitest.Caller
	email, user, session string
}

func signedUp(t *testing.T, s *apitest.Server, email string) person {
	t.Helper()
	c := s.Native()
	p := person{Caller: c, email: email, session: c.SignUp(t, email)}
	p.user = c.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "id")
	return p
}

// founds creates an organization and returns its id.
func (p person) founds(t *testing.T, name, slug string) string {
	t.Helper()
	return p.Form(t, "POST", "/v1/organizations", "name", name, "slug", slug).OK(t).Text("response", "id")
}

// acts makes the session act in an organization, by id or slug; empty for the
// personal account.
func (p person) acts(t *testing.T, org string) *apitest.Answer {
	t.Helper()
	return p.Form(t, "POST", "/v1/client/sessions/"+p.session+"/touch", "active_organization_id", org, "intent", "select_org")
}

// claims are those of a fresh session token.
func (p person) claims(t *testing.T, pairs ...string) map[string]any {
	t.Helper()
	a := p.Form(t, "POST", "/v1/client/sessions/"+p.session+"/tokens", pairs...).OK(t)
	return claims(t, a.Text("jwt"))
}

// invited invites an address and returns the id of the invitation.
func (p person) invites(t *testing.T, org, email, role string) string {
	t.Helper()
	a := p.Form(t, "POST", "/v1/organizations/"+org+"/invitations", "email_address", email, "role", role).OK(t)
	return a.Text("response", "id")
}

// joins makes another person a member by an invitation.
func (p person) joins(t *testing.T, org string, by person, role string) {
	t.Helper()
	id := by.invites(t, org, p.email, role)
	p.Do(t, "POST", "/v1/me/organization_invitations/"+id+"/accept", "").OK(t)
}

func TestOrganizationLife(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob := signedUp(t, s, "ada@example.com"), signedUp(t, s, "bob@example.com")
	org := ada.founds(t, "Acme & Sons", "acme")
	one := "/v1/organizations/" + org

	me := ada.Do(t, "GET", "/v1/client", "").OK(t)
	membership := []string{"response", "sessions", "0", "user", "organization_memberships", "0"}
	if got := me.Text(append(membership, "role")...); got != "org:admin" {
		t.Errorf("the creator is %q: %s", got, me.Body)
	}
	if got := me.Text(append(membership, "organization", "name")...); got != "Acme & Sons" {
		t.Errorf("member of %q", got)
	}
	ada.Run(t, []apitest.Scenario{
		{Name: "read", Request: apitest.Request{Method: "GET", Path: one}, Status: 200, Contains: []string{`"members_count":1`}, Lacks: []string{"private_metadata"}},
		{Name: "rename", Request: apitest.Request{Method: "PATCH", Path: one, Body: "name=Acme&slug=acme-2"}, Status: 200, Contains: []string{`"name":"Acme"`, `"slug":"acme-2"`}},
		{Name: "roles", Request: apitest.Request{Method: "GET", Path: one + "/roles?limit=10&offset=0"}, Status: 200, Contains: []string{"org:admin", "org:member", `"total_count":2`}},
		{Name: "members, paginated", Request: apitest.Request{Method: "GET", Path: one + "/memberships?paginated=true&query=ada"}, Status: 200, Contains: []string{`"total_count":1`, "ada@example.com"}},
		{Name: "members, as an array", Request: apitest.Request{Method: "GET", Path: one + "/memberships?role=org:admin"}, Status: 200, Lacks: []string{"total_count"}},
		{Name: "my memberships", Request: apitest.Request{Method: "GET", Path: "/v1/me/organization_memberships?paginated=true&limit=1&offset=0"}, Status: 200, Contains: []string{`"total_count":1`}},
		{Name: "creation defaults", Request: apitest.Request{Method: "GET", Path: "/v1/me/organization_creation_defaults"}, Status: 200},
	})

	bob.joins(t, org, ada, "org:member")
	if got := bob.acts(t, "acme-2").OK(t).Text("response", "last_active_organization_id"); got != org {
		t.Errorf("the session acts in %q", got)
	}
	o, _ := bob.claims(t)["o"].(map[string]any)
	if o["id"] != org || o["slg"] != "acme-2" || o["rol"] != "member" {
		t.Errorf("claims of a member: %v", o)
	}
	ada.Form(t, "PATCH", one+"/memberships/"+bob.user, "role", "org:admin").OK(t)
	if o, _ := bob.claims(t)["o"].(map[string]any); o["rol"] != "admin" {
		t.Errorf("claims after the promotion: %v", o)
	}
	if c := bob.claims(t, "organization_id", ""); c["o"] != nil {
		t.Errorf("a token for the personal account is about %v", c["o"])
	}
	ada.Do(t, "DELETE", one+"/memberships/"+bob.user, "").OK(t)
	if c := bob.claims(t); c["o"] != nil {
		t.Errorf("who was removed still has %v", c["o"])
	}
	if got := bob.Do(t, "GET", "/v1/client", "").OK(t).Get("response", "sessions", "0", "last_active_organization_id"); got != nil {
		t.Errorf("who was removed is shown in %v", got)
	}
	// An app that has not noticed goes on to name the organization.
	if c := bob.claims(t, "organization_id", org); c["o"] != nil || c["sts"] != "active" {
		t.Errorf("who was removed gets %v by naming the organization", c)
	}
	if a := bob.acts(t, org).OK(t); a.Get("response", "last_active_organization_id") != nil {
		t.Errorf("who was removed acts in it again: %s", a.Body)
	}
	if a := bob.acts(t, org); a.Status != 404 {
		t.Errorf("naming it once more: %d", a.Status)
	}
	ada.Do(t, "DELETE", one, "").OK(t)
	if a := ada.Do(t, "GET", one, ""); a.Status != 404 {
		t.Errorf("a deleted organization: %d", a.Status)
	}
}

func TestOrganizationClaims(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedUp(t, s, "ada@example.com")
	org := ada.founds(t, "Acme", "acme")
	back := s.BackEnd()
	for _, key := range []string{"org:invoices:create", "org:invoices:read", "org:teams:read"} {
		p := back.Do(t, "POST", "/v1/organization_permissions", `{"name":"x","key":"`+key+`"}`).OK(t).Text("id")
		back.Do(t, "POST", "/v1/organization_roles/role_organizationadmin/permissions/"+p, "").OK(t)
	}
	ada.acts(t, org).OK(t)
	c := ada.claims(t)
	o, _ := c["o"].(map[string]any)
	if c["fea"] != "o:invoices,o:teams" || o["per"] != "create,read" || o["fpm"] != "3,2" {
		t.Errorf("fea %v, o %v", c["fea"], o)
	}
	old := claims(t, ada.Send(t, apitest.Request{
		Method: "POST", Path: "/v1/client/sessions/" + ada.session + "/tokens?__clerk_api_version=2021-02-05",
	}).OK(t).Text("jwt"))
	if old["org_id"] != org || old["org_role"] != "org:admin" || old["org_slug"] != "acme" || old["o"] != nil {
		t.Errorf("claims of an old API version: %v", old)
	}
	if list, _ := old["org_permissions"].([]any); len(list) != 3 {
		t.Errorf("permissions of an old API version: %v", old["org_permissions"])
	}
}

func TestOrganizationPermissions(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob, eve := signedUp(t, s, "ada@example.com"), signedUp(t, s, "bob@example.com"), signedUp(t, s, "eve@example.com")
	org, other := ada.founds(t, "Acme", "acme"), eve.founds(t, "Evil", "evil")
	bob.joins(t, org, ada, "org:member")
	invitation := ada.invites(t, org, "carl@example.com", "org:member")
	one := "/v1/organizations/" + org
	for _, op := range []struct{ method, path, body string }{
		{"PATCH", one, "name=Mine"},
		{"DELETE", one, ""},
		{"POST", one + "/memberships", "user_id=" + eve.user + "&role=org:member"},
		{"PATCH", one + "/memberships/" + bob.user, "role=org:admin"},
		{"DELETE", one + "/memberships/" + ada.user, ""},
		{"GET", one + "/invitations", ""},
		{"GET", one + "/invitations/pending", ""},
		{"POST", one + "/invitations", "email_address=x@example.com&role=org:admin"},
		{"POST", one + "/invitations/bulk", "email_address=x@example.com&role=org:admin"},
		{"POST", one + "/invitations/" + invitation + "/revoke", ""},
		{"GET", one + "/membership_requests", ""},
	} {
		if a := bob.Send(t, apitest.Request{Method: op.method, Path: op.path, Body: op.body}); a.Status != 403 || a.Code() != "missing_organization_permission" {
			t.Errorf("a member: %s %s: %d %s", op.method, op.path, a.Status, a.Body)
		}
		if a := eve.Send(t, apitest.Request{Method: op.method, Path: op.path, Body: op.body}); a.Status != 404 || strings.Contains(string(a.Body), "Acme") {
			t.Errorf("a stranger: %s %s: %d %s", op.method, op.path, a.Status, a.Body)
		}
	}
	for _, path := range []string{one, one + "/memberships", one + "/roles"} {
		if a := bob.Do(t, "GET", path, ""); a.Status != 200 {
			t.Errorf("a member: GET %s: %d %s", path, a.Status, a.Body)
		}
		if a := eve.Do(t, "GET", path, ""); a.Status != 404 {
			t.Errorf("a stranger: GET %s: %d", path, a.Status)
		}
	}
	// Ids of one organization in the path of another.
	if a := eve.Do(t, "POST", "/v1/organizations/"+other+"/invitations/"+invitation+"/revoke", ""); a.Status != 404 {
		t.Errorf("revoking by another organization: %d %s", a.Status, a.Body)
	}
	if a := eve.Do(t, "DELETE", "/v1/organizations/"+other+"/memberships/"+bob.user, ""); a.Status != 404 {
		t.Errorf("removing by another organization: %d", a.Status)
	}
	if a := eve.Do(t, "POST", "/v1/me/organization_invitations/"+invitation+"/accept", ""); a.Status != 404 {
		t.Errorf("accepting somebody else's invitation: %d", a.Status)
	}
	if a := eve.acts(t, org); a.Status != 404 {
		t.Errorf("acting in a foreign organization: %d", a.Status)
	}
	if a := eve.Form(t, "POST", "/v1/client/sessions/"+eve.session+"/tokens", "organization_id", org); a.Status != 404 {
		t.Errorf("a token for a foreign organization: %d", a.Status)
	}
}

// TestOrganizationMassAssignment sends what only back ends may set.
func TestOrganizationMassAssignment(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedUp(t, s, "ada@example.com")
	a := ada.Form(t, "POST", "/v1/organizations", "name", "Acme", "max_allowed_memberships", "999", "created_by", "user_x",
		"public_metadata", `{"plan":"gold"}`, "private_metadata", `{"a":1}`, "admin_delete_enabled", "false", "id", "org_mine").OK(t)
	org := a.Text("response", "id")
	ada.Form(t, "PATCH", "/v1/organizations/"+org, "max_allowed_memberships", "999", "public_metadata", `{"plan":"gold"}`,
		"admin_delete_enabled", "false", "members_count", "0").OK(t)
	b := s.BackEnd().Do(t, "GET", "/v1/organizations/"+org, "").OK(t)
	if b.Get("max_allowed_memberships") == 999.0 || strings.Contains(string(b.Body), "gold") || b.Text("created_by") != ada.user ||
		b.Get("admin_delete_enabled") != true || b.Get("members_count") != 1.0 {
		t.Errorf("%s", b.Body)
	}
}

func TestOrganizationRefusals(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob := signedUp(t, s, "ada@example.com"), signedUp(t, s, "bob@example.com")
	org := ada.founds(t, "Acme", "acme")
	bob.joins(t, org, ada, "org:member")
	ada.invites(t, org, "open@example.com", "org:member")
	one := "/v1/organizations/" + org
	post := func(path, body string) apitest.Request {
		return apitest.Request{Method: "POST", Path: path, Body: body}
	}
	ada.Run(t, []apitest.Scenario{
		{Name: "no name", Request: post("/v1/organizations", "slug=x"), Status: 422, Code: "form_param_nil", Param: "name"},
		{Name: "a link as a name", Request: post("/v1/organizations", "name=visit+https://evil.test"), Status: 422, Code: "form_param_format_invalid", Param: "name"},
		{Name: "markup as a name", Request: post("/v1/organizations", "name=<b>x"), Status: 422, Code: "form_param_format_invalid", Param: "name"},
		{Name: "a long name", Request: post("/v1/organizations", "name="+strings.Repeat("x", 257)), Status: 422, Code: "form_param_max_length_exceeded", Param: "name"},
		{Name: "NUL in a name", Request: post("/v1/organizations", "name=a%00b"), Status: 422, Code: "form_param_format_invalid", Param: "name"},
		{Name: "a slug with capitals", Request: post("/v1/organizations", "name=A&slug=ACME"), Status: 422, Code: "form_param_format_invalid", Param: "slug"},
		{Name: "a taken slug", Request: post("/v1/organizations", "name=A&slug=acme"), Status: 422, Code: "form_identifier_exists", Param: "slug"},
		{Name: "an unknown role", Request: post(one+"/invitations", "email_address=x@example.com&role=org:god"), Status: 404, Code: "resource_not_found", Param: "role"},
		{Name: "no address", Request: post(one+"/invitations", "role=org:member"), Status: 422, Code: "form_param_missing", Param: "email_address"},
		{Name: "a member is invited", Request: post(one+"/invitations", "role=org:member&email_address=bob@example.com"), Status: 400, Code: "already_a_member_in_organization"},
		{Name: "some who cannot be invited", Request: post(one+"/invitations/bulk", "role=org:member&email_address=new@example.com&email_address=bob@example.com&email_address=ada@example.com"), Status: 400, Code: "already_a_member_in_organization",
			Contains: []string{`"email_addresses":["bob@example.com","ada@example.com"]`}},
		{Name: "invited twice", Request: post(one+"/invitations", "role=org:member&email_address=OPEN@example.com"), Status: 400, Code: "duplicate_record"},
		{Name: "too many at once", Request: post(one+"/invitations/bulk", "role=org:member"+strings.Repeat("&email_address=x@example.com", 11)), Status: 422, Code: "form_param_value_invalid"},
		{Name: "a member is added", Request: post(one+"/memberships", "role=org:member&user_id="+bob.user), Status: 400, Code: "already_a_member_in_organization"},
		{Name: "nobody is added", Request: post(one+"/memberships", "role=org:member&user_id=user_x"), Status: 404, Code: "resource_not_found", Param: "user_id"},
		{Name: "the last administrator leaves", Request: apitest.Request{Method: "DELETE", Path: "/v1/me/organization_memberships/" + org}, Status: 400, Code: "organization_minimum_permissions_needed"},
		{Name: "the last administrator steps down", Request: apitest.Request{Method: "PATCH", Path: one + "/memberships/" + ada.user, Body: "role=org:member"}, Status: 400, Code: "organization_minimum_permissions_needed"},
		{Name: "domains are off", Request: post(one+"/domains", "name=acme.test"), Status: 403, Code: "organization_domains_not_enabled"},
		{Name: "an unknown status", Request: apitest.Request{Method: "GET", Path: one + "/invitations?status=lost"}, Status: 422, Code: "form_param_value_invalid", Param: "status"},
		{Name: "an unknown order of pages", Request: apitest.Request{Method: "GET", Path: one + "/memberships?limit=0"}, Status: 422, Code: "form_param_value_invalid", Param: "limit"},
		{Name: "garbage for an id", Request: apitest.Request{Method: "GET", Path: "/v1/organizations/acme"}, Status: 404, Code: "resource_not_found"},
	})
	if a := s.Native().Form(t, "POST", "/v1/organizations", "name", "X"); a.Status != 401 {
		t.Errorf("signed out: %d", a.Status)
	}
}
