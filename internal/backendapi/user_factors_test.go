package backendapi_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/factor"
)

// rfcSecret is that of the vectors in RFC 6238 appendix B.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" //nolint:gosec // published

func (w *world) totp() string {
	w.t.Helper()
	code, err := factor.Password(rfcSecret, w.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// An account that comes from elsewhere keeps its second factors.
func TestImportedSecondFactors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPhones)
	u := w.must("POST", "/v1/users", `{"email_address":["ada@example.com"],"phone_number":["+15555550100","+15555550101"],
		"password":"`+apitest.Password+`","totp_secret":"`+rfcSecret+`","backup_codes":["abcd-efgh","ijkl-mnop"]}`)
	path := "/v1/users/" + u["id"].(string)
	if u["totp_enabled"] != true || u["backup_code_enabled"] != true || u["two_factor_enabled"] != true || u["mfa_enabled_at"] == nil {
		t.Errorf("user %v", u)
	}
	if phones := u["phone_numbers"].([]any); len(phones) != 2 || phones[0].(map[string]any)["id"] != u["primary_phone_number_id"] {
		t.Errorf("phones %v, primary %v", phones, u["primary_phone_number_id"])
	}
	second := u["phone_numbers"].([]any)[1].(map[string]any)["id"].(string)
	if u = w.must("PATCH", path, `{"primary_phone_number_id":"`+second+`"}`); u["primary_phone_number_id"] != second {
		t.Errorf("primary number %v, want %s", u["primary_phone_number_id"], second)
	}
	if got := w.must("POST", path+"/verify_totp", `{"code":"`+w.totp()+`"}`); got["verified"] != true || got["code_type"] != "totp" {
		t.Errorf("verified %v", got)
	}
	w.refused("POST", path+"/verify_totp", `{"code":"`+w.totp()+`"}`, 422, "form_code_incorrect") // used up
	if got := w.must("POST", path+"/verify_totp", `{"code":"ABCDEFGH"}`); got["code_type"] != "backup_code" {
		t.Errorf("verified %v", got)
	}
	w.refused("POST", path+"/verify_totp", `{"code":"abcdefgh"}`, 422, "form_code_incorrect") // used up
	if got := w.must("DELETE", path+"/backup_code", ""); got["user_id"] != u["id"] {
		t.Errorf("answer %v", got)
	}
	w.refused("POST", path+"/verify_totp", `{"code":"ijklmnop"}`, 422, "form_code_incorrect")
	w.must("DELETE", path+"/totp", "")
	w.refused("POST", path+"/verify_totp", `{"code":"000000"}`, 400, "totp_not_enabled")
	if u = w.must("GET", path, ""); u["two_factor_enabled"] != false || u["mfa_disabled_at"] == nil {
		t.Errorf("user %v", u)
	}
	w.must("PATCH", path, `{"totp_secret":"`+rfcSecret+`"}`)
	w.must("PATCH", "/v1/phone_numbers/"+second, `{"reserved_for_second_factor":true}`)
	w.must("DELETE", path+"/mfa", "")
	if u = w.must("GET", path, ""); u["two_factor_enabled"] != false || u["totp_enabled"] != false {
		t.Errorf("user %v", u)
	}
}

// Six digits are few: a back end that passes on what people type must not be a
// way to try them all.
func TestVerifyTOTPLocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.must("POST", "/v1/users", `{"email_address":["ada@example.com"],"totp_secret":"`+rfcSecret+`"}`)["id"].(string)
	path := "/v1/users/" + id + "/verify_totp"
	for range 10 {
		w.refused("POST", path, `{"code":"00000x"}`, 422, "form_code_incorrect")
	}
	w.refused("POST", path, `{"code":"`+w.totp()+`"}`, 403, "user_locked")
	w.Advance(time.Hour)
	w.must("POST", path, `{"code":"`+w.totp()+`"}`)
}

func TestImportedSecondFactorRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	many := strings.TrimSuffix(strings.Repeat(`"abcdefgh",`, 51), ",")
	for name, tc := range map[string]struct {
		members string
		status  int
		code    string
	}{
		"not base 32":     {`"totp_secret":"1!"`, 422, "form_param_value_invalid"},
		"short secret":    {`"totp_secret":"GEZDGNBV"`, 422, "form_param_value_invalid"},
		"short code":      {`"backup_codes":["abc"]`, 422, "form_param_value_invalid"},
		"one code twice":  {`"backup_codes":["abcdefgh","ABCD-EFGH"]`, 422, "form_param_duplicate"},
		"many codes":      {`"backup_codes":[` + many + `]`, 422, "form_param_max_length_exceeded"},
		"digest of code":  {`"backup_codes":["$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"]`, 501, "not_implemented"},
		"number twice":    {`"phone_number":["+15555550100","+1 555 555 0100"]`, 422, "form_param_duplicate"},
		"not a number":    {`"phone_number":["5555550100"]`, 422, "form_param_format_invalid"},
		"reserved number": {`"phone_number":["+15555550100"],"phone_number_identification_status":["reserved"]`, 501, "not_implemented"},
	} {
		body := fmt.Sprintf(`{"email_address":["a@example.com"],%s}`, tc.members)
		if status, text := w.send("POST", "/v1/users", body); status != tc.status || firstCode(text) != tc.code {
			t.Errorf("%s: %d %s, want %d %s", name, status, text, tc.status, tc.code)
		}
	}
	if n := w.must("GET", "/v1/users/count", "")["total_count"]; n != 0.0 {
		t.Errorf("refused requests left users: %v", n)
	}
}

func TestCompromisedPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("ada@example.com")
	path := "/v1/users/" + id + "/password/"
	before := w.Native()
	kept := before.SignIn(t, "ada@example.com")
	w.must("POST", path+"set_compromised", "")
	if got := w.must("GET", "/v1/sessions/"+kept, ""); got["status"] != "active" {
		t.Errorf("a session that was there is %v", got["status"])
	}
	waiting := w.Native().SignIn(t, "ada@example.com")
	if got := w.must("GET", "/v1/sessions/"+waiting, ""); got["status"] != "pending" {
		t.Errorf("a session after that is %v", got["status"])
	}
	w.must("POST", path+"unset_compromised", "")
	if got := w.must("GET", "/v1/sessions/"+waiting, ""); got["status"] != "active" {
		t.Errorf("the session that waited is %v", got["status"])
	}
	w.must("POST", path+"set_compromised", `{"revoke_all_sessions":true}`)
	for _, s := range []string{kept, waiting} {
		if got := w.must("GET", "/v1/sessions/"+s, ""); got["status"] != "revoked" {
			t.Errorf("session %s is %v", s, got["status"])
		}
	}
	// Another password is what was asked for.
	w.must("PATCH", "/v1/users/"+id, `{"password":"another correct horse battery"}`)
	if got := w.newSession(id); w.must("GET", "/v1/sessions/"+got, "")["status"] != "active" {
		t.Error("sessions still wait for a new password")
	}
	none := w.must("POST", "/v1/users", `{"email_address":["b@example.com"]}`)["id"].(string)
	w.refused("POST", "/v1/users/"+none+"/password/set_compromised", "", 400, "no_password_set")
	w.refused("POST", path+"set_compromised", `{"revoke_all_sessions":"yes"}`, 422, "form_param_value_invalid")
}

func TestProfileImageOfUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.newUser("ada@example.com")
	path := "/v1/users/" + id + "/profile_image"
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "me.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(part, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	upload := apitest.Request{Method: "POST", Path: path, Body: body.String(), ContentType: form.FormDataContentType()}
	u := w.back.Send(t, upload).OK(t)
	if u.Get("has_image") != true || !strings.Contains(u.Text("image_url"), "/v1/images/img_") {
		t.Errorf("user %s", u.Body)
	}
	w.refused("POST", path, `{"file":"no picture"}`, 422, "image_invalid")
	upload.Path = "/v1/users/user_0000000000000000000000000xx/profile_image"
	if a := w.back.Send(t, upload); a.Status != 404 {
		t.Errorf("a picture for nobody: %d %s", a.Status, a.Body)
	}
	if got := w.must("DELETE", path, ""); got["has_image"] != false {
		t.Errorf("user %v", got)
	}
}
