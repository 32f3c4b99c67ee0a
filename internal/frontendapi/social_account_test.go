package frontendapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// TestSocialTransfer: who signs in without an account is offered one, and who
// signs up with one is signed in.
func TestSocialTransfer(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	if where := x.through("sign_ins", "ada"); where != callback {
		t.Fatalf("the browser went to %s", where)
	}
	a := x.client()
	proof := []string{"response", "sign_in", "first_factor_verification"}
	if a.Text(append(proof, "status")...) != "transferable" || x.problem() != "external_account_not_found" {
		t.Fatalf("the sign-in is %s", a.Body)
	}
	x.server.Browser(webPage).Form(t, "POST", "/v1/client/sign_ups", "transfer", "true").Is(t, 422, "form_param_value_invalid")
	up := x.web.Form(t, "POST", "/v1/client/sign_ups", "transfer", "true").OK(t)
	if up.Text("response", "status") != "complete" || up.Text("client", "sessions", "0", "user", "external_accounts", "0", "provider_user_id") != "1" {
		t.Fatalf("the sign-up is %s", up.Body)
	}
	me := up.Text("response", "created_user_id")
	x.leave()
	if where := x.through("sign_ups", "ada"); where != callback {
		t.Fatalf("the browser went to %s", where)
	}
	external := []string{"response", "sign_up", "verifications", "external_account"}
	if a = x.client(); a.Text(append(external, "status")...) != "transferable" || a.Text(append(external, "error", "code")...) != "external_account_exists" {
		t.Fatalf("the sign-up is %s", a.Body)
	}
	in := x.web.Form(t, "POST", "/v1/client/sign_ins", "transfer", "true").OK(t)
	if in.Text("response", "status") != "complete" || in.Text("client", "sessions", "0", "user", "id") != me {
		t.Errorf("the sign-in is %s", in.Body)
	}
}

// TestSocialAddresses: an account is found by its address only when both sides
// have verified it.
func TestSocialAddresses(t *testing.T) {
	t.Parallel()
	t.Run("verified on both sides", func(t *testing.T) {
		t.Parallel()
		x := startTrip(t)
		owner := x.server.Browser(webPage)
		owner.SignUp(t, "ada@example.com")
		me := owner.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "id")
		x.through("sign_ins", "ada")
		if got := x.client().Text("response", "sessions", "0", "user", "id"); got != me {
			t.Errorf("signed in as %q, want %q", got, me)
		}
	})
	t.Run("unverified by the provider", func(t *testing.T) {
		t.Parallel()
		x := startTrip(t)
		x.server.Browser(webPage).SignUp(t, "bob@example.com")
		x.through("sign_ins", "bob")
		if got := x.problem(); got != "external_account_not_found" {
			t.Errorf("the problem is %q", got)
		}
		x.through("sign_ups", "bob")
		a := x.client()
		if a.Text("response", "sign_up", "email_address") != "" || a.Text("response", "sign_up", "status") != "missing_requirements" {
			t.Errorf("the address of somebody else was taken: %s", a.Body)
		}
		x.signedOut()
	})
	t.Run("unverified by the provider and new", func(t *testing.T) {
		t.Parallel()
		x := startTrip(t)
		x.through("sign_ups", "bob")
		a := x.client()
		if a.Text("response", "sign_up", "unverified_fields", "0") != "email_address" {
			t.Fatalf("the sign-up is %s", a.Body)
		}
		path := "/v1/client/sign_ups/" + a.Text("response", "sign_up", "id")
		x.web.Form(t, "POST", path+"/prepare_verification", "strategy", "email_code").OK(t)
		a = x.web.Form(t, "POST", path+"/attempt_verification", "strategy", "email_code", "code", x.server.Code(t, "bob@example.com")).OK(t)
		if a.Text("response", "status") != "complete" || a.Text("client", "sessions", "0", "user", "external_accounts", "0", "provider_user_id") != "2" {
			t.Errorf("the sign-up is %s", a.Body)
		}
	})
	t.Run("unverified here", func(t *testing.T) {
		t.Parallel()
		x := startTrip(t)
		squatter := x.server.Browser(webPage)
		squatter.SignUp(t, "squatter@example.com")
		squatter.Form(t, "POST", "/v1/me/email_addresses", "email_address", "ada@example.com").OK(t)
		them := squatter.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "id")
		x.through("sign_ups", "ada")
		a := x.client()
		if got := a.Text("response", "sessions", "0", "user", "id"); got == "" || got == them {
			t.Errorf("signed up as %q beside %q: %s", got, them, a.Body)
		}
		theirs := squatter.Do(t, "GET", "/v1/me", "").OK(t)
		if theirs.Text("response", "external_accounts", "0", "id") != "" || strings.Contains(string(theirs.Body), "from_oauth") {
			t.Errorf("the squatter got %s", theirs.Body)
		}
	})
}

// connect is a trip of the signed-in person to connect an account.
func (x *trip) connect(name string) *apitest.Answer {
	x.t.Helper()
	a := x.web.Form(x.t, "POST", "/v1/me/external_accounts", "strategy", custom, "redirect_url", callback).OK(x.t)
	address := a.Text("response", "verification", "external_verification_redirect_url")
	if where := x.come(x.web, x.idp.SignIn(x.t, address, name)); where != callback {
		x.t.Errorf("the browser went to %s", where)
	}
	return x.web.Do(x.t, "GET", "/v1/me", "").OK(x.t)
}

// TestSocialConnect: connect, again, another person's, and disconnect.
func TestSocialConnect(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.web.SignUp(t, "me@example.com")
	me := x.connect("ada")
	account := func(path ...string) string {
		return me.Text(append([]string{"response", "external_accounts"}, path...)...)
	}
	if account("0", "verification", "status") != "verified" || account("0", "provider_user_id") != "1" || account("1", "id") != "" {
		t.Fatalf("connected: %s", me.Body)
	}
	if got := me.Text("response", "email_addresses", "1", "verification", "status"); got != "verified" {
		t.Errorf("the address that the provider verified is %q: %s", got, me.Body)
	}
	id := account("0", "id")
	if me = x.connect("ada"); account("0", "id") != id || account("1", "id") != "" {
		t.Errorf("connected twice: %s", me.Body)
	}
	again := x.web.Form(t, "PATCH", "/v1/me/external_accounts/"+id+"/reauthorize", "redirect_url", callback, "additional_scope", "phone").OK(t)
	address := again.Text("response", "verification", "external_verification_redirect_url")
	if asked, err := url.Parse(address); err != nil || !strings.Contains(asked.Query().Get("scope"), "phone") {
		t.Errorf("asked again at %s", address)
	}
	x.come(x.web, x.idp.SignIn(t, address, "eve"))
	me = x.web.Do(t, "GET", "/v1/me", "").OK(t)
	if account("0", "verification", "status") != "verified" || account("0", "verification", "error", "code") != "oauth_account_mismatch" || account("0", "provider_user_id") != "1" {
		t.Errorf("asked again as somebody else: %s", me.Body)
	}

	other := &trip{t, x.server, x.idp, x.server.Browser(webPage)}
	other.web.SignUp(t, "other@example.com")
	if them := other.connect("ada"); them.Text("response", "external_accounts", "0", "verification", "error", "code") != "external_account_exists" {
		t.Errorf("connected somebody else's account: %s", them.Body)
	}
	other.web.Do(t, "DELETE", "/v1/me/external_accounts/"+id, "").Is(t, 404, "resource_not_found")

	x.web.Do(t, "DELETE", "/v1/me/external_accounts/"+id+"/tokens", "").OK(t)
	tokens := x.server.BackEnd().Do(t, "GET", "/v1/users/"+me.Text("response", "id")+"/oauth_access_tokens/"+custom+"?paginated=true", "").OK(t)
	if tokens.Text("data", "0", "token") != "" || tokens.Get("total_count") != 0.0 {
		t.Errorf("the tokens are still there: %s", tokens.Body)
	}
	x.web.Do(t, "DELETE", "/v1/me/external_accounts/"+id, "").OK(t)
	if me = x.web.Do(t, "GET", "/v1/me", "").OK(t); account("0", "id") != "" {
		t.Errorf("still connected: %s", me.Body)
	}
}

// TestSocialConnectForeign: a browser in which somebody else is signed in is not
// the one that asked.
func TestSocialConnectForeign(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.web.SignUp(t, "me@example.com")
	a := x.web.Form(t, "POST", "/v1/me/external_accounts", "strategy", custom, "redirect_url", callback).OK(t)
	back := x.idp.SignIn(t, a.Text("response", "verification", "external_verification_redirect_url"), "ada")
	victim := x.server.Browser(webPage)
	victim.SignUp(t, "victim@example.com")
	victim.Do(t, "GET", back.RequestURI(), "").Is(t, 400, "oauth_state_invalid")
	x.leave()
	x.web.Do(t, "GET", back.RequestURI(), "").Is(t, 400, "oauth_state_invalid")
}

// TestSocialLastFactor: the last way to sign in stays, over both APIs.
func TestSocialLastFactor(t *testing.T) {
	t.Parallel()
	x := startTrip(t, func(s *auth.Settings) { s.Email, s.Username, s.Phone = auth.UseOff, auth.UseOptional, auth.UseOptional })
	x.through("sign_ups", "ada")
	a := x.client()
	if missing := a.Text("response", "sign_up", "missing_fields", "0"); missing != "" {
		path := "/v1/client/sign_ups/" + a.Text("response", "sign_up", "id")
		x.web.Form(t, "PATCH", path, "username", "ada_l").OK(t)
		a = x.client()
	}
	user := a.Text("response", "sessions", "0", "user", "id")
	account := a.Text("response", "sessions", "0", "user", "external_accounts", "0", "id")
	if user == "" || account == "" {
		t.Fatalf("not signed up: %s", a.Body)
	}
	x.web.Do(t, "DELETE", "/v1/me/external_accounts/"+account, "").Is(t, 409, "last_identification_deletion_failed")
	back := x.server.BackEnd()
	if got := back.Do(t, "DELETE", "/v1/users/"+user+"/external_accounts/"+account, ""); got.Status == 200 {
		t.Errorf("removed: %s", got.Body)
	}
	back.Do(t, "DELETE", "/v1/users/"+user+"/external_accounts/eac_none", "").Is(t, 404, "resource_not_found")
}

// TestSocialNative: what the browser of a native app brings waits for the app,
// and for nobody else.
func TestSocialNative(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.through("sign_ups", "ada")
	app := x.server.Native()
	start := func(what string) (id, address string) {
		a := app.Form(t, "POST", "/v1/client/"+what, "strategy", custom, "redirect_url", "myapp://callback").OK(t)
		if what == "sign_ups" {
			return a.Text("response", "id"), a.Text("response", "verifications", "external_account", "external_verification_redirect_url")
		}
		return a.Text("response", "id"), a.Text("response", "first_factor_verification", "external_verification_redirect_url")
	}
	home := func(address, name string) string {
		where, err := url.Parse(x.come(x.server.Browser(webPage), x.idp.SignIn(t, address, name)))
		if err != nil || where.Scheme != "myapp" {
			t.Fatalf("the browser went to %s", where)
		}
		return where.Query().Get("rotating_token_nonce")
	}
	id, address := start("sign_ins")
	nonce := home(address, "ada")
	if a := app.Do(t, "GET", "/v1/client/sign_ins/"+id, "").OK(t); a.Text("response", "status") != "needs_identifier" {
		t.Errorf("before the app has redeemed anything: %s", a.Body)
	}
	x.server.Native().Do(t, "GET", "/v1/client/sign_ins/"+id+"?rotating_token_nonce="+nonce, "").Is(t, 422, "form_param_value_invalid")
	if a := app.Do(t, "GET", "/v1/client/sign_ins/"+id+"?rotating_token_nonce="+nonce, "").OK(t); a.Text("response", "status") != "complete" {
		t.Errorf("redeemed: %s", a.Body)
	}
	app = x.server.Native()
	id, address = start("sign_ins")
	nonce = home(address, "eve")
	a := app.Do(t, "GET", "/v1/client/sign_ins/"+id+"?rotating_token_nonce="+nonce, "").OK(t)
	if a.Text("response", "first_factor_verification", "status") != "transferable" {
		t.Fatalf("redeemed: %s", a.Body)
	}
	if a = app.Form(t, "POST", "/v1/client/sign_ups", "transfer", "true").OK(t); a.Text("response", "status") != "complete" {
		t.Errorf("transferred: %s", a.Body)
	}
	app = x.server.Native()
	id, address = start("sign_ups")
	nonce = home(address, "eve")
	if a = app.Do(t, "GET", "/v1/client/sign_ups/"+id+"?rotating_token_nonce="+nonce, "").OK(t); a.Text("response", "verifications", "external_account", "status") != "transferable" {
		t.Errorf("redeemed: %s", a.Body)
	}
	app.Form(t, "POST", "/v1/client/sign_ins", "strategy", custom, "redirect_url", "https://evil.example/").Is(t, 422, "form_param_value_invalid")
}

// TestSocialSecondFactor: a provider is a first factor, and no more.
func TestSocialSecondFactor(t *testing.T) {
	t.Parallel()
	x := startTrip(t, func(s *auth.Settings) { s.Phone, s.SecondFactors.PhoneCode = auth.UseOptional, true })
	x.through("sign_ups", "ada")
	phone := x.web.Form(t, "POST", "/v1/me/phone_numbers", "phone_number", "+4930123456").OK(t).Text("response", "id")
	x.web.Form(t, "POST", "/v1/me/phone_numbers/"+phone+"/prepare_verification").OK(t)
	x.web.Form(t, "POST", "/v1/me/phone_numbers/"+phone+"/attempt_verification", "code", x.server.Code(t, "+4930123456")).OK(t)
	x.web.Form(t, "PATCH", "/v1/me/phone_numbers/"+phone, "reserved_for_second_factor", "true").OK(t)
	x.leave()
	if where := x.through("sign_ins", "ada"); where != callback {
		t.Errorf("the browser went to %s", where)
	}
	if got := x.client().Text("response", "sign_in", "status"); got != "needs_second_factor" {
		t.Errorf("the sign-in is %q", got)
	}
	x.signedOut()
}

// TestSocialRestricted: a provider opens no door that the instance has closed.
func TestSocialRestricted(t *testing.T) {
	t.Parallel()
	x := startTrip(t, func(s *auth.Settings) { s.SignUpMode = auth.SignUpRestricted })
	x.web.Form(t, "POST", "/v1/client/sign_ups", "strategy", custom, "redirect_url", callback).Is(t, 403, "sign_up_mode_restricted")
	x.through("sign_ins", "ada")
	x.web.Form(t, "POST", "/v1/client/sign_ups", "transfer", "true").Is(t, 403, "sign_up_mode_restricted")
	x.signedOut()
}

// TestSocialSettings: providers are changed while the server runs, published,
// and their secrets are neither shown nor stored readable.
func TestSocialSettings(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	back := x.server.BackEnd()
	a := back.Do(t, "PATCH", "/v1/instance/settings", `{"social":{"google":{"enabled":true,"client_id":"g.example","client_secret":"very-secret-1"}}}`).OK(t)
	b := back.Do(t, "GET", "/v1/instance/settings", "").OK(t)
	stored, err := x.server.Store.InstanceValue(t.Context(), "settings")
	if err != nil || len(stored) == 0 {
		t.Fatal(err)
	}
	for _, text := range []string{string(a.Body), string(b.Body), string(stored)} {
		if strings.Contains(text, "very-secret-1") || strings.Contains(text, "idp-secret") || !strings.Contains(text, "g.example") {
			t.Errorf("told: %s", text)
		}
	}
	env := x.web.Do(t, "GET", "/v1/environment", "").OK(t)
	for _, want := range []string{`"oauth_google"`, `"name":"The provider"`, `"google_one_tap_client_id":"g.example"`} {
		if !strings.Contains(string(env.Body), want) {
			t.Errorf("no %s in %s", want, env.Body)
		}
	}
	for _, body := range []string{
		`{"social":{"nobody":{"enabled":true,"client_id":"x"}}}`, `{"social":{"custom_a":{"enabled":true,"client_id":"x"}}}`,
		`{"social":{"custom_a":{"enabled":true,"client_id":"x","issuer":"http://evil.example"}}}`,
		`{"social":{"custom_A-b":{"enabled":true,"client_id":"x","issuer":"https://a.example"}}}`,
		`{"social":{"github":{"enabled":true}}}`, `{"social":{"github":{"enabled":true,"client_id":"x","typo":1}}}`,
	} {
		back.Do(t, "PATCH", "/v1/instance/settings", body).Is(t, 422, "form_param_value_invalid")
	}
	if where := x.through("sign_ups", "ada"); where != complete { // the configured one still works
		t.Errorf("the browser went to %s", where)
	}
}
