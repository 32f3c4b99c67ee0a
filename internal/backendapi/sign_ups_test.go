package backendapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// begunSignUp is a sign-up of a device whose address is still to be proven.
func (w *world) begunSignUp(address string) (device *apitest.Caller, id string) {
	w.t.Helper()
	device = w.Native()
	a := device.Form(w.t, "POST", "/v1/client/sign_ups", "email_address", address, "password", apitest.Password).OK(w.t)
	id = a.Text("response", "id")
	device.Form(w.t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").OK(w.t)
	return device, id
}

func (w *world) finishSignUp(device *apitest.Caller, id, address string) *apitest.Answer {
	w.t.Helper()
	return device.Form(w.t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", w.Code(w.t, address))
}

// A back end notes its own name for somebody who signs up; the user has it.
func TestNoteOnSignUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	device, id := w.begunSignUp("ada@example.com")
	path := "/v1/sign_ups/" + id
	s := w.must("GET", path, "")
	if s["status"] != "missing_requirements" || s["email_address"] != "ada@example.com" || s["password_enabled"] != true ||
		s["external_id"] != nil || s["custom_action"] != false {
		t.Errorf("begun: %v", s)
	}
	s = w.must("PATCH", path, `{"external_id":"crm-7","custom_action":true,"status":"complete","email_address":"evil@example.com","created_user_id":"user_x"}`)
	if s["external_id"] != "crm-7" || s["custom_action"] != true || s["status"] != "missing_requirements" || s["email_address"] != "ada@example.com" {
		t.Errorf("noted: %v", s)
	}
	if s = w.must("PATCH", path, `{}`); s["external_id"] != "crm-7" || s["custom_action"] != true {
		t.Errorf("nothing noted, and yet %v", s)
	}
	shown := device.Do(t, "GET", "/v1/client/sign_ups/"+id, "").OK(t)
	if shown.Text("response", "external_id") != "crm-7" {
		t.Errorf("the device is shown %s", shown.Body)
	}
	user := w.finishSignUp(device, id, "ada@example.com").OK(t).Text("response", "created_user_id")
	if u := w.must("GET", "/v1/users/"+user, ""); u["external_id"] != "crm-7" {
		t.Errorf("the user is called %v", u["external_id"])
	}
	if s = w.must("GET", path, ""); s["status"] != "complete" || s["created_user_id"] != user || s["password_enabled"] != true {
		t.Errorf("complete: %v", s)
	}
	w.refused("PATCH", path, `{"external_id":"crm-8"}`, 422, "client_state_invalid")
	w.must("DELETE", "/v1/users/"+user, "")
	if s = w.must("GET", path, ""); s["password_enabled"] != false {
		t.Errorf("after the user was deleted: %v", s)
	}
}

func TestNoteOnSignUpRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must("POST", "/v1/users", `{"email_address":["bob@example.com"],"external_id":"taken","password":"`+apitest.Password+`"}`)
	device, id := w.begunSignUp("ada@example.com")
	path := "/v1/sign_ups/" + id
	w.refused("PATCH", path, `{"external_id":"taken"}`, 422, "form_identifier_exists")
	w.refused("PATCH", path, `{"external_id":"`+strings.Repeat("x", auth.MaxExternalID+1)+`"}`, 422, "form_param_max_length_exceeded")
	w.refused("PATCH", path, `{"external_id":7}`, 422, "form_param_value_invalid")
	w.refused("PATCH", path, `{"external_id":"a\u0000b"}`, 400, "request_body_invalid")
	w.refused("PATCH", path, `{"custom_action":"maybe"}`, 422, "form_param_value_invalid")
	for _, bad := range []string{"sua_0000000000000000000000000xx", "x", "sess_x", "sua_" + strings.Repeat("0", 27)} {
		w.refused("GET", "/v1/sign_ups/"+bad, "", 404, "resource_not_found")
		w.refused("PATCH", "/v1/sign_ups/"+bad, `{"external_id":"x"}`, 404, "resource_not_found")
	}
	if s := w.must("GET", path, ""); s["external_id"] != nil || s["custom_action"] != false {
		t.Errorf("a refused request changed it: %v", s)
	}
	// A name that somebody gets meanwhile is told when the sign-up ends, and no user is made.
	w.must("PATCH", path, `{"external_id":"late"}`)
	w.must("POST", "/v1/users", `{"email_address":["cy@example.com"],"external_id":"late","password":"`+apitest.Password+`"}`)
	if a := w.finishSignUp(device, id, "ada@example.com"); a.Status != 422 || a.Code() != "form_identifier_exists" {
		t.Errorf("with a taken name: %d %s", a.Status, a.Body)
	}
	w.must("PATCH", path, `{"external_id":null}`)
	w.finishSignUp(device, id, "ada@example.com").OK(t)

	_, old := w.begunSignUp("dee@example.com")
	w.Advance(auth.AttemptLifetime + time.Second)
	if s := w.must("GET", "/v1/sign_ups/"+old, ""); s["status"] != "abandoned" {
		t.Errorf("abandoned: %v", s)
	}
	w.refused("PATCH", "/v1/sign_ups/"+old, `{"custom_action":true}`, 422, "client_state_invalid")
}

// People cannot note on their sign-up what a back end notes.
func TestOnlyBackEndsNoteOnSignUps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	device := w.Native()
	id := device.Form(t, "POST", "/v1/client/sign_ups", "email_address", "ada@example.com",
		"external_id", "mine", "custom_action", "true").OK(t).Text("response", "id")
	device.Form(t, "PATCH", "/v1/client/sign_ups/"+id, "external_id", "mine", "custom_action", "true", "first_name", "Ada").OK(t)
	if s := w.must("GET", "/v1/sign_ups/"+id, ""); s["external_id"] != nil || s["custom_action"] != false || s["first_name"] != "Ada" {
		t.Errorf("the attempt is %v", s)
	}
}
