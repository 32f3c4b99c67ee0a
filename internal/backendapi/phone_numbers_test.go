package backendapi_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func withPhones(o *apitest.Options) {
	o.Settings.Phone = auth.UseOptional
	o.Settings.SecondFactors.PhoneCode = true
}

// newPhone adds a verified number and returns its id.
func (w *world) newPhone(user, number string) string {
	w.t.Helper()
	return w.must("POST", "/v1/phone_numbers", fmt.Sprintf(`{"user_id":%q,"phone_number":%q,"verified":true}`, user, number))["id"].(string)
}

func TestPhoneNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPhones)
	ada := w.newUser("ada@example.com")
	p := w.must("POST", "/v1/phone_numbers", `{"user_id":"`+ada+`","phone_number":"+1 (555) 555-0100"}`)
	id := p["id"].(string)
	if p["phone_number"] != "+15555550100" || p["verification"] != nil || p["reserved_for_second_factor"] != false {
		t.Errorf("unproven number %v", p)
	}
	if u := w.must("GET", "/v1/users/"+ada, ""); u["primary_phone_number_id"] != nil {
		t.Errorf("an unproven number became primary: %v", u["primary_phone_number_id"])
	}
	w.refused("PATCH", "/v1/phone_numbers/"+id, `{"primary":true}`, 422, "primary_identification_not_verified")
	w.refused("PATCH", "/v1/phone_numbers/"+id, `{"reserved_for_second_factor":true}`, 422, "primary_identification_not_verified")
	p = w.must("PATCH", "/v1/phone_numbers/"+id, `{"verified":true}`)
	if v := p["verification"].(map[string]any); v["status"] != "verified" || v["strategy"] != "admin" {
		t.Errorf("verification %v", v)
	}
	if u := w.must("GET", "/v1/users/"+ada, ""); u["primary_phone_number_id"] != id || u["two_factor_enabled"] != false {
		t.Errorf("user %v", u)
	}
	p = w.must("PATCH", "/v1/phone_numbers/"+id, `{"reserved_for_second_factor":true}`)
	if p["reserved_for_second_factor"] != true || p["default_second_factor"] != true {
		t.Errorf("reserved number %v", p)
	}
	if u := w.must("GET", "/v1/users/"+ada, ""); u["two_factor_enabled"] != true || u["mfa_enabled_at"] == nil {
		t.Errorf("no second factor: %v", u)
	}
	// A proof that is withdrawn takes everything that needed it along.
	if p = w.must("PATCH", "/v1/phone_numbers/"+id, `{"verified":false}`); p["reserved_for_second_factor"] != false || p["verification"] != nil {
		t.Errorf("withdrawn number %v", p)
	}
	if u := w.must("GET", "/v1/users/"+ada, ""); u["primary_phone_number_id"] != nil || u["two_factor_enabled"] != false {
		t.Errorf("user %v", u)
	}
	if got := w.must("DELETE", "/v1/phone_numbers/"+id, ""); got["object"] != "phone_number" || got["id"] != id || got["deleted"] != true {
		t.Errorf("deletion %v", got)
	}
	w.refused("GET", "/v1/phone_numbers/"+id, "", 404, "resource_not_found")
}

func TestPhoneNumberRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.newUser("ada@example.com"), w.newUser("bob@example.com")
	id := w.newPhone(ada, "+15555550100")
	email := w.must("GET", "/v1/users/"+ada, "")["primary_email_address_id"].(string)
	body := func(user, number string) string {
		return fmt.Sprintf(`{"user_id":%q,"phone_number":%q,"verified":true,"id":"idn_evil","default_second_factor":true}`, user, number)
	}
	post, path := "/v1/phone_numbers", "/v1/phone_numbers/"+id
	w.refused("POST", post, `{}`, 422, "form_param_missing")
	w.refused("POST", post, body(ada, "+15555550100"), 422, "form_identifier_exists")
	w.refused("POST", post, body(bob, "+15555550100"), 422, "form_identifier_exists")
	w.refused("POST", post, body(bob, "555"), 422, "form_param_format_invalid")
	w.refused("POST", post, body(bob, "+１5555550101"), 422, "form_param_format_invalid")
	w.refused("POST", post, `{"user_id":"`+bob+`","phone_number":"+1555\u00005550101"}`, 400, "request_body_invalid")
	w.refused("POST", post, body("user_0000000000000000000000000xx", "+15555550101"), 404, "resource_not_found")
	w.refused("PATCH", path, `{"verified":"yes"}`, 422, "form_param_value_invalid")
	w.refused("PATCH", path, `{"reserved_for_second_factor":true}`, 422, "form_param_value_invalid") // switched off
	w.refused("GET", "/v1/phone_numbers/"+email, "", 404, "resource_not_found")
	w.refused("DELETE", "/v1/phone_numbers/"+email, "", 404, "resource_not_found")
	w.refused("GET", "/v1/email_addresses/"+id, "", 404, "resource_not_found")
	w.refused("PUT", "/v1/users/"+bob+"/phone_number", `{"phone_number":"+15555550100"}`, 422, "form_identifier_exists")
	w.refused("PUT", "/v1/users/"+bob+"/phone_number", `{"phone_number":"+15555550101","identification_status":"odd"}`, 422, "form_param_value_invalid")
	p := w.must("POST", post, body(bob, "+15555550102"))
	if p["id"] == "idn_evil" || p["default_second_factor"] != false {
		t.Errorf("unpublished members took effect: %v", p)
	}
	if u := w.must("GET", "/v1/users/"+ada, ""); len(u["phone_numbers"].([]any)) != 1 {
		t.Errorf("ada has %v", u["phone_numbers"])
	}
}

func TestReplacePhoneNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPhones)
	ada := w.newUser("ada@example.com")
	kept := w.newPhone(ada, "+15555550100")
	w.newPhone(ada, "+15555550101")
	w.must("PATCH", "/v1/phone_numbers/"+kept, `{"reserved_for_second_factor":true}`)
	p := w.must("PUT", "/v1/users/"+ada+"/phone_number", `{"phone_number":"+15555550100"}`)
	if p["id"] != kept || p["reserved_for_second_factor"] != false {
		t.Errorf("replaced by %v, want the number %s without a second factor", p, kept)
	}
	u := w.must("GET", "/v1/users/"+ada, "")
	if len(u["phone_numbers"].([]any)) != 1 || u["primary_phone_number_id"] != kept || u["two_factor_enabled"] != false {
		t.Errorf("user %v", u)
	}
	w.must("PUT", "/v1/users/"+ada+"/phone_number", `{"phone_number":"+15555550103","identification_status":"unverified"}`)
	if u = w.must("GET", "/v1/users/"+ada, ""); u["primary_phone_number_id"] != nil {
		t.Errorf("an unproven number is primary: %v", u)
	}
}

// A number that nobody else can be reached by stays.
func TestLastPhoneNumberStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPhones)
	ada := w.must("POST", "/v1/users", `{"skip_user_requirement":true,"skip_password_requirement":true}`)["id"].(string)
	id := w.newPhone(ada, "+15555550100")
	w.refused("DELETE", "/v1/phone_numbers/"+id, "", 409, "last_identification_deletion_failed")
	w.refused("PATCH", "/v1/phone_numbers/"+id, `{"reserved_for_second_factor":true}`, 409, "last_identification_deletion_failed")
}

// Of any number of accounts that are given one number at the same time exactly
// one gets it.
func TestPhoneNumberRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var users []string
	for i := range 8 {
		users = append(users, w.newUser(fmt.Sprintf("u%d@example.com", i)))
	}
	var won atomic.Int32
	var wg sync.WaitGroup
	for _, id := range users {
		wg.Go(func() {
			status, text := w.send("POST", "/v1/phone_numbers", fmt.Sprintf(`{"user_id":%q,"phone_number":"+15555550100","verified":true}`, id))
			switch {
			case status == 200:
				won.Add(1)
			case firstCode(text) != "form_identifier_exists":
				t.Errorf("%d %s", status, text)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d accounts have the number", won.Load())
	}
	if n := w.must("GET", "/v1/users/count?phone_number=%2B15555550100", "")["total_count"]; n != 1.0 {
		t.Errorf("%v accounts are found by the number", n)
	}
	if n := w.must("GET", "/v1/users/count?phone_number_query=555501", "")["total_count"]; n != 1.0 {
		t.Errorf("%v accounts are found by a part of the number", n)
	}
}
