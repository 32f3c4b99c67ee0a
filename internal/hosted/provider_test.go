package hosted_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/idptest"
)

const elsewhere = "oauth_custom_idp"

// withProvider runs a server whose pages offer a provider with two people: the
// address of ada is verified there, that of bob is not.
func withProvider(t *testing.T, change ...func(*auth.Settings)) (*apitest.Server, *idptest.Running) {
	t.Helper()
	idp := idptest.Start(t, "https://127.0.0.1:4343/v1/oauth_callback", "http://127.0.0.1:4343/v1/oauth_callback")
	idp.Add(idptest.Person{ID: "1", Name: "ada", Email: "ada@example.com", EmailVerified: true, FirstName: "Ada"})
	idp.Add(idptest.Person{ID: "2", Name: "bob", Email: "bob@example.com"})
	return apitest.Start(t, func(o *apitest.Options) {
		o.Settings.Social = auth.SocialSettings{
			"custom_idp": {Enabled: true, Name: "The <provider>", Issuer: idp.URL, ClientID: idptest.ClientID, ClientSecret: idptest.ClientSecret},
			"github":     {ClientID: "not-enabled"},
		}
		for _, c := range change {
			c(&o.Settings)
		}
	}), idp
}

// leave sends the browser to the provider, and returns where it was sent.
func (f *flow) leave() (address string) {
	f.t.Helper()
	f.post("do", "elsewhere", "strategy", elsewhere)
	f.must(200, "Continue to The &lt;provider&gt;")
	address, ok := strings.CutPrefix(f.last.Header.Get("Refresh"), "0;url=")
	if !ok || !strings.Contains(html.UnescapeString(f.body), `href="`+address+`"`) {
		f.t.Fatalf("the page leads elsewhere than %q:\n%s", address, f.body)
	}
	return address
}

// come opens the address that a provider sent the browser to, and follows where
// it leads within the instance.
func (f *flow) come(back *url.URL) {
	f.t.Helper()
	f.page = back.RequestURI()
	for range 4 {
		f.send("GET", nil)
		u, err := url.Parse(f.last.Header.Get("Location"))
		if err != nil || f.last.StatusCode != http.StatusSeeOther || (u.Host != "" && u.Host != f.server.Host) {
			return
		}
		f.page = u.RequestURI()
	}
	f.t.Fatalf("sent in circles, to %s", f.page)
}

var action = regexp.MustCompile(`<form method="post" action="([^"]*)"><input type="hidden" name="do" value="transfer">`)

// transfer presses the button that takes what was proven over to the other page.
func (f *flow) transfer() {
	f.t.Helper()
	found := action.FindStringSubmatch(f.body)
	if found == nil {
		f.t.Fatalf("no way on in\n%s", f.body)
	}
	f.page = html.UnescapeString(found[1])
	f.post("do", "transfer")
}

// arrived turns the page that opens the app into the redirect that it stands
// for.
func (f *flow) arrived() {
	f.t.Helper()
	f.must(200, "Return to the app")
	address, ok := strings.CutPrefix(f.last.Header.Get("Refresh"), "0;url=")
	if !ok || !strings.Contains(html.UnescapeString(f.body), `href="`+address+`"`) {
		f.t.Fatalf("the page does not open %q:\n%s", address, f.body)
	}
	f.last.StatusCode = http.StatusSeeOther
	f.last.Header.Set("Location", address)
}

// nobody makes sure that the browser proved nothing.
func (f *flow) nobody() {
	f.t.Helper()
	if a := f.app.Do(f.t, "GET", "/v1/client", "").OK(f.t); strings.Contains(string(a.Body), "sess_") || strings.Contains(f.body, "Return to the app") {
		f.t.Errorf("somebody is signed in: %s", a.Body)
	}
}

// TestProviderFromEitherPage: who signs up at a provider can sign in there, and
// who comes by the wrong door is shown the other one.
func TestProviderFromEitherPage(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t)
	f := begin(t, s, "sign-in")
	f.send("GET", nil)
	f.must(200, "Continue with The &lt;provider&gt;")
	if strings.Contains(f.body, "GitHub") || strings.Contains(f.body, "passkey") {
		t.Errorf("offers what is not enabled:\n%s", f.body)
	}
	f.come(idp.SignIn(t, f.leave(), "ada"))
	f.must(200, "ada@example.com", "Create an account")
	f.nobody()
	f.transfer()
	f.mustRedeem()
	me := f.app.Do(t, "GET", "/v1/me", "").OK(t)
	if me.Text("response", "external_accounts", "0", "provider_user_id") != "1" {
		t.Errorf("signed up as %s", me.Body)
	}

	f = begin(t, s, "sign-in")
	f.come(idp.SignIn(t, f.leave(), "ada"))
	f.arrived()
	f.mustRedeem()
	if again := f.app.Do(t, "GET", "/v1/me", "").OK(t); again.Text("response", "id") != me.Text("response", "id") {
		t.Errorf("signed in as %s", again.Body)
	}

	f = begin(t, s, "sign-up")
	f.come(idp.SignIn(t, f.leave(), "ada"))
	f.must(200, "has an account here already")
	f.nobody()
	f.transfer()
	f.mustRedeem()
}

// TestProviderSaysLittle: what a provider does not tell, or tells without having
// verified it, is asked for here.
func TestProviderSaysLittle(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t, func(set *auth.Settings) { set.Username, set.LegalConsent = auth.UseRequired, true })
	f := begin(t, s, "sign-up")
	f.come(idp.SignIn(t, f.leave(), "bob"))
	f.must(200, `name="username"`, `name="legal_accepted"`)
	if strings.Contains(f.body, `name="password"`) || strings.Contains(f.body, `name="email_address"`) {
		t.Errorf("asks for what it has:\n%s", f.body)
	}
	f.post("do", "complete", "username", "bob_1", "legal_accepted", "true")
	f.must(200, "Send a code by email", "bob@example.com")
	f.nobody()
	f.post("do", "send", "strategy", "email_code")
	f.must(200, `autocomplete="one-time-code"`)
	f.post("do", "prove", "strategy", "email_code", "code", s.Code(t, "bob@example.com"))
	f.mustRedeem()
	if me := f.app.Do(t, "GET", "/v1/me", "").OK(t); me.Text("response", "username") != "bob_1" {
		t.Errorf("signed up as %s", me.Body)
	}
}

// TestProviderAsFactor: who has typed an address is offered the provider that
// the account is connected with.
func TestProviderAsFactor(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t)
	f := begin(t, s, "sign-up")
	f.come(idp.SignIn(t, f.leave(), "ada"))
	f.arrived()
	f.mustRedeem()
	f = begin(t, s, "sign-in")
	f.post("do", "identify", "identifier", "ada@example.com")
	f.must(200, "Continue with The &lt;provider&gt;")
	f.come(idp.SignIn(t, f.leave(), "ada"))
	f.arrived()
	f.mustRedeem()
}

// TestProviderDeadEnds: whatever goes wrong at the provider or on the way back
// signs nobody in, and leaves a page to go on from.
func TestProviderDeadEnds(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t)
	f := begin(t, s, "sign-in")
	back := idp.SignIn(t, f.leave(), "ada")
	stranger := &flow{t: t, server: s, app: f.app, cookies: map[string]string{}}
	stranger.come(back)
	stranger.must(400, "oauth_state_invalid")

	q := back.Query()
	q.Set("error", "access_denied")
	q.Del("code")
	denied := *back
	denied.RawQuery = q.Encode()
	f.come(&denied)
	f.must(200, `role="alert"`, `name="identifier"`)
	f.nobody()
	f.come(back) // the same trip again, with what it was to bring
	f.nobody()

	f.page = begin(t, s, "sign-in").page
	f.post("do", "elsewhere", "strategy", "oauth_github")
	f.must(422, `role="alert"`)
	f.post("do", "transfer")
	f.must(422, `role="alert"`)
	f.nobody()
	if cookie, ok := f.cookies["__perennial_flow"]; ok {
		t.Errorf("a ticket is left in the browser: %s", cookie)
	}
}
