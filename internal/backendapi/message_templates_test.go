package backendapi_test

import (
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// Templates are what messages say: the next code is sent in the words that were
// set, and after a revert in those of the server.
func TestMessageTemplates(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back := s.BackEnd()
	const path = "/v1/templates/email/verification_code"
	first := back.Do(t, "GET", path, "").OK(t)
	if first.Text("resource_type") != "system" || first.Get("can_revert") != false || first.Get("instance_id") != nil ||
		first.Get("delivered_by_clerk") != true || first.Text("required_variables", "0") != "otp_code" {
		t.Errorf("system template: %s", first.Body)
	}
	changed := back.Do(t, "PUT", path, `{"name":"Our code","subject":"Code for {{app.name}}","markup":"<re-html/>",
		"body":"<p>Code <b>{{otp_code}}</b> for {{recipient}}</p>","from_email_name":"codes","reply_to_email_name":"help"}`).OK(t)
	if got := back.Do(t, "GET", path, "").OK(t); string(got.Body) != string(changed.Body) || got.Text("resource_type") != "user" ||
		got.Text("instance_id") != "ins_test" || got.Get("can_revert") != true || got.Text("from_email_name") != "codes" ||
		got.Text("markup") != "<re-html/>" || got.Get("created_at") != float64(s.Now().UnixMilli()) {
		t.Errorf("changed %s, got %s", changed.Body, got.Body)
	}
	back.Do(t, "PUT", path, `{"name":"Renamed","subject":null}`).OK(t)
	s.Browser("https://localhost:3000").SignUp(t, "ada@example.com")
	code := s.Code(t, "ada@example.com")
	if m := s.Messages(t, "ada@example.com")[0]; m.HTML != "<p>Code <b>"+code+"</b> for ada@example.com</p>" ||
		m.Subject != strings.ReplaceAll(strings.ReplaceAll(first.Text("subject"), "{{otp_code}}", code), "{{app.name}}", s.Options.Settings.ApplicationName) {
		t.Errorf("sent %+v", m)
	}
	if got := back.Do(t, "POST", path+"/revert", "").OK(t); string(got.Body) != string(first.Body) {
		t.Errorf("reverted to %s", got.Body)
	}
	s.Browser("https://localhost:3000").SignUp(t, "bob@example.com")
	if m := s.Messages(t, "bob@example.com")[0]; !strings.HasPrefix(m.HTML, "<!DOCTYPE html>") || !strings.Contains(m.Body, s.Code(t, "bob@example.com")) {
		t.Errorf("sent %+v", m)
	}
}

func TestMessageTemplateLists(t *testing.T) {
	t.Parallel()
	back := apitest.Start(t).BackEnd()
	mails := back.Do(t, "GET", "/v1/templates/email?paginated=true", "").OK(t)
	texts := back.Do(t, "GET", "/v1/templates/sms", "").OK(t)
	if mails.Get("total_count") != 12.0 || mails.Text("data", "8", "slug") != "organization_invitation" || mails.Get("data", "8", "position") != 8.0 {
		t.Errorf("mails: %s", mails.Body)
	}
	if texts.Text("2", "slug") != "account_exists" || texts.Has("3") || texts.Get("0", "subject") != nil || texts.Text("0", "template_type") != "sms" {
		t.Errorf("texts: %s", texts.Body)
	}
	if got := back.Do(t, "GET", "/v1/templates/email?limit=2&offset=11", "").OK(t); got.Text("0", "slug") != "passkey_removed" || got.Has("1") {
		t.Errorf("last page: %s", got.Body)
	}
	if got := back.Do(t, "GET", "/v1/templates/email?offset=50", "").OK(t); string(got.Body) != "[]" {
		t.Errorf("beyond: %s", got.Body)
	}
	back.Do(t, "GET", "/v1/templates/pigeon", "").Is(t, 422, "form_param_value_invalid")
}

// What is switched off is not sent, and switching it on again sends it.
func TestMessageDelivery(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back := s.BackEnd()
	const path = "/v1/templates/email/invitation"
	invite := func(to string) {
		back.Do(t, "POST", "/v1/invitations", `{"email_address":"`+to+`"}`).OK(t)
	}
	off := back.Do(t, "POST", path+"/toggle_delivery", `{"delivered_by_clerk":false}`).OK(t)
	back.Do(t, "POST", path+"/toggle_delivery", `{"delivered_by_clerk":false}`).OK(t)
	if off.Get("delivered_by_clerk") != false || off.Get("can_revert") != true {
		t.Errorf("off: %s", off.Body)
	}
	invite("a@example.com")
	if got := s.Messages(t, "a@example.com"); len(got) != 0 {
		t.Errorf("sent %+v", got)
	}
	back.Do(t, "PUT", path, `{"delivered_by_clerk":null}`).OK(t)
	on := back.Do(t, "PUT", path, `{"delivered_by_clerk":true}`).OK(t)
	if on.Get("delivered_by_clerk") != true || on.Text("resource_type") != "system" {
		t.Errorf("on: %s", on.Body)
	}
	invite("b@example.com")
	if got := s.Messages(t, "b@example.com"); len(got) != 1 || got[0].Link == "" {
		t.Errorf("sent %+v", got)
	}
}

// What somebody needs to get in is not switched off: nobody else would send it.
func TestMessageDeliveryStaysOn(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	back := s.BackEnd()
	for _, slug := range []string{"email/verification_code", "email/magic_link", "email/reset_password_code", "sms/verification_code"} {
		path := "/v1/templates/" + slug
		a := back.Do(t, "POST", path+"/toggle_delivery", `{"delivered_by_clerk":false}`).Is(t, 501, "not_implemented")
		if a.Text("errors", "0", "meta", "param_name") != "delivered_by_clerk" {
			t.Errorf("%s: %s", slug, a.Body)
		}
		back.Do(t, "PUT", path, `{"delivered_by_clerk":false}`).Is(t, 501, "not_implemented")
		if got := back.Do(t, "GET", path, "").OK(t); got.Get("delivered_by_clerk") != true {
			t.Errorf("%s: %s", slug, got.Body)
		}
	}
	s.Native().SignUp(t, "ada@example.com") // with a code that was sent
}

// A preview shows what would be sent, with examples, and changes nothing.
func TestMessageTemplatePreview(t *testing.T) {
	t.Parallel()
	back := apitest.Start(t).BackEnd()
	const path = "/v1/templates/email/organization_invitation"
	before := back.Do(t, "GET", path, "").OK(t)
	got := back.Do(t, "POST", path+"/preview", `{"subject":"To {{org.name}}","body":"<a href=\"{{action_url}}\">Join</a>","from_email_name":"team"}`).OK(t)
	if got.Text("subject") != "To Example Organization" || got.Text("body") != `<a href="https://example.com/invitation">Join</a>` || got.Text("from_email_name") != "team" {
		t.Errorf("preview: %s", got.Body)
	}
	if got := back.Do(t, "POST", path+"/preview", "").OK(t); strings.Contains(got.Text("body"), "{{") || !strings.Contains(got.Text("body"), "https://example.com/invitation") {
		t.Errorf("as it is: %s", got.Body)
	}
	if got := back.Do(t, "POST", "/v1/templates/sms/verification_code/preview", `{"body":"{{otp_code}}!"}`).OK(t); got.Text("body") != "424242!" || got.Get("subject") != nil {
		t.Errorf("text: %s", got.Body)
	}
	if after := back.Do(t, "GET", path, "").OK(t); string(after.Body) != string(before.Body) {
		t.Errorf("changed: %s", after.Body)
	}
}

func TestMessageTemplatesRefuse(t *testing.T) {
	t.Parallel()
	back := apitest.Start(t).BackEnd()
	const path = "/v1/templates/email/verification_code"
	for _, tt := range []struct{ name, body, code, param string }{
		{"unknown variable", `{"body":"{{otp_code}} {{user.password}}"}`, "form_param_value_invalid", "body"},
		{"required variable", `{"body":"hello"}`, "form_param_value_invalid", "body"},
		{"escape", `{"body":"{{otp_code}}\u001b[2J"}`, "form_param_format_invalid", "body"},
		{"header", `{"subject":"a\r\nBcc: b@example.com"}`, "form_param_format_invalid", "subject"},
		{"large", `{"body":"{{otp_code}}` + strings.Repeat("x", 70_000) + `"}`, "form_param_max_length_exceeded", "body"},
		{"sender", `{"from_email_name":"a@b.example"}`, "form_param_value_invalid", "from_email_name"},
		{"type", `{"delivered_by_clerk":"no"}`, "form_param_value_invalid", "delivered_by_clerk"},
	} {
		a := back.Do(t, "PUT", path, tt.body)
		if a.Status != 422 || a.Code() != tt.code || a.Text("errors", "0", "meta", "param_name") != tt.param {
			t.Errorf("%s: %d %s", tt.name, a.Status, a.Body)
		}
	}
	if got := back.Do(t, "GET", path, "").OK(t); got.Text("resource_type") != "system" {
		t.Errorf("a refused change changed %s", got.Body)
	}
	back.Do(t, "PUT", path, `{"body":"{{otp_code}}\u0000"}`).Is(t, 400, "request_body_invalid")
	back.Do(t, "POST", path+"/toggle_delivery", `{}`).Is(t, 422, "form_param_missing")
	for _, at := range []string{"/v1/templates/email/no_such", "/v1/templates/sms/invitation", "/v1/templates/pigeon/verification_code"} {
		back.Do(t, "GET", at, "").Is(t, 404, "resource_not_found")
		back.Do(t, "PUT", at, `{"name":"x"}`).Is(t, 404, "resource_not_found")
		for _, action := range []string{"/preview", "/revert", "/toggle_delivery"} {
			back.Do(t, "POST", at+action, "{}").Is(t, 404, "resource_not_found")
		}
	}
}
