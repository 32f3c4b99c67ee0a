package frontendapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

const page = "https://localhost:3000" // of [browserApp]

func withPasskeys(o *apitest.Options) { o.Settings.Passkeys.Enabled = true }

// passkeyDevice is an authenticator that the browser of [browserApp] talks to.
func passkeyDevice() *apitest.Authenticator { return &apitest.Authenticator{Origin: page} }

// addPasskey registers a passkey and returns its id.
func (a *app) addPasskey(t testing.TB, with *apitest.Authenticator) string {
	t.Helper()
	begun := a.must(t, "POST", "/v1/me/passkeys", nil)
	id := begun.text("response.id")
	done := a.must(t, "POST", "/v1/me/passkeys/"+id+"/attempt_verification",
		form("strategy", "passkey", "public_key_credential", with.Register(t, begun.text("response.verification.nonce"))))
	if done.text("response.verification.status") != "verified" {
		t.Fatalf("registered: %v", done)
	}
	return id
}

// beginPasskey begins a sign-in in which the passkey says whose it is.
func (a *app) beginPasskey(t testing.TB) (path, options string) {
	t.Helper()
	begun := a.must(t, "POST", "/v1/client/sign_ins", form("strategy", "passkey"))
	if begun.text("response.status") != "needs_first_factor" {
		t.Fatalf("begun: %v", begun)
	}
	return "/v1/client/sign_ins/" + begun.text("response.id"), begun.text("response.first_factor_verification.nonce")
}

func answered(credential string) (strategy, passkey, name, value string) {
	return "strategy", "passkey", "public_key_credential", credential
}

func TestPasskeyRegistration(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPasskeys)
	a, with := browserApp(s), passkeyDevice()
	a.signUp(t, "ada@example.com")
	begun := a.must(t, "POST", "/v1/me/passkeys", nil)
	path := "/v1/me/passkeys/" + begun.text("response.id")
	options := begun.text("response.verification.nonce")
	for _, want := range []string{`"id":"localhost"`, `"name":"ada@example.com"`, `"userVerification":"required"`, `"excludeCredentials":[]`} {
		if !strings.Contains(options, want) {
			t.Errorf("options lack %s: %s", want, options)
		}
	}
	if n := a.must(t, "GET", "/v1/me", nil).at("response.passkeys"); len(n.([]any)) != 0 {
		t.Errorf("a passkey counts before it was proven: %v", n)
	}
	credential := with.Register(t, options)
	a.must(t, "POST", path+"/attempt_verification", form(answered(credential)))
	a.must(t, "POST", path+"/attempt_verification", form(answered(credential))) // a lost answer
	a.must(t, "GET", path, nil)
	if got := a.must(t, "PATCH", path, form("name", "  laptop ")); got.text("response.name") != "laptop" {
		t.Errorf("renamed: %v", got)
	}
	a.refused(t, "PATCH", path, form("name", ""), 422, "form_param_nil")
	a.refused(t, "PATCH", path, form("name", strings.Repeat("n", 300)), 422, "form_param_max_length_exceeded")
	me := a.must(t, "GET", "/v1/me", nil)
	if me.text("response.passkeys.0.name") != "laptop" || me.at("response.passkeys.0.last_used_at") != nil {
		t.Errorf("me: %v", me)
	}
	again := a.must(t, "POST", "/v1/me/passkeys", nil)
	if o := again.text("response.verification.nonce"); strings.Contains(o, `"excludeCredentials":[]`) {
		t.Errorf("the second registration does not exclude the first passkey: %s", o)
	}
	a.refused(t, "PATCH", "/v1/me/passkeys/"+again.text("response.id"), form("name", "x"), 422, "passkey_identification_not_verified")
	a.must(t, "DELETE", path, nil)
	a.refused(t, "GET", path, nil, 404, "resource_not_found")
	a.refused(t, "DELETE", path, nil, 404, "resource_not_found")
	told := map[string]int{}
	for _, m := range s.Messages(t, "ada@example.com") {
		told[m.Subject]++
		if strings.HasPrefix(m.Subject, "A passkey was removed") && !strings.Contains(m.Body, "laptop") {
			t.Errorf("not told which: %s", m.Body)
		}
	}
	for _, want := range []string{"A passkey was added to your Test account", "A passkey was removed from your Test account"} {
		if told[want] != 1 {
			t.Errorf("%q was sent %d times: %v", want, told[want], told)
		}
	}
}

// TestPasskeyRegistrationRefuses answers with what must not become a passkey.
// Each refusal uses the challenge up.
func TestPasskeyRegistrationRefuses(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPasskeys)
	a := browserApp(s)
	a.signUp(t, "ada@example.com")
	stolen := passkeyDevice()
	other := browserApp(s)
	other.signUp(t, "eve@example.com")
	other.addPasskey(t, stolen)
	for name, credential := range map[string]func(options string) string{
		"no credential":          func(string) string { return "{}" },
		"no JSON":                func(string) string { return "passkey" },
		"too long":               func(o string) string { return passkeyDevice().Register(t, o) + strings.Repeat(" ", 70_000) },
		"page of another origin": func(o string) string { return (&apitest.Authenticator{Origin: "https://evil.example"}).Register(t, o) },
		"app that is not listed": func(o string) string {
			return (&apitest.Authenticator{Origin: "android:apk-key-hash:AAAA"}).Register(t, o)
		},
		"frame of another page": func(o string) string { return (&apitest.Authenticator{Origin: page, CrossOrigin: true}).Register(t, o) },
		"another relying party": func(o string) string {
			return (&apitest.Authenticator{Origin: page, RPID: "evil.example"}).Register(t, o)
		},
		"not unlocked":          func(o string) string { return (&apitest.Authenticator{Origin: page, Unverified: true}).Register(t, o) },
		"somebody's credential": func(o string) string { return stolen.Attest(t, o) },
		"answer to another challenge": func(string) string {
			return passkeyDevice().Register(t, `{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","rp":{"id":"localhost"},"user":{"id":"AAAA"}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			begun := a.must(t, "POST", "/v1/me/passkeys", nil)
			path := "/v1/me/passkeys/" + begun.text("response.id") + "/attempt_verification"
			options := begun.text("response.verification.nonce")
			a.refused(t, "POST", path, form(answered(credential(options))), 422, "passkey_invalid_public_key_credential")
			if name != "somebody's credential" { // that one is found out by the store, which keeps nothing
				a.refused(t, "POST", path, form(answered(passkeyDevice().Register(t, options))), 400, "passkey_invalid_verification")
			}
		})
	}
	begun := a.must(t, "POST", "/v1/me/passkeys", nil)
	path := "/v1/me/passkeys/" + begun.text("response.id") + "/attempt_verification"
	a.refused(t, "POST", path, form("strategy", "passkey"), 422, "form_param_missing")
	a.refused(t, "POST", path, form("strategy", "email_code"), 422, "strategy_not_supported")
	other.refused(t, "POST", path, form(answered("{}")), 404, "resource_not_found")
	s.Advance(auth.PasskeyLifetime + time.Second)
	a.refused(t, "POST", path, form(answered(passkeyDevice().Register(t, begun.text("response.verification.nonce")))), 422, "verification_expired")
	if n := a.must(t, "GET", "/v1/me", nil).at("response.passkeys"); len(n.([]any)) != 0 {
		t.Errorf("something became a passkey: %v", n)
	}
}

func TestPasskeyQuota(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPasskeys)
	a := browserApp(s)
	a.signUp(t, "ada@example.com")
	for range auth.MaxPasskeys {
		a.addPasskey(t, passkeyDevice())
	}
	a.refused(t, "POST", "/v1/me/passkeys", nil, 403, "passkey_quota_exceeded")
}

func TestPasskeySignIn(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPasskeys)
	a, with := browserApp(s), passkeyDevice()
	a.signUp(t, "ada@example.com")
	a.addPasskey(t, with)

	b := browserApp(s)
	path, options := b.beginPasskey(t)
	if !strings.Contains(options, `"allowCredentials":[]`) || !strings.Contains(options, `"rpId":"localhost"`) {
		t.Errorf("options: %s", options)
	}
	credential := with.Assert(t, options)
	done := b.must(t, "POST", path+"/attempt_first_factor", form(answered(credential)))
	if done.text("response.status") != "complete" || done.text("client.sessions.0.user.passkeys.0.name") == "" {
		t.Fatalf("done: %v", done)
	}
	if done.at("client.sessions.0.user.passkeys.0.last_used_at") == nil {
		t.Errorf("the use was not noted: %v", done)
	}
	// A lost answer is given again; the same proof by another client is nothing.
	b.must(t, "POST", path+"/attempt_first_factor", form(answered(credential)))
	if n := len(b.sessions(t)); n != 1 {
		t.Errorf("%d sessions", n)
	}
	thief := browserApp(s)
	other, _ := thief.beginPasskey(t)
	thief.refused(t, "POST", other+"/attempt_first_factor", form(answered(credential)), 400, "passkey_authentication_failure")
	thief.refused(t, "POST", path+"/attempt_first_factor", form(answered(credential)), 404, "resource_not_found")

	c := browserApp(s) // with the identifier first
	begun := c.must(t, "POST", "/v1/client/sign_ins", form("identifier", "ada@example.com"))
	path = "/v1/client/sign_ins/" + begun.text("response.id")
	if !strings.Contains(string(begun.Body), `"strategy":"passkey"`) {
		t.Errorf("not offered: %v", begun)
	}
	prepared := c.must(t, "POST", path+"/prepare_first_factor", form("strategy", "passkey"))
	options = prepared.text("response.first_factor_verification.nonce")
	if strings.Contains(options, `"allowCredentials":[]`) {
		t.Errorf("options: %s", options)
	}
	done = c.must(t, "POST", path+"/attempt_first_factor", form(answered(with.Assert(t, options))))
	if done.text("response.status") != "complete" {
		t.Errorf("done: %v", done)
	}
}

// TestPasskeySignInRefuses answers with what proves nothing. Each refusal uses
// the challenge up, and nobody is signed in.
func TestPasskeySignInRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*apitest.Authenticator){
		"page of another origin": func(a *apitest.Authenticator) { a.Origin = "https://evil.example" },
		"page on another port":   func(a *apitest.Authenticator) { a.Origin = "https://localhost:3001" },
		"page without TLS":       func(a *apitest.Authenticator) { a.Origin = "http://localhost:3000" },
		"frame of another page":  func(a *apitest.Authenticator) { a.CrossOrigin = true },
		"another relying party":  func(a *apitest.Authenticator) { a.RPID = "evil.example" },
		"not unlocked":           func(a *apitest.Authenticator) { a.Unverified = true },
		"counter that fell":      func(a *apitest.Authenticator) { a.Counter = 1 },
		"counter that stands":    func(a *apitest.Authenticator) { a.Counter = 8 },
		"counter that is gone":   func(a *apitest.Authenticator) { a.Counter = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := apitest.Start(t, withPasskeys)
			a, with := browserApp(s), passkeyDevice()
			with.Counter = 9
			a.signUp(t, "ada@example.com")
			a.addPasskey(t, with)
			b := browserApp(s)
			path, options := b.beginPasskey(t)
			change(with)
			b.refused(t, "POST", path+"/attempt_first_factor", form(answered(with.Assert(t, options))), 400, "passkey_authentication_failure")
			right := &apitest.Authenticator{}
			*right = *with
			right.Origin, right.RPID, right.CrossOrigin, right.Unverified, right.Counter = page, "", false, false, 20
			b.refused(t, "POST", path+"/attempt_first_factor", form(answered(right.Assert(t, options))), 400, "passkey_invalid_verification")
			if n := len(b.sessions(t)); n != 0 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

func TestPasskeyOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, protected := range []bool{false, true} {
		s := apitest.Start(t, withPasskeys, func(o *apitest.Options) { o.Settings.EnumerationProtection = protected })
		a, with := browserApp(s), passkeyDevice()
		a.signUp(t, "ada@example.com")
		passkey := a.addPasskey(t, with)
		victim := browserApp(s)
		victim.signUp(t, "bob@example.com")
		victim.addPasskey(t, passkeyDevice())

		b := browserApp(s)
		begun := b.must(t, "POST", "/v1/client/sign_ins", form("identifier", "bob@example.com", "strategy", "passkey"))
		path := "/v1/client/sign_ins/" + begun.text("response.id")
		options := begun.text("response.first_factor_verification.nonce")
		if protected == strings.Contains(options, `"id"`) {
			t.Errorf("protected %v: %s", protected, options)
		}
		challenge := strings.Split(strings.SplitAfter(options, `"challenge":"`)[1], `"`)[0]
		b.refused(t, "POST", path+"/attempt_first_factor", form(answered(with.AssertWith(t, 0, challenge))), 404, "passkey_not_registered")

		c := browserApp(s)
		path, options = c.beginPasskey(t)
		credential := with.Assert(t, options)
		a.must(t, "DELETE", "/v1/me/passkeys/"+passkey, nil)
		c.refused(t, "POST", path+"/attempt_first_factor", form(answered(credential)), 404, "passkey_not_registered")
		for _, app := range []*app{b, c} {
			if n := len(app.sessions(t)); n != 0 {
				t.Errorf("%d sessions", n)
			}
		}
	}
}

// TestPasskeyIsBothFactors signs in with a second factor set up.
func TestPasskeyIsBothFactors(t *testing.T) {
	t.Parallel()
	for _, both := range []bool{true, false} {
		s := apitest.Start(t, withPasskeys, func(o *apitest.Options) { o.Settings.Passkeys.SatisfiesSecondFactor = both })
		a, with := browserApp(s), passkeyDevice()
		a.signUp(t, "ada@example.com")
		phone, _ := a.setUpTOTP(t)
		a.addPasskey(t, with)
		b := browserApp(s)
		path, options := b.beginPasskey(t)
		done := b.must(t, "POST", path+"/attempt_first_factor", form(answered(with.Assert(t, options))))
		if !both {
			if done.text("response.status") != "needs_second_factor" {
				t.Errorf("status: %v", done)
			}
			done = b.must(t, "POST", path+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)))
		}
		age, _ := done.at("client.sessions.0.factor_verification_age").([]any)
		if done.text("response.status") != "complete" || len(age) != 2 || age[0] != 0.0 || age[1] != 0.0 {
			t.Errorf("both %v: age %v, %v", both, age, done)
		}
	}
}

func TestPasskeyReverifies(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPasskeys, withReverification)
	a, with := browserApp(s), passkeyDevice()
	id := a.signUp(t, "ada@example.com")
	a.addPasskey(t, with)
	a.setUpTOTP(t)
	s.Advance(auth.ReverificationAge + time.Second)
	a.refused(t, "POST", "/v1/me/passkeys", nil, 403, "session_reverification_required")
	verify := "/v1/client/sessions/" + id + "/verify"
	begun := a.must(t, "POST", verify, form("level", "multi_factor"))
	if !strings.Contains(string(begun.Body), `"strategy":"passkey"`) {
		t.Errorf("not offered: %v", begun)
	}
	a.refused(t, "POST", verify+"/attempt_first_factor", form(answered(with.AssertWith(t, 0, "AAAA"))), 400, "passkey_invalid_verification")
	prepare := func() string {
		return a.must(t, "POST", verify+"/prepare_first_factor", form("strategy", "passkey")).text("response.first_factor_verification.nonce")
	}
	with.Unverified = true
	a.refused(t, "POST", verify+"/attempt_first_factor", form(answered(with.Assert(t, prepare()))), 400, "passkey_authentication_failure")
	with.Unverified = false
	done := a.must(t, "POST", verify+"/attempt_first_factor", form(answered(with.Assert(t, prepare()))))
	if done.text("response.status") != "complete" {
		t.Errorf("done: %v", done)
	}
	a.must(t, "POST", "/v1/me/passkeys", nil)
}

func TestPasskeysAreOff(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := browserApp(s)
	a.signUp(t, "ada@example.com")
	a.refused(t, "POST", "/v1/me/passkeys", nil, 403, "feature_not_enabled")
	a.refused(t, "POST", "/v1/client/sign_ins", form("strategy", "passkey"), 422, "strategy_not_supported")
}

// TestPasskeyOrigins asks for registrations from pages and apps.
func TestPasskeyOrigins(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPasskeys, func(o *apitest.Options) {
		o.Settings.Production, o.Host = true, "clerk.example.com"
		o.AllowedOrigin = func(origin string) bool {
			return origin == "https://app.example.com" || origin == "https://elsewhere.net"
		}
		o.Settings.NativeApps = auth.NativeApps{
			Apple: []string{"ABCDE12345.com.example.app"},
			Android: []auth.AndroidApp{{PackageName: "com.example.app", SHA256: []string{
				"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
			}}},
		}
	})
	register := func(a *app, origin string, want string) {
		t.Helper()
		begun := a.must(t, "POST", "/v1/me/passkeys", nil)
		credential := (&apitest.Authenticator{Origin: origin}).Register(t, begun.text("response.verification.nonce"))
		path := "/v1/me/passkeys/" + begun.text("response.id") + "/attempt_verification"
		if got := a.send(t, "POST", path, form(answered(credential))); got.Code() != want {
			t.Errorf("%s: %v, want %q", origin, got, want)
		}
	}
	const invalid = "passkey_invalid_public_key_credential"
	web := &app{Caller: s.Browser("https://app.example.com"), s: s, browser: true}
	web.signUp(t, "web@example.com")
	register(web, "https://app.example.com", "")
	register(web, "https://other.example.com", invalid)
	register(web, "android:apk-key-hash:ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8", invalid)
	native := nativeApp(s)
	native.signUp(t, "app@example.com")
	register(native, "android:apk-key-hash:ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8", "")
	register(native, "https://example.com", "") // as Apple's platforms say it
	register(native, "https://app.example.com", invalid)
	register(native, "android:apk-key-hash:AAEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8", invalid)
	foreign := &app{Caller: s.Browser("https://elsewhere.net"), s: s, browser: true}
	foreign.refused(t, "POST", "/v1/client/sign_ins", form("strategy", "passkey"), 400, "origin_invalid")

	read := func(path string) *apitest.Answer { return s.Native().Do(t, http.MethodGet, path, "") }
	if got := read("/.well-known/apple-app-site-association").OK(t); got.Text("webcredentials", "apps", "0") != "ABCDE12345.com.example.app" {
		t.Errorf("%s", got.Body)
	}
	if got := read("/.well-known/assetlinks.json").OK(t); got.Text("0", "target", "package_name") != "com.example.app" {
		t.Errorf("%s", got.Body)
	}
	read("/.well-known/webauthn").Is(t, 404, "resource_not_found")
	if _, err := s.Live.Update(t.Context(), func(set *auth.Settings) error {
		set.Passkeys.RPID = "clerk.example.com"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	read("/.well-known/webauthn").OK(t)
	foreign.must(t, "POST", "/v1/client/sign_ins", form("strategy", "passkey")) // a related origin now
}

func TestBackEndDeletesPasskeys(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPasskeys)
	a := browserApp(s)
	a.signUp(t, "ada@example.com")
	id := a.addPasskey(t, passkeyDevice())
	me := a.must(t, "GET", "/v1/me", nil).text("response.id")
	if got := backend(t, s, "GET", "/v1/users/"+me, ""); got.text("passkeys.0.id") != id || got.at("passkeys.0.last_used_at") == nil {
		t.Errorf("user: %v", got)
	}
	if got := backend(t, s, "DELETE", "/v1/users/"+me+"/passkeys/"+id, ""); got.text("id") != id {
		t.Errorf("deleted: %v", got)
	}
	s.BackEnd().Do(t, "DELETE", "/v1/users/"+me+"/passkeys/"+id, "").Is(t, 404, "resource_not_found")
	s.BackEnd().Do(t, "DELETE", "/v1/users/user_x/passkeys/"+id, "").Is(t, 404, "resource_not_found")
}
