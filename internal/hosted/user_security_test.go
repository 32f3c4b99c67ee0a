package hosted_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/factor"
)

var (
	shownSecret = regexp.MustCompile(`name="secret" value="([A-Z2-7]+)"`)
	shownQR     = regexp.MustCompile(`src="data:image/png;base64,([^"]+)"`)
)

// app is the authenticator app of the person: its secret is on the page.
func (b *browser) app() string {
	b.t.Helper()
	found := shownSecret.FindStringSubmatch(b.body)
	if found == nil {
		b.t.Fatalf("no secret in\n%s", b.body)
	}
	return found[1]
}

func (b *browser) password(secret string) string {
	b.t.Helper()
	code, err := factor.Password(secret, b.server.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

// setUpApp sets up an authenticator app and returns its secret.
func (b *browser) setUpApp() string {
	b.t.Helper()
	b.post("/user/app", "do", "begin")
	b.must(http.StatusOK, "Scan this picture")
	secret := b.app()
	b.post("/user/app", "do", "prove", "secret", secret, "code", b.password(secret))
	b.must(http.StatusOK, "They are shown this once.")
	b.server.Advance(time.Minute) // a code counts once
	return secret
}

// TestUserApp: a wrong code costs no new scan, and the picture is one.
func TestUserApp(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, _ := signedIn(t, s)
	b.get("/user/app")
	b.lacks("otpauth:")
	b.post("/user/app", "do", "begin")
	b.must(http.StatusOK, "otpauth://totp/Test")
	secret, picture := b.app(), shownQR.FindStringSubmatch(b.body)
	raw, err := base64.StdEncoding.DecodeString(html.UnescapeString(picture[1]))
	if err != nil {
		t.Fatal(err)
	}
	if drawn, err := png.Decode(bytes.NewReader(raw)); err != nil || drawn.Bounds().Dx() < 200 {
		t.Errorf("the picture: %v", err)
	}
	b.post("/user/app", "do", "prove", "secret", secret, "code", "000000")
	if b.must(http.StatusUnprocessableEntity, `id="code-problem"`); b.app() != secret {
		t.Error("another secret after a wrong code")
	}
	b.post("/user/app", "do", "prove", "secret", `"><script>`, "code", "000000")
	b.must(http.StatusUnprocessableEntity)
	b.lacks("<script>")
	code := b.password(secret)
	b.post("/user/app", "do", "prove", "secret", secret, "code", code[:3]+" "+code[3:])
	b.must(http.StatusOK, "They are shown this once.")
	b.post("/user/app", "do", "prove", "secret", secret, "code", code) // sent twice
	b.follow("Two-step verification is on.")
	b.get("/user/app")
	b.sentTo("/user/second-factors")
	b.post("/user/second-factors", "do", "codes")
	b.must(http.StatusOK, "They are shown this once.")
	b.post("/user/second-factors", "do", "remove-app")
	b.follow("Two-step verification is off.")
	b.post("/user/second-factors", "do", "remove-app")
	b.follow("Two-step verification is off.")
}

// TestUserConfirm: sensitive changes ask for another proof when the last is old,
// by the second factor where there is one, and go on where they were.
func TestUserConfirm(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.Reverification = true })
	b, email := signedIn(t, s)
	old := func() { s.Advance(auth.ReverificationAge + time.Second) }
	old()
	const confirm = "/user/confirm?to=%2Fuser%2Femails"
	b.get("/user/emails")
	b.must(http.StatusOK, `href="`+confirm+`"`)
	b.lacks(`name="email_address"`)
	b.post("/user/emails", "do", "add", "email_address", "b@example.com")
	b.sentTo(confirm)
	b.get(confirm)
	b.must(http.StatusOK, `name="password"`)
	b.post(confirm, "do", "prove", "strategy", "password", "password", "wrong wrong wrong")
	b.must(http.StatusUnprocessableEntity, `id="password-problem"`)
	b.post(confirm, "do", "prove", "strategy", "password", "password", apitest.Password)
	b.sentTo("/user/emails?said=confirmed")
	b.follow(`name="email_address"`)
	b.get(confirm)
	b.sentTo("/user/emails?said=confirmed")
	old()
	b.post(confirm, "do", "send", "strategy", "email_code")
	b.follow("We sent you a code by email.", `name="code"`)
	b.post(confirm, "do", "prove", "strategy", "email_code", "code", s.Code(t, email))
	b.sentTo("/user/emails?said=confirmed")
	secret := b.setUpApp()
	old()
	b.get(confirm)
	b.must(http.StatusOK, "Code from the app", "Use a backup code")
	b.lacks(`name="password"`)
	b.post(confirm, "do", "prove", "strategy", "password", "password", apitest.Password)
	b.must(http.StatusUnprocessableEntity)
	b.post(confirm, "do", "prove", "strategy", "backup_code", "code", "wrongwrong")
	b.must(http.StatusUnprocessableEntity, `id="backup-problem"`, `class="more" open`)
	b.lacks(`id="code-problem"`)
	b.post(confirm, "do", "prove", "strategy", "totp", "code", b.password(secret))
	b.sentTo("/user/emails?said=confirmed")
}

// TestUserConfirmLeadsNowhereElse: from the proof the way leads to a page here,
// whatever the address says.
func TestUserConfirmLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, _ := signedIn(t, s)
	for _, to := range []string{
		"", "//evil.example", "https://evil.example/user/", `/user\..\..`, "/user/../../evil", "/user/%2e%2e//evil", "/users", "/user/confirm",
		"/user/?x=https://evil.example", "javascript:alert(1)", "/user/a\r\nX: y", "/sign-in",
	} {
		b.get("/user/confirm?" + url.Values{"to": {to}}.Encode())
		b.sentTo("/user?said=confirmed")
	}
}

// TestUserPasskeys: one is made, named and removed; what an authenticator made of
// other options is not one.
func TestUserPasskeys(t *testing.T) {
	t.Parallel()
	s := withPasskeys(t)
	b, _ := signedIn(t, s)
	authenticator := &apitest.Authenticator{Origin: "https://" + s.Host}
	b.get("/user/passkeys/new")
	b.sentTo("/user/passkeys")
	b.post("/user/passkeys", "do", "begin")
	b.follow(`data-passkey="create"`)
	found := options.FindStringSubmatch(b.body)
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(b.body)
	if found == nil || id == nil {
		t.Fatalf("no options in\n%s", b.body)
	}
	b.post("/user/passkeys/new", "do", "add", "id", id[1], "public_key_credential", "{}")
	b.must(http.StatusUnprocessableEntity, `role="alert"`, "Start again")
	b.post("/user/passkeys/new", "do", "begin")
	b.follow(`data-passkey="create"`)
	found, id = options.FindStringSubmatch(b.body), regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(b.body)
	b.post("/user/passkeys/new", "do", "add", "id", id[1], "public_key_credential", authenticator.Register(t, html.UnescapeString(found[1])))
	b.follow("The passkey is ready.")
	b.post("/user/passkeys", "do", "rename", "id", id[1], "name", "  ")
	b.must(http.StatusUnprocessableEntity, `id="name-problem"`)
	b.post("/user/passkeys", "do", "rename", "id", id[1], "name", "My <key>")
	b.follow("My &lt;key&gt;")
	b.post("/user/passkeys", "do", "remove", "id", id[1])
	b.follow("You have no passkey yet.")
	b.post("/user/passkeys", "do", "remove", "id", id[1])
	b.follow("You have no passkey yet.")
}

// TestUserDevices: a session ends from another device, and everybody else at
// once.
func TestUserDevices(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, email := signedIn(t, s)
	others := []*browser{visit(t, s), visit(t, s), visit(t, s)}
	for _, other := range others {
		s.Advance(2 * time.Hour)
		other.signIn("/sign-in", email)
	}
	b.get("/user/devices")
	b.must(http.StatusOK, "This device", "4 hours ago", "Sign out everywhere else")
	out := func(other *browser) {
		t.Helper()
		other.get("/user")
		other.sentTo("/sign-in?redirect_url=%2Fuser")
	}
	b.post("/user/devices", "do", "sign-out", "id", b.row("4 hours ago"))
	b.follow("The device is signed out.")
	out(others[0])
	b.post("/user/devices", "do", "others")
	b.follow("You are signed out everywhere else.")
	b.lacks("Sign out everywhere else")
	out(others[1])
	out(others[2])
	b.post("/user/devices", "do", "sign-out", "id", "sess_0000000000000000000000000")
	b.must(http.StatusUnprocessableEntity, `role="alert"`)
	b.post("/user/devices", "do", "sign-out", "id", b.row("This device"))
	b.sentTo("/sign-in")
	out(b)
}

// TestUserAccounts: an account at a provider is connected by a trip and
// disconnected.
func TestUserAccounts(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t)
	s.Native().SignUp(t, "somebody@example.com")
	b := visit(t, s)
	b.signIn("/sign-in", "somebody@example.com")
	b.post("/user/accounts", "do", "connect", "strategy", "oauth_github") // not enabled
	b.must(http.StatusUnprocessableEntity, `role="alert"`)
	connect := func(as string) {
		t.Helper()
		b.post("/user/accounts", "do", "connect", "strategy", elsewhere)
		b.must(http.StatusOK, "Continue to The &lt;provider&gt;")
		address := strings.TrimPrefix(b.last.Header.Get("Refresh"), "0;url=")
		b.get(idp.SignIn(t, address, as).RequestURI())
		b.must(http.StatusSeeOther)
		b.get("/user/accounts")
	}
	connect("ada")
	b.must(http.StatusOK, "ada@example.com", "Disconnect")
	b.lacks("Connect The")
	id := b.row("ada@example.com")
	b.post("/user/accounts", "do", "disconnect", "id", id)
	b.follow("The account is disconnected.", "Connect The &lt;provider&gt;")
	b.post("/user/accounts", "do", "disconnect", "id", id)
	b.follow("The account is disconnected.")
	s.Native().SignUp(t, "bob@example.com")
	somebody := b
	b = visit(t, s)
	b.signIn("/sign-in", "bob@example.com")
	connect("bob")
	b.must(http.StatusOK, "Disconnect")
	b = somebody
	connect("bob") // whose account has an owner by now
	b.must(http.StatusOK, "was not connected", `role="alert"`)
	b.lacks("Disconnect")
}

// TestUserSecondFactorAsATask: who has to set up a second factor first goes on
// from there to where they were going.
func TestUserSecondFactorAsATask(t *testing.T) {
	t.Parallel()
	for _, codes := range []bool{true, false} {
		s := apitest.Start(t, func(o *apitest.Options) { o.Settings.SecondFactors.BackupCodes = codes })
		email := person(t, s)
		set := s.Live.Settings()
		set.SecondFactors.Required = true
		if _, err := s.Live.Update(t.Context(), func(to *auth.Settings) error { *to = set; return nil }); err != nil {
			t.Fatal(err)
		}
		const end = "?redirect_url=%2Forganization"
		b := visit(t, s)
		b.signIn("/sign-in"+end, email)
		b.get("/organization")
		b.follow(`href="/user/app` + end + `"`)
		b.post("/user/app"+end, "do", "begin")
		b.must(http.StatusOK)
		secret := b.app()
		b.post("/user/app"+end, "do", "prove", "secret", secret, "code", b.password(secret))
		if codes {
			b.must(http.StatusOK, "They are shown this once.", `href="/task`+end+`"`)
		} else {
			b.follow(`href="/task` + end + `"`)
		}
		b.get("/task" + end)
		b.sentTo("/organization")
	}
}
