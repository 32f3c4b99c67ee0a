package backendapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// newOrganization creates an organization and returns its id.
func (w *world) newOrganization(name, slug, creator string) string {
	w.t.Helper()
	return w.must("POST", "/v1/organizations", fmt.Sprintf(`{"name":%q,"slug":%q,"created_by":%q}`, name, slug, creator))["id"].(string)
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.newUser("ada@example.com"), w.newUser("bob@example.com")
	made := w.must("POST", "/v1/organizations", `{"name":"Acme","slug":"acme","created_by":"`+ada+`","max_allowed_memberships":7,
		"public_metadata":{"plan":"free","n":{"a":1}},"private_metadata":{"secret":1},"created_at":"2020-01-02T03:04:05Z"}`)
	id := made["id"].(string)
	if made["max_allowed_memberships"] != 7.0 || made["created_at"] != 1577934245000.0 || made["created_by"] != ada {
		t.Errorf("%v", made)
	}
	w.newOrganization("Beta", "beta", bob)
	w.Advance(time.Second)
	w.newOrganization("Gamma", "gamma", "")
	if got := w.must("GET", "/v1/organizations/acme?include_members_count=true", "")["id"]; got != id {
		t.Errorf("by slug: %v", got)
	}
	merged := w.must("PATCH", "/v1/organizations/"+id+"/metadata", `{"public_metadata":{"n":{"b":2},"plan":null},"private_metadata":{"x":true}}`)
	if got := fmt.Sprint(merged["public_metadata"], merged["private_metadata"]); got != "map[n:map[a:1 b:2]] map[secret:1 x:true]" {
		t.Errorf("merged: %s", got)
	}
	replaced := w.must("PUT", "/v1/organizations/"+id+"/metadata", `{"public_metadata":{"only":1}}`)
	if got := fmt.Sprint(replaced["public_metadata"], replaced["private_metadata"]); got != "map[only:1] map[secret:1 x:true]" {
		t.Errorf("replaced: %s", got)
	}
	if got := w.must("PATCH", "/v1/organizations/"+id, `{"name":"Acme 2","admin_delete_enabled":false,"max_allowed_memberships":0}`); got["admin_delete_enabled"] != false || got["max_allowed_memberships"] != 0.0 {
		t.Errorf("%v", got)
	}
	for query, want := range map[string]string{
		"":                                "gamma beta acme",
		"?order_by=name":                  "acme beta gamma",
		"?order_by=members_count&limit=1": "gamma",
		"?query=cm":                       "acme",
		"?user_id=" + ada:                 "acme",
		"?user_id=-" + ada:                "gamma beta",
		"?organization_id=%2B" + id:       "acme",
		"?organization_id=-" + id:         "gamma beta",
		"?limit=1&offset=1":               "beta",
		"?include_members_count=true&query=" + id: "acme",
	} {
		var slugs []string
		for _, o := range w.must("GET", "/v1/organizations"+query, "")["data"].([]any) {
			slugs = append(slugs, o.(map[string]any)["slug"].(string))
		}
		if got := strings.Join(slugs, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	w.refused("POST", "/v1/organizations", `{"name":"X","slug":"acme"}`, 422, "form_identifier_exists")
	w.refused("POST", "/v1/organizations", `{"name":"X","created_by":"user_x"}`, 404, "resource_not_found")
	w.refused("POST", "/v1/organizations", `{"name":""}`, 422, "form_param_nil")
	w.refused("POST", "/v1/organizations", `{"name":"X","max_allowed_memberships":-1}`, 422, "form_param_value_invalid")
	w.refused("POST", "/v1/organizations", `{"name":"X","public_metadata":"no"}`, 422, "form_param_value_invalid")
	w.refused("GET", "/v1/organizations?order_by=secret", "", 422, "form_param_value_invalid")
	w.refused("GET", "/v1/organizations/none", "", 404, "resource_not_found")
	if got := w.must("DELETE", "/v1/organizations/acme", ""); got["id"] != id || got["deleted"] != true {
		t.Errorf("%v", got)
	}
	w.refused("DELETE", "/v1/organizations/"+id, "", 404, "resource_not_found")
}

func TestOrganizationMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob, carl := w.newUser("ada@example.com"), w.newUser("bob@example.com"), w.newUser("carl@example.com")
	org := "/v1/organizations/" + w.newOrganization("Acme", "acme", ada)
	w.Advance(time.Second)
	added := w.must("POST", org+"/memberships", `{"user_id":"`+bob+`","role":"basic_member","private_metadata":{"a":1}}`)
	if added["role"] != "org:member" || fmt.Sprint(added["private_metadata"]) != "map[a:1]" {
		t.Errorf("%v", added)
	}
	w.Advance(time.Second)
	w.must("POST", org+"/memberships", `{"user_id":"`+carl+`","role":"org:admin"}`)
	merged := w.must("PATCH", org+"/memberships/"+bob+"/metadata", `{"public_metadata":{"b":2},"private_metadata":{"a":null}}`)
	if fmt.Sprint(merged["public_metadata"], merged["private_metadata"]) != "map[b:2] map[]" {
		t.Errorf("%v", merged)
	}
	for query, want := range map[string]string{
		"?order_by=created_at":                      "ada bob carl",
		"?order_by=-email_address":                  "carl bob ada",
		"?role=org:admin&order_by=email_address":    "ada carl",
		"?role=org:none":                            "",
		"?user_id=" + bob:                           "bob",
		"?user_id=-" + bob + "&order_by=created_at": "ada carl",
		"?email_address=carl@example.com":           "carl",
		"?query=BOB":                                "bob",
		"?limit=1&offset=1&order_by=created_at":     "bob",
	} {
		var names []string
		for _, m := range w.must("GET", org+"/memberships"+query, "")["data"].([]any) {
			who := m.(map[string]any)["public_user_data"].(map[string]any)["identifier"].(string)
			names = append(names, strings.TrimSuffix(who, "@example.com"))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := w.must("GET", "/v1/users/"+bob+"/organization_memberships", "")["total_count"]; got != 1.0 {
		t.Errorf("memberships of a user: %v", got)
	}
	if got := w.must("GET", "/v1/organization_memberships?order_by=-email_address&limit=2", "")["total_count"]; got != 3.0 {
		t.Errorf("memberships of everybody: %v", got)
	}
	for query, want := range map[string]float64{"organization_id=" + added["organization"].(map[string]any)["id"].(string): 3,
		"organization_id=-" + added["organization"].(map[string]any)["id"].(string): 0, "organization_id=org_none": 0} {
		if got := w.must("GET", "/v1/users/count?"+query, "")["total_count"]; got != want {
			t.Errorf("users with %s: %v, want %v", query, got, want)
		}
	}
	if got := w.must("PATCH", org+"/memberships/"+carl, `{"role":"org:member"}`)["role"]; got != "org:member" {
		t.Errorf("role %v", got)
	}
	w.refused("DELETE", org+"/memberships/"+ada, "", 400, "organization_minimum_permissions_needed")
	w.refused("PATCH", org+"/memberships/"+ada, `{"role":"org:member"}`, 400, "organization_minimum_permissions_needed")
	w.refused("POST", org+"/memberships", `{"user_id":"`+bob+`","role":"org:member"}`, 400, "already_a_member_in_organization")
	w.refused("POST", org+"/memberships", `{"user_id":"user_x","role":"org:member"}`, 404, "resource_not_found")
	w.refused("PATCH", org+"/memberships/"+bob, `{"role":"org:none"}`, 404, "resource_not_found")
	w.refused("PATCH", org+"/memberships/"+bob, `{}`, 422, "form_param_missing")
	w.must("DELETE", org+"/memberships/"+bob, "")
	w.refused("DELETE", org+"/memberships/"+bob, "", 404, "resource_not_found")
	w.must("DELETE", "/v1/users/"+carl, "")
	if got := w.must("GET", org, ""); got["members_count"] != 1.0 {
		t.Errorf("after a member was deleted: %v", got["members_count"])
	}
}

func TestOrganizationInvitations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.newUser("ada@example.com"), w.newUser("bob@example.com")
	id, other := w.newOrganization("Acme", "acme", ada), w.newOrganization("Other", "other", bob)
	org := "/v1/organizations/" + id
	one := w.must("POST", org+"/invitations", `{"email_address":"new@example.com","role":"org:member","inviter_user_id":"`+ada+`",
		"redirect_url":"https://app.example.com/join","expires_in_days":3,"public_metadata":{"a":1},"private_metadata":{"b":2}}`)
	if url, _ := one["url"].(string); !strings.Contains(url, "/v1/tickets/accept?ticket=pst_") || one["inviter_id"] != ada {
		t.Errorf("%v", one)
	}
	if got := int64(one["expires_at"].(float64)) - int64(one["created_at"].(float64)); got != 3*24*3600*1000 {
		t.Errorf("valid for %d ms", got)
	}
	bulk := w.must("POST", org+"/invitations/bulk", `[{"email_address":"a@example.com","role":"org:member","notify":false},
		{"email_address":"bob@example.com","role":"org:admin"}]`)
	if bulk["total_count"] != 2.0 || len(w.Messages(t, "a@example.com")) != 0 || len(w.Messages(t, "bob@example.com")) != 1 {
		t.Errorf("%v", bulk)
	}
	read := w.must("GET", org+"/invitations/"+one["id"].(string), "")
	if read["url"] != nil || fmt.Sprint(read["private_metadata"]) != "map[b:2]" {
		t.Errorf("%v", read)
	}
	for path, want := range map[string]float64{
		org + "/invitations":                             3,
		org + "/invitations?status=pending&limit=1":      3,
		org + "/invitations?status=accepted,revoked":     0,
		org + "/invitations?email_address=A@example.com": 1,
		org + "/invitations?order_by=-email_address":     3,
		org + "/invitations/pending":                     3,
		"/v1/organization_invitations?query=new":         1,
		"/v1/users/" + bob + "/organization_invitations": 1,
		"/v1/users/" + ada + "/organization_invitations": 0,
		"/v1/organizations/" + other + "/invitations":    0,
	} {
		if got := w.must("GET", path, "")["total_count"]; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	w.refused("POST", org+"/invitations", `{"email_address":"x@example.com","role":"org:member","inviter_user_id":"`+bob+`"}`, 404, "resource_not_found")
	w.refused("POST", org+"/invitations", `{"email_address":"x@example.com","role":"org:member","redirect_url":"javascript:alert(1)"}`, 422, "form_param_format_invalid")
	w.refused("POST", org+"/invitations", `{"email_address":"x@example.com","role":"org:member","expires_in_days":400}`, 422, "form_param_value_invalid")
	w.refused("POST", org+"/invitations", `{"email_address":"new@example.com","role":"org:member"}`, 400, "duplicate_record")
	w.refused("POST", org+"/invitations/bulk", `[{"email_address":"y@example.com","role":"org:member"},{"email_address":"ada@example.com","role":"org:member"}]`, 400, "already_a_member_in_organization")
	w.refused("POST", org+"/invitations/bulk", `[]`, 422, "form_param_value_invalid")
	w.refused("POST", org+"/invitations/bulk", `{"email_address":"y@example.com"}`, 400, "request_body_invalid")
	if got := w.must("GET", org+"/invitations?email_address=y@example.com", "")["total_count"]; got != 0.0 {
		t.Errorf("a refused request has invited %v", got)
	}
	invitation := one["id"].(string)
	w.refused("GET", "/v1/organizations/"+other+"/invitations/"+invitation, "", 404, "resource_not_found")
	w.refused("POST", "/v1/organizations/"+other+"/invitations/"+invitation+"/revoke", "null", 404, "resource_not_found")
	w.refused("POST", org+"/invitations/"+invitation+"/revoke", `{"requesting_user_id":"`+bob+`"}`, 404, "resource_not_found")
	if got := w.must("POST", org+"/invitations/"+invitation+"/revoke", `{"requesting_user_id":"`+ada+`"}`)["status"]; got != "revoked" {
		t.Errorf("status %v", got)
	}
	if got := w.must("GET", org, "")["pending_invitations_count"]; got != 2.0 {
		t.Errorf("%v open", got)
	}
}

func TestOrganizationRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.newUser("ada@example.com")
	org := "/v1/organizations/" + w.newOrganization("Acme", "acme", ada)
	p := w.must("POST", "/v1/organization_permissions", `{"name":"Create invoices","key":"org:invoices:create","description":"d"}`)
	if p["type"] != "user" {
		t.Errorf("%v", p)
	}
	permission := p["id"].(string)
	r := w.must("POST", "/v1/organization_roles", `{"name":"Clerk","key":"org:clerk","permissions":["`+permission+`"]}`)
	role := "/v1/organization_roles/" + r["id"].(string)
	if r["is_creator_eligible"] != false || len(r["permissions"].([]any)) != 1 {
		t.Errorf("%v", r)
	}
	w.refused("POST", role+"/permissions/"+permission, "", 409, "organization_role_permission_exists")
	w.must("DELETE", role+"/permissions/"+permission, "")
	w.refused("DELETE", role+"/permissions/"+permission, "", 404, "resource_not_found")
	w.must("POST", role+"/permissions/"+permission, "")
	w.must("PATCH", "/v1/organization_permissions/"+permission, `{"key":"org:invoices:write","name":"Write"}`)
	if got := w.must("GET", role, "")["permissions"].([]any)[0].(map[string]any)["key"]; got != "org:invoices:write" {
		t.Errorf("a renamed permission is %v in its role", got)
	}
	w.must("POST", org+"/memberships", `{"user_id":"`+w.newUser("bob@example.com")+`","role":"org:clerk"}`)
	w.refused("DELETE", role, "", 400, "organization_role_used")
	w.must("PATCH", role, `{"key":"org:writer"}`)
	if got := w.must("GET", org+"/memberships?role=org:writer", "")["total_count"]; got != 1.0 {
		t.Errorf("%v have the renamed role", got)
	}
	for path, want := range map[string]float64{
		"/v1/organization_roles": 3, "/v1/organization_roles?query=writ": 1, "/v1/organization_roles?limit=1&order_by=name": 3,
		"/v1/organization_permissions": 11, "/v1/organization_permissions?query=invoices&order_by=-key": 1,
	} {
		if got := w.must("GET", path, "")["total_count"]; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	w.must("GET", "/v1/organization_permissions/"+permission, "")
	w.must("DELETE", "/v1/organization_permissions/"+permission, "")
	if got := w.must("GET", role, "")["permissions"].([]any); len(got) != 0 {
		t.Errorf("a deleted permission is still in its role: %v", got)
	}
	w.refused("POST", "/v1/organization_permissions", `{"name":"x","key":"org:sys_profile:manage"}`, 422, "form_param_format_invalid")
	w.refused("POST", "/v1/organization_roles", `{"name":"x","key":"org:admin"}`, 422, "form_identifier_exists")
	w.refused("POST", "/v1/organization_roles", `{"name":"x"}`, 422, "form_param_missing")
	w.refused("POST", "/v1/organization_roles", `{"name":"x","key":"org:x","permissions":["perm_x"]}`, 404, "resource_not_found")
	w.refused("DELETE", "/v1/organization_roles/role_organizationadmin", "", 403, "organization_system_role_not_modifiable")
	w.refused("PATCH", "/v1/organization_roles/role_organizationadmin", `{"permissions":[]}`, 400, "organization_minimum_permissions_needed")
	w.refused("DELETE", "/v1/organization_permissions/perm_sysprofilemanage", "", 403, "organization_system_permission_not_modifiable")
}

func TestOrganizationSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	set := w.must("PATCH", "/v1/instance/organization_settings", `{"max_allowed_memberships":9,"domains_enabled":true,
		"domains_enrollment_modes":["automatic_invitation","manual_invitation"],"slug_disabled":true,"admin_delete_enabled":false}`)
	if set["max_allowed_memberships"] != 9.0 || set["domains_enabled"] != true || fmt.Sprint(set["domains_enrollment_modes"]) != "[manual_invitation automatic_invitation]" {
		t.Errorf("%v", set)
	}
	env := w.Native().Do(t, "GET", "/v1/environment", "").OK(t)
	if env.Get("organization_settings", "max_allowed_memberships") != 9.0 || env.Get("organization_settings", "slug", "disabled") != true {
		t.Errorf("the environment is older: %v", env.Get("organization_settings"))
	}
	o := w.must("POST", "/v1/organizations", `{"name":"Acme"}`)
	if o["slug"] != "" || o["max_allowed_memberships"] != 9.0 || o["admin_delete_enabled"] != false {
		t.Errorf("%v", o)
	}
	w.refused("POST", "/v1/organizations", `{"name":"Acme","slug":"acme"}`, 422, "form_param_unknown")
	w.refused("PATCH", "/v1/instance/organization_settings", `{"creator_role_id":"role_organizationmember"}`, 400, "organization_minimum_permissions_needed")
	w.refused("PATCH", "/v1/instance/organization_settings", `{"domains_default_role_id":"role_x"}`, 404, "resource_not_found")
	w.refused("PATCH", "/v1/instance/organization_settings", `{"domains_enrollment_modes":["magic"]}`, 422, "form_param_value_invalid")
	w.must("PATCH", "/v1/instance/organization_settings", `{"enabled":false}`)
	w.refused("GET", "/v1/organizations", "", 403, "organization_not_enabled_in_instance")
	if got := w.must("GET", "/v1/instance/organization_settings", "")["enabled"]; got != false {
		t.Errorf("enabled %v", got)
	}
}

func TestOrganizationDomains(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *apitest.Options) {
		o.Settings.Organizations.Domains = true
		o.Settings.Organizations.Enrollments = []auth.EnrollmentMode{auth.EnrollSuggest}
	})
	a, b := w.newOrganization("A", "a-org", ""), w.newOrganization("B", "b-org", "")
	d := w.must("POST", "/v1/organizations/"+a+"/domains", `{"name":"acme.test","enrollment_mode":"automatic_suggestion"}`)
	if d["verification"].(map[string]any)["status"] != "verified" {
		t.Errorf("%v", d)
	}
	domain := "/v1/organizations/" + a + "/domains/" + d["id"].(string)
	open := w.must("POST", "/v1/organizations/"+a+"/domains", `{"name":"open.test","verified":false}`)
	w.must("POST", "/v1/organizations/"+b+"/domains", `{"name":"open.test","verified":false}`)
	w.must("POST", "/v1/organizations/"+a+"/domains/"+open["id"].(string)+"/verify_ownership", "")
	for path, want := range map[string]float64{
		"/v1/organizations/" + a + "/domains":                                                  2,
		"/v1/organizations/" + a + "/domains?verified=true":                                    2,
		"/v1/organizations/" + a + "/domains?enrollment_mode=-automatic_suggestion":            1,
		"/v1/organization_domains":                                                             3,
		"/v1/organization_domains?verified=false":                                              1,
		"/v1/organization_domains?query=ACME&order_by=name":                                    1,
		"/v1/organization_domains?query=" + b:                                                  1,
		"/v1/organization_domains?domains=open.test&domains=acme.test":                         3,
		"/v1/organization_domains?organization_id=" + b + "&enrollment_mode=manual_invitation": 1,
	} {
		if got := w.must("GET", path, "")["total_count"]; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if got := w.must("PATCH", domain, `{"enrollment_mode":"manual_invitation","verified":false}`); got["enrollment_mode"] != "manual_invitation" || got["verification"] != nil {
		t.Errorf("%v", got)
	}
	w.refused("PATCH", domain, `{"enrollment_mode":"automatic_invitation"}`, 422, "organization_domain_enrollment_mode_not_enabled")
	w.refused("POST", "/v1/organizations/"+b+"/domains", `{"name":"open.test"}`, 422, "form_identifier_exists")
	w.refused("DELETE", "/v1/organizations/"+b+"/domains/"+d["id"].(string), "", 404, "resource_not_found")
	w.must("DELETE", domain, "")
	w.refused("DELETE", domain, "", 404, "resource_not_found")
}

// TestOrganizationMetadataBounds writes as much as fits, and more.
func TestOrganizationMetadataBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	org := "/v1/organizations/" + w.newOrganization("Acme", "acme", "")
	entries := func(n int, value string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":%s`, i, value)
		}
		return `{"public_metadata":{"first":0` + b.String() + `}}`
	}
	if got := w.must("PUT", org+"/metadata", entries(500, "1"))["public_metadata"].(map[string]any); len(got) != 501 {
		t.Errorf("%d entries came back", len(got))
	}
	w.refused("PUT", org+"/metadata", entries(10_000, "1"), 422, "form_param_max_length_exceeded")
	w.refused("PUT", org+"/metadata", entries(300, `"`+strings.Repeat("x", 100)+`"`), 422, "form_param_max_length_exceeded")
	w.refused("PATCH", org+"/metadata", `{"public_metadata":{"a":"\u0000"}}`, 400, "request_body_invalid")
	w.refused("PATCH", org+"/metadata", `{"public_metadata":[1]}`, 422, "form_param_value_invalid")
	if got := w.must("GET", org, "")["public_metadata"].(map[string]any); len(got) != 501 {
		t.Errorf("%d entries are left", len(got))
	}
}

func TestRoleSets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.newUser("ada@example.com"), w.newUser("bob@example.com")
	w.must("POST", "/v1/organization_roles", `{"name":"Boss","key":"org:boss","include_in_initial_role_set":false,
		"permissions":["org:sys_profile:manage","org:sys_memberships:manage","org:sys_memberships:read"]}`)
	w.must("POST", "/v1/organization_roles", `{"name":"Guest","key":"org:guest","include_in_initial_role_set":false}`)
	w.must("POST", "/v1/organization_roles", `{"name":"Clerk","key":"org:clerk"}`)
	initial := w.must("GET", "/v1/role_sets/role_set:default", "")
	if initial["type"] != "initial" || len(initial["roles"].([]any)) != 3 || initial["creator_role"].(map[string]any)["key"] != "org:admin" {
		t.Errorf("%v", initial)
	}
	old := "/v1/organizations/" + w.newOrganization("Old", "old", ada)
	w.refused("POST", old+"/memberships", `{"user_id":"`+bob+`","role":"org:guest"}`, 404, "resource_not_found")

	const create = `{"name":"Partner Sites","roles":["org:boss","org:guest"],"default_role_key":"org:guest","creator_role_key":"org:boss"}`
	set := w.must("POST", "/v1/role_sets", create)
	if set["key"] != "role_set:partner_sites" || set["type"] != "custom" {
		t.Errorf("%v", set)
	}
	w.refused("POST", "/v1/role_sets", create, 422, "form_identifier_exists")
	w.refused("POST", "/v1/role_sets", `{"name":"X","roles":["org:guest"],"default_role_key":"org:guest","creator_role_key":"org:guest"}`, 400, "organization_minimum_permissions_needed")
	w.refused("POST", "/v1/role_sets", `{"name":"X","roles":["org:guest"],"default_role_key":"org:admin","creator_role_key":"org:admin"}`, 404, "resource_not_found")
	w.refused("POST", "/v1/role_sets", `{"name":"X","roles":[],"default_role_key":"a","creator_role_key":"b"}`, 422, "form_param_value_invalid")
	w.refused("GET", "/v1/role_sets/role_set:none", "", 404, "resource_not_found")

	site := w.must("POST", "/v1/organizations", `{"name":"Site","slug":"site","created_by":"`+ada+`","role_set_key":"role_set:partner_sites"}`)
	org := "/v1/organizations/" + site["id"].(string)
	roles := func(of string) (out string) {
		for _, m := range w.must("GET", of+"/memberships?order_by=email_address", "")["data"].([]any) {
			out += m.(map[string]any)["role"].(string) + " "
		}
		return out
	}
	w.refused("POST", org+"/memberships", `{"user_id":"`+bob+`","role":"org:member"}`, 404, "resource_not_found")
	w.must("POST", org+"/memberships", `{"user_id":"`+bob+`","role":"org:guest"}`)
	if got := roles(org); got != "org:boss org:guest " {
		t.Errorf("members are %s", got)
	}
	w.refused("PATCH", org, `{"role_set_key":"role_set:default"}`, 400, "organization_role_used")

	key := "/v1/role_sets/role_set:partner_sites"
	if got := w.must("POST", key+"/roles", `{"role_keys":["org:clerk"],"default_role_key":"org:clerk"}`); len(got["roles"].([]any)) != 3 || got["default_role"].(map[string]any)["key"] != "org:clerk" {
		t.Errorf("%v", got)
	}
	w.refused("POST", key+"/roles/replace", `{"role_key":"org:boss","to_role_key":"org:clerk"}`, 403, "organization_system_role_not_modifiable")
	w.must("POST", key+"/roles/replace", `{"role_key":"org:guest","to_role_key":"org:clerk"}`)
	if got := roles(org); got != "org:boss org:clerk " {
		t.Errorf("after the role was replaced members are %s", got)
	}
	w.refused("POST", key+"/replace", `{"dest_role_set_key":"role_set:default"}`, 404, "resource_not_found")
	w.refused("POST", key+"/replace", `{"dest_role_set_key":"role_set:default","reassignment_mappings":{"org:boss":"org:member"}}`, 400, "organization_minimum_permissions_needed")
	w.refused("POST", "/v1/role_sets/role_set:default/replace", `{"dest_role_set_key":"role_set:partner_sites"}`, 403, "organization_system_role_not_modifiable")
	w.must("POST", key+"/replace", `{"dest_role_set_key":"role_set:default","reassignment_mappings":{"org:boss":"org:admin"}}`)
	if got := roles(org); got != "org:admin org:clerk " {
		t.Errorf("after the set was replaced members are %s", got)
	}
	w.refused("GET", key, "", 404, "resource_not_found")

	// Another set becomes the initial one; organizations keep theirs.
	w.must("POST", "/v1/role_sets", `{"name":"New","key":"role_set:new","roles":["org:boss","org:clerk"],"default_role_key":"org:clerk","creator_role_key":"org:boss","type":"initial"}`)
	if got := roles("/v1/organizations/" + w.newOrganization("Next", "next", ada)); got != "org:boss " {
		t.Errorf("the creator of a new organization is %s", got)
	}
	w.must("POST", old+"/memberships", `{"user_id":"`+bob+`","role":"org:member"}`)
	env := w.Native().Do(t, "GET", "/v1/environment", "").OK(t)
	if env.Text("organization_settings", "creator_role") != "org:boss" || env.Text("organization_settings", "domains", "default_role") != "org:clerk" {
		t.Errorf("%v", env.Get("organization_settings"))
	}
	w.must("PATCH", "/v1/role_sets/role_set:new", `{"name":"Newer","default_role_key":"org:boss"}`)
	if got := w.must("GET", "/v1/instance/organization_settings", ""); got["domains_default_role"] != "org:boss" || got["creator_role"] != "org:boss" {
		t.Errorf("%v", got)
	}
	if got := w.must("GET", "/v1/role_sets?query=new&order_by=key", "")["total_count"]; got != 1.0 {
		t.Errorf("%v sets", got)
	}
	w.refused("DELETE", "/v1/organization_roles/"+w.must("GET", "/v1/organization_roles?query=boss", "")["data"].([]any)[0].(map[string]any)["id"].(string), "", 403, "organization_system_role_not_modifiable")
}
