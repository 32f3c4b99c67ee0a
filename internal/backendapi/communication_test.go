package backendapi_test

import (
	"fmt"
	"strings"
	"testing"
)

// Countries that are blocked get no codes, whoever asks for one, and get them
// again once they are not.
func TestBlockedCountries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPhones)
	const path, number, refusal = "/v1/instance/communication", "+491701234567", "unsupported_country_code"
	ada := w.newUser("ada@example.com")
	phone := "/v1/phone_numbers/" + w.newPhone(ada, number)
	blocked := func(got map[string]any, want string) {
		t.Helper()
		if s := fmt.Sprint(got["blocked_country_codes"]); s != want {
			t.Errorf("blocked are %s, want %s", s, want)
		}
	}
	blocked(w.must("GET", path, ""), "[]")
	blocked(w.must("PATCH", path, `{"blocked_country_codes":["US","DE","ZZ"]}`), "[DE US]")
	blocked(w.must("PATCH", path, `{}`), "[DE US]")
	blocked(w.must("PATCH", path, `{"blocked_country_codes":null}`), "[DE US]")

	device := w.Native()
	device.Form(t, "POST", "/v1/client/sign_ins", "identifier", number, "strategy", "phone_code").Is(t, 422, refusal)
	id := device.Form(t, "POST", "/v1/client/sign_ins", "identifier", number).OK(t).Text("response", "id")
	device.Form(t, "POST", "/v1/client/sign_ins/"+id+"/prepare_first_factor", "strategy", "phone_code").Is(t, 422, refusal)
	up := w.Native()
	id = up.Form(t, "POST", "/v1/client/sign_ups", "email_address", "bob@example.com", "phone_number", "+491701234568").
		OK(t).Text("response", "id")
	up.Form(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", "strategy", "phone_code").Is(t, 422, refusal)
	up.Form(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").OK(t)
	w.refused("POST", phone+"/prepare_verification", "", 422, refusal)
	if sent := w.Messages(t, number); len(sent) != 0 {
		t.Errorf("a blocked country was sent %d messages", len(sent))
	}

	blocked(w.must("PATCH", path, `{"blocked_country_codes":[]}`), "[]")
	w.must("POST", phone+"/prepare_verification", "")
	up.Form(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", "strategy", "phone_code").OK(t)
	if sent := w.Messages(t, number); len(sent) != 1 {
		t.Errorf("%d messages after the country was freed", len(sent))
	}
}

func TestBlockedCountryRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/v1/instance/communication"
	w.must("PATCH", path, `{"blocked_country_codes":["FR"]}`)
	var many []string
	for i := range 251 {
		many = append(many, fmt.Sprintf(`"%c%c"`, 'A'+i/26, 'A'+i%26))
	}
	for list, code := range map[string]string{
		`["de"]`: "form_param_value_invalid", `["DEU"]`: "form_param_value_invalid", `["D"]`: "form_param_value_invalid",
		`[""]`: "form_param_value_invalid", `["DE","DE"]`: "form_param_duplicate", `[1]`: "form_param_value_invalid",
		`{"a":1}`: "form_param_value_invalid", `[null]`: "form_param_value_invalid", `["ＤＥ"]`: "form_param_value_invalid",
		"[" + strings.Join(many, ",") + "]": "form_param_max_length_exceeded",
	} {
		w.refused("PATCH", path, `{"blocked_country_codes":`+list+`}`, 422, code)
	}
	w.refused("PATCH", path, `{"blocked_country_codes":["D\u0000"]}`, 400, "request_body_invalid")
	w.refused("PATCH", "/v1/instance/settings", `{"blocked_country_codes":["ZZ"]}`, 422, "form_param_value_invalid")
	if got := w.must("GET", path, ""); fmt.Sprint(got["blocked_country_codes"]) != "[FR]" {
		t.Errorf("a refused list was kept: %v", got)
	}
}
