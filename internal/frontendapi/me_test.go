package frontendapi_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

func TestUpdateMe(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withUsernames)
	a, other := nativeApp(s), nativeApp(s)
	a.signUp(t, "a@example.com")
	other.signUp(t, "b@example.com")
	other.must(t, "PATCH", "/v1/me", form("username", "Grace_H"))
	foreign := other.must(t, "GET", "/v1/me", nil).text("response.primary_email_address_id")
	got := a.must(t, "PATCH", "/v1/me", form("first_name", "Ada", "last_name", "Lovelace", "username", "Ada-L"))
	for path, want := range map[string]any{
		"response.first_name": "Ada", "response.username": "ada-l", "client.sessions.0.user.last_name": "Lovelace",
	} {
		if got.at(path) != want {
			t.Errorf("%s is %v, want %v", path, got.at(path), want)
		}
	}
	if got := a.must(t, "PATCH", "/v1/me", form("last_name", "")); got.at("response.last_name") != nil || got.at("response.first_name") != "Ada" {
		t.Errorf("an empty value clears, an absent one stays: %v", got)
	}
	me := func(method, path string, pairs ...string) apitest.Request {
		return apitest.Request{Method: method, Path: path, Body: form(pairs...).Encode()}
	}
	a.Run(t, []apitest.Scenario{
		{Name: "taken username", Request: me("PATCH", "/v1/me", "username", "grace_h"), Status: 422, Code: "form_identifier_exists", Param: "username"},
		{Name: "bad username", Request: me("PATCH", "/v1/me", "username", "a b c d"), Status: 422, Code: "form_username_invalid_character"},
		{Name: "long name", Request: me("PATCH", "/v1/me", "first_name", strings.Repeat("x", 257)), Status: 422, Code: "form_param_max_length_exceeded"},
		{Name: "somebody else's address", Request: me("PATCH", "/v1/me", "primary_email_address_id", foreign), Status: 404,
			Code: "resource_not_found", Param: "primary_email_address_id"},
		{Name: "a phone number nobody has", Request: me("PATCH", "/v1/me", "primary_phone_number_id", "idn_1"), Status: 404, Code: "resource_not_found"},
		{Name: "private metadata is not theirs", Request: me("PATCH", "/v1/me", "private_metadata", `{"role":"admin"}`, "public_metadata", `{"role":"admin"}`,
			"external_id", "x", "banned", "false"), Status: 200, Lacks: []string{"admin", `"external_id":"x"`, "private_metadata"}},
	})
	if got := backend(t, s, "GET", "/v1/users/"+a.must(t, "GET", "/v1/me", nil).text("response.id"), ""); strings.Contains(string(got.Body), "admin") {
		t.Errorf("a person wrote what only the back end may: %v", got)
	}
	// A username signs in like an address.
	nativeApp(s).must(t, "POST", "/v1/client/sign_ins", form("identifier", "ADA-L", "password", password))
}

func TestMergeMyMetadata(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	a.signUp(t, "a@example.com")
	const path = "/v1/me/metadata"
	a.must(t, "PATCH", path, form("unsafe_metadata", `{"a":{"b":1,"c":2},"d":3}`))
	got := a.must(t, "PATCH", path, form("unsafe_metadata", `{"a":{"b":null,"e":5},"d":null}`))
	if got.at("response.unsafe_metadata.a.c") != float64(2) || got.at("response.unsafe_metadata.a.e") != float64(5) ||
		has(got, "response.unsafe_metadata.a.b") || has(got, "response.unsafe_metadata.d") {
		t.Errorf("merged: %v", got)
	}
	a.refused(t, "PATCH", path, form(), 422, "form_param_missing")
	a.refused(t, "PATCH", path, form("unsafe_metadata", `[]`), 422, "form_param_value_invalid")
	a.refused(t, "PATCH", path, form("unsafe_metadata", `{"a":"`+strings.Repeat("x", 300<<10)+`"}`), 422, "form_param_max_length_exceeded")
	if got := a.must(t, "GET", "/v1/me", nil); got.at("response.unsafe_metadata.a.e") != float64(5) {
		t.Errorf("a refused merge changed something: %v", got)
	}
}

func TestListMyEmails(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	a.refused(t, "GET", "/v1/me/email_addresses", nil, 401, "authentication_invalid")
	a.signUp(t, "a@example.com")
	if got := a.must(t, "GET", "/v1/me/email_addresses", nil); got.text("0.email_address") != "a@example.com" || got.text("0.verification.status") != "verified" {
		t.Errorf("%v", got)
	}
}

func TestResetPasswordAgainAfterLostAnswer(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	nativeApp(s).signUp(t, "a@example.com")
	a := nativeApp(s)
	step := "/v1/client/sign_ins/" + a.must(t, "POST", "/v1/client/sign_ins",
		form("identifier", "a@example.com", "strategy", "reset_password_email_code")).text("response.id")
	a.must(t, "POST", step+"/attempt_first_factor", form("strategy", "reset_password_email_code", "code", s.Code(t, "a@example.com")))
	const newer = "another staple altogether"
	first := a.must(t, "POST", step+"/reset_password", form("password", newer))
	again := a.must(t, "POST", step+"/reset_password", form("password", newer))
	if again.text("response.created_session_id") != first.text("response.created_session_id") {
		t.Errorf("again: %v", again)
	}
	a.refused(t, "POST", step+"/reset_password", form("password", "yet another one here"), 422, "client_state_invalid")
	nativeApp(s).must(t, "POST", "/v1/client/sign_ins", form("identifier", "a@example.com", "password", newer))
}

func TestTemplatesDoNotExist(t *testing.T) {
	t.Parallel()
	a := nativeApp(apitest.Start(t))
	sid := a.signUp(t, "a@example.com")
	a.refused(t, "POST", "/v1/client/sessions/"+sid+"/tokens/hasura", nil, 404, "resource_not_found")
	a.refused(t, "POST", "/v1/client/sessions/"+sid+"/touch", form("active_organization_id", "org_1"), 404, "resource_not_found")
	if len(a.sessions(t)) != 1 {
		t.Error("a refusal ended the session")
	}
}
