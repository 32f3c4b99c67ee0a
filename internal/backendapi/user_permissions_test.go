package backendapi_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// What a back end decides about one user holds for that user, in both APIs and
// whatever the instance says, until it decides otherwise.
func TestUserPermissions(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, app := s.BackEnd(), s.Native()
	app.SignUp(t, "ada@example.com")
	id := userOf(t, app)
	decide := func(body string) {
		t.Helper()
		told := back.Do(t, "PATCH", "/v1/users/"+id, body).OK(t)
		seen := app.Do(t, "GET", "/v1/me", "").OK(t)
		for _, name := range []string{"delete_self_enabled", "create_organization_enabled", "create_organizations_limit"} {
			if told.Get(name) != seen.Get("response", name) {
				t.Errorf("%s: %s is %v to the back end and %v to the user", body, name, told.Get(name), seen.Get("response", name))
			}
		}
	}
	found := func() *apitest.Answer { return app.Form(t, "POST", "/v1/organizations", "name", "Acme") }

	decide(`{"create_organization_enabled":false}`)
	found().Is(t, 403, "organization_creation_not_allowed")
	decide(`{"create_organization_enabled":true,"create_organizations_limit":1}`)
	found().OK(t)
	found().Is(t, 403, "organization_creation_quota_exceeded")
	decide(`{"create_organizations_limit":0}`) // any number
	found().OK(t)
	back.Do(t, "PATCH", "/v1/instance/settings", `{"delete_self":false,"organizations":{"create_organization":false}}`).OK(t)
	decide(`{"create_organization_enabled":null,"first_name":"Ada"}`) // stays
	found().OK(t)

	app.Do(t, "DELETE", "/v1/me", "").Is(t, 403, "authorization_invalid")
	back.Do(t, "PATCH", "/v1/instance/settings", `{"delete_self":true}`).OK(t)
	decide(`{"delete_self_enabled":false}`)
	app.Do(t, "DELETE", "/v1/me", "").Is(t, 403, "authorization_invalid")
	back.Do(t, "PATCH", "/v1/users/"+id, `{"create_organizations_limit":-1}`).Is(t, 422, "form_param_value_invalid")
	decide(`{"delete_self_enabled":true}`)
	app.Do(t, "DELETE", "/v1/me", "").OK(t)

	made := back.Do(t, "POST", "/v1/users", `{"email_address":["bob@example.com"],"delete_self_enabled":false,
		"create_organization_enabled":true,"create_organizations_limit":7}`).OK(t)
	if made.Get("delete_self_enabled") != false || made.Get("create_organization_enabled") != true || made.Get("create_organizations_limit") != 7.0 {
		t.Errorf("created: %s", made.Body)
	}
}

// A former primary address is told when a back end wants it, and only when
// another one took its place.
func TestFormerPrimaryAddressIsTold(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back := s.BackEnd()
	user := back.Do(t, "POST", "/v1/users", `{"email_address":["first@example.com","second@example.com"]}`).OK(t)
	id, second := user.Text("id"), user.Text("email_addresses", "1", "id")
	for _, step := range []struct {
		method, path, body, former string // who is told, or nobody
	}{
		{"PATCH", "/v1/users/" + id, `{"primary_email_address_id":"` + second + `"}`, ""},
		{"PATCH", "/v1/users/" + id, `{"primary_email_address_id":"` + second + `","notify_primary_email_address_changed":true}`, ""},
		{"PATCH", "/v1/users/" + id, `{"primary_email_address_id":"` + user.Text("email_addresses", "0", "id") + `","notify_primary_email_address_changed":true}`, "second@example.com"},
		{"PATCH", "/v1/email_addresses/" + second, `{"primary":true,"notify_primary_email_address_changed":true}`, "first@example.com"},
		{"POST", "/v1/email_addresses", `{"user_id":"` + id + `","email_address":"third@example.com","verified":true,"primary":true,"notify_primary_email_address_changed":true}`, "second@example.com"},
		{"PUT", "/v1/users/" + id + "/email_address", `{"email_address":"fourth@example.com","identification_status":"verified","notify_primary_email_address_changed":true}`, "third@example.com"},
	} {
		before := len(s.Messages(t, ""))
		back.Do(t, step.method, step.path, step.body).OK(t)
		mails := s.Messages(t, "")
		switch told := len(mails) - before; {
		case step.former == "" && told == 0:
		case step.former != "" && told == 1 && len(s.Messages(t, step.former)) > 0 && s.Messages(t, step.former)[0].Subject == "The address of your Test account was changed":
		default:
			t.Errorf("%s %s %s: %d mails: %+v", step.method, step.path, step.body, told, mails)
		}
	}
}

// The session of a sign-in token acts in the organization that the back end
// named, if the user is still a member.
func TestSignInTokenOfAnOrganization(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back, owner, other := s.BackEnd(), s.Native(), s.Native()
	owner.SignUp(t, "ada@example.com")
	other.SignUp(t, "bob@example.com")
	id, bob := userOf(t, owner), userOf(t, other)
	org := owner.Form(t, "POST", "/v1/organizations", "name", "Acme").OK(t).Text("response", "id")
	theirs := other.Form(t, "POST", "/v1/organizations", "name", "Theirs").OK(t).Text("response", "id")
	back.Do(t, "POST", "/v1/sign_in_tokens", `{"user_id":"`+id+`","org_id":"`+theirs+`"}`).Is(t, 404, "resource_not_found")
	back.Do(t, "POST", "/v1/sign_in_tokens", `{"user_id":"`+id+`","org_id":"org_none"}`).Is(t, 404, "resource_not_found")
	enter := func(user, org string, between func()) any {
		t.Helper()
		made := back.Do(t, "POST", "/v1/sign_in_tokens", `{"user_id":"`+user+`","org_id":"`+org+`"}`).OK(t)
		between()
		app := s.Native()
		app.Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", made.Text("token")).OK(t)
		return app.Do(t, "GET", "/v1/client", "").OK(t).Get("response", "sessions", "0", "last_active_organization_id")
	}
	if got := enter(id, org, func() {}); got != org {
		t.Errorf("the session acts in %v", got)
	}
	back.Do(t, "POST", "/v1/organizations/"+theirs+"/memberships", `{"user_id":"`+id+`","role":"org:member"}`).OK(t)
	if got := enter(id, theirs, func() {
		back.Do(t, "DELETE", "/v1/organizations/"+theirs+"/memberships/"+id, "").OK(t)
	}); got != nil {
		t.Errorf("the session of somebody who left acts in %v", got)
	}
	back.Do(t, "PATCH", "/v1/instance/settings", `{"organizations":{"enabled":false}}`).OK(t)
	back.Do(t, "POST", "/v1/sign_in_tokens", `{"user_id":"`+bob+`","org_id":"`+theirs+`"}`).Is(t, 403, "organization_not_enabled_in_instance")
}
