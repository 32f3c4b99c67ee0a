package hosted_test

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

var options = regexp.MustCompile(`data-options="([^"]*)"`)

const app = "https://app.example.com"

// withPasskeys runs a server whose pages share a site with an app.
func withPasskeys(t *testing.T) *apitest.Server {
	t.Helper()
	return apitest.Start(t, func(o *apitest.Options) {
		o.Host = "clerk.example.com"
		o.AllowedOrigin = func(origin string) bool { return origin == app || origin == "https://"+o.Host }
		o.Settings.Passkeys.Enabled, o.Settings.Passkeys.RPID = true, "example.com"
	})
}

// challenged are the options that the page hands to the authenticator.
func (f *flow) challenged() string {
	f.t.Helper()
	f.must(200, `id="passkey"`)
	found := options.FindStringSubmatch(f.body)
	if found == nil {
		f.t.Fatalf("no options in\n%s", f.body)
	}
	return html.UnescapeString(found[1])
}

// TestSignInWithPasskey: by a button, and as the first factor of somebody.
func TestSignInWithPasskey(t *testing.T) {
	t.Parallel()
	s := withPasskeys(t)
	web, device := s.Browser(app), &apitest.Authenticator{Origin: app}
	web.SignUp(t, "ada@example.com")
	begun := web.Form(t, "POST", "/v1/me/passkeys").OK(t)
	web.Form(t, "POST", "/v1/me/passkeys/"+begun.Text("response", "id")+"/attempt_verification", "strategy", "passkey",
		"public_key_credential", device.Register(t, begun.Text("response", "verification", "nonce"))).OK(t)
	device.Origin = "https://" + s.Host

	f := begin(t, s, "sign-in")
	f.send("GET", nil)
	f.must(200, "Use a passkey")
	f.post("do", "passkey")
	credential := device.Assert(t, f.challenged())
	f.post("do", "prove", "strategy", "passkey", "public_key_credential", credential)
	f.mustRedeem()

	f = begin(t, s, "sign-in")
	f.post("do", "identify", "identifier", "ada@example.com")
	f.must(200, "Use a passkey")
	f.post("do", "send", "strategy", "passkey")
	asked := f.challenged()
	f.post("do", "prove", "strategy", "passkey", "public_key_credential", credential) // of another challenge
	f.must(422, `role="alert"`)
	f.post("do", "send", "strategy", "passkey")
	again := f.challenged()
	if again == asked {
		t.Error("the challenge that failed is asked again")
	}
	foreign := *device
	foreign.Origin = "https://evil.example"
	f.post("do", "prove", "strategy", "passkey", "public_key_credential", foreign.Assert(t, again))
	f.must(422, `role="alert"`)
	f.nobody()
	f.post("do", "send", "strategy", "passkey")
	f.post("do", "prove", "strategy", "passkey", "public_key_credential", device.Assert(t, f.challenged()))
	f.mustRedeem()
}

// TestPasskeyBesideNames: the script gets a challenge that begins nothing else,
// and what the browser answers signs in.
func TestPasskeyBesideNames(t *testing.T) {
	t.Parallel()
	s := withPasskeys(t)
	web, device := s.Browser(app), &apitest.Authenticator{Origin: app}
	web.SignUp(t, "ada@example.com")
	begun := web.Form(t, "POST", "/v1/me/passkeys").OK(t)
	web.Form(t, "POST", "/v1/me/passkeys/"+begun.Text("response", "id")+"/attempt_verification", "strategy", "passkey",
		"public_key_credential", device.Register(t, begun.Text("response", "verification", "nonce"))).OK(t)
	device.Origin = "https://" + s.Host
	b := visit(t, s)
	b.get("/sign-in")
	b.must(200, `autocomplete="username webauthn"`, `data-passkey="fill"`)
	b.post("/sign-in", "do", "fill")
	b.must(200)
	var answer struct{ Options string }
	if err := json.Unmarshal([]byte(b.body), &answer); err != nil || answer.Options == "" {
		t.Fatalf("%v: %s", err, b.body)
	}
	b.get("/sign-in") // a reload does not make the passkey the only way
	b.must(200, `name="identifier"`)
	b.post("/sign-in", "do", "prove", "strategy", "passkey", "public_key_credential", device.Assert(t, answer.Options))
	b.sentTo("/user")
}

// TestPasskeyScript: pages that ask for no passkey do not load the script for
// them.
func TestPasskeyScript(t *testing.T) {
	t.Parallel()
	s := withPasskeys(t)
	f := begin(t, s, "sign-in")
	f.send("GET", nil)
	f.must(200, "/passkey.js\" type=\"module\"></script>")
	f = begin(t, s, "sign-up")
	f.send("GET", nil)
	if strings.Contains(f.body, "passkey.js") {
		t.Errorf("a script where nothing needs one:\n%s", f.body)
	}
	// An address is nothing that a passkey can be for.
	s = apitest.Start(t, func(o *apitest.Options) { o.Settings.Passkeys.Enabled = true })
	f = begin(t, s, "sign-in")
	f.send("GET", nil)
	if strings.Contains(f.body, "passkey") {
		t.Errorf("offers passkeys at %s:\n%s", s.Host, f.body)
	}
	f.post("do", "passkey")
	f.must(403, `role="alert"`)
}
