package apitest

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// signedIn is a person's client with everything that strict decoders read.
const signedIn = `{"response":{"object":"client","id":"client_1","sign_in":null,"sign_up":null,
 "last_active_session_id":"sess_1","captcha_bypass":true,"created_at":1700000000000,"updated_at":1700000000000,
 "sessions":[{"object":"session","id":"sess_1","status":"active","expire_at":1900000000000,"abandon_at":1900000000000,
  "last_active_at":1700000000000,"last_active_organization_id":null,"actor":null,"tasks":[{"key":"setup-mfa"}],
  "factor_verification_age":[0,-1],"last_active_token":{"object":"token","jwt":"x"},
  "public_user_data":{"first_name":null,"last_name":null,"image_url":"https://x/i.png","has_image":false,"identifier":"a@b.c"},
  "user":{"object":"user","id":"user_1","username":null,"image_url":"https://x/i.png","has_image":false,
   "password_enabled":true,"two_factor_enabled":false,"totp_enabled":false,"backup_code_enabled":false,
   "delete_self_enabled":true,"create_organization_enabled":true,"create_organizations_limit":null,
   "email_addresses":[{"object":"email_address","id":"idn_1","email_address":"a@b.c","linked_to":[],
    "verification":{"object":"verification_otp","status":"verified","strategy":"email_code","attempts":1,
     "expire_at":1700000600000,"error":null,"external_verification_redirect_url":"https://x/y"},
    "created_at":1700000000000,"updated_at":1700000000000}],
   "phone_numbers":[{"object":"phone_number","id":"idn_2","phone_number":"+1","reserved_for_second_factor":false,
    "default_second_factor":false,"created_at":1700000000000}],
   "external_accounts":[{"object":"external_account","id":"eac_1","identification_id":"idn_3","provider":"oauth_x",
    "provider_user_id":"1","email_address":"a@b.c","approved_scopes":"","created_at":1,"public_metadata":{}}],
   "passkeys":[{"object":"passkey","id":"psk_1","name":"x","created_at":1,"updated_at":1}],
   "organization_memberships":[{"object":"organization_membership","id":"mem_1","role":"org:admin","role_name":"Admin",
    "public_metadata":{},"created_at":1,"updated_at":1,"permissions":[],
    "organization":{"object":"organization","id":"org_1","name":"x","slug":null,"max_allowed_memberships":5,
     "admin_delete_enabled":true,"created_at":1,"updated_at":1,"image_url":"","has_image":false,"public_metadata":{}}}],
   "public_metadata":{},"unsafe_metadata":{"object":"client"},"created_at":1700000000000,"updated_at":1700000000000},
  "created_at":1700000000000,"updated_at":1700000000000}]},"client":null}`

func problemsOf(t *testing.T, body any, header ...string) []string {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/v1/client", nil)
	for _, name := range header {
		r.Header.Set(name, "1.4.1")
	}
	return NativeProblems(r, 200, text)
}

// at is the object at a dotted path of names and places.
func at(value any, path string) map[string]any {
	for _, step := range strings.Fields(strings.ReplaceAll(path, ".", " ")) {
		if list, ok := value.([]any); ok {
			value = list[0]
		}
		value = value.(map[string]any)[step]
	}
	if list, ok := value.([]any); ok {
		value = list[0]
	}
	return value.(map[string]any)
}

// TestStrictDecoders takes each member away and puts something else in its
// place: what a published decoder cannot do without has to be noticed.
func TestStrictDecoders(t *testing.T) {
	t.Parallel()
	read := func() (whole map[string]any) {
		if err := json.Unmarshal([]byte(signedIn), &whole); err != nil {
			t.Fatal(err)
		}
		return whole
	}
	if p := problemsOf(t, read()); len(p) > 0 {
		t.Fatalf("a complete client is refused: %q", p)
	}
	const session, user = "response.sessions", "response.sessions.user"
	places := map[string]string{
		"response": "client", session: "session", session + ".tasks": "session_task", session + ".public_user_data": "public_user_data",
		session + ".last_active_token": "token", user: "user", user + ".email_addresses": "email_address",
		user + ".email_addresses.verification": "verification", user + ".phone_numbers": "phone_number",
		user + ".external_accounts": "external_account", user + ".passkeys": "passkey",
		user + ".organization_memberships": "organization_membership", user + ".organization_memberships.organization": "organization",
	}
	for path, kind := range places {
		for _, member := range strings.Fields(nativeDocuments[kind]) {
			name, holds, _ := strings.Cut(member, ":")
			absent, wrong, null := read(), read(), read()
			delete(at(absent, path), name)
			at(null, path)[name] = nil
			at(wrong, path)[name] = json.Number("1.5") // fits nowhere
			needed := holds[len(holds)-1]
			// Without its kind an object is still recognised by where it is.
			if got := len(problemsOf(t, absent)) > 0; got != (needed != '?') && name != "object" {
				t.Errorf("%s without %s: refused %v", path, name, got)
			}
			if got := len(problemsOf(t, null)) > 0; got != (needed == '!') && name != "object" {
				t.Errorf("%s with null as %s: refused %v", path, name, got)
			}
			if len(problemsOf(t, wrong)) == 0 && name != "object" {
				t.Errorf("%s with a fraction as %s: not refused", path, name)
			}
		}
	}
	actor := read()
	at(actor, session)["actor"] = map[string]any{"sub": "user_2"}
	if len(problemsOf(t, actor)) > 0 || len(problemsOf(t, actor, "X-Ios-Sdk-Version")) == 0 {
		t.Error("an actor that is an object is refused by iOS apps and by nobody else")
	}
	if len(problemsOf(t, map[string]any{"client": nil})) == 0 {
		t.Error("a client that is null without a response signs Android apps out")
	}
}
