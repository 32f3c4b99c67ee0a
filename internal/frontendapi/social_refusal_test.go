package frontendapi_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// problem is why the last sign-in brought nobody.
func (x *trip) problem() string {
	x.t.Helper()
	return x.client().Text("response", "sign_in", "first_factor_verification", "error", "code")
}

func (x *trip) signedOut() {
	x.t.Helper()
	if a := x.client(); a.Text("response", "sessions", "0", "id") != "" {
		x.t.Errorf("somebody is signed in: %s", a.Body)
	}
}

// with is an address with other parameters.
func with(u *url.URL, pairs ...string) *url.URL {
	changed := *u
	q := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	changed.RawQuery = q.Encode()
	return &changed
}

// TestSocialForeignBrowser: whoever makes somebody follow the end of their own
// trip signs nobody in, neither them nor the other.
func TestSocialForeignBrowser(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.through("sign_ups", "ada")
	x.leave()
	_, address := x.begin("sign_ins")
	back := x.idp.SignIn(t, address, "ada")
	victim := x.server.Browser(webPage)
	for name, as := range map[string]*apitest.Caller{"no client": x.server.Browser(webPage), "another client": victim} {
		if name == "another client" {
			victim.SignUp(t, "victim@example.com")
		}
		as.Do(t, "GET", back.RequestURI(), "").Is(t, 400, "oauth_state_invalid")
	}
	x.signedOut()
	if where := x.come(x.web, back); where != complete { // nothing was used up
		t.Errorf("the browser went to %s", where)
	}
}

// TestSocialStates: only a state of this server, of this trip, in time, once.
func TestSocialStates(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.through("sign_ups", "ada")
	x.leave()
	_, address := x.begin("sign_ins")
	back := x.idp.SignIn(t, address, "ada")
	for _, state := range []string{"", "x", back.Query().Get("state") + "A", "pbn_AAAA"} {
		x.web.Do(t, "GET", with(back, "state", state).RequestURI(), "").Is(t, 400, "oauth_state_invalid")
	}
	x.begin("sign_ins") // takes the place of the former attempt
	x.web.Do(t, "GET", back.RequestURI(), "").Is(t, 400, "oauth_state_invalid")
	x.signedOut()

	_, address = x.begin("sign_ins")
	back = x.idp.SignIn(t, address, "ada")
	x.come(x.web, back)
	session := x.client().Text("response", "last_active_session_id")
	if where := x.come(x.web, back); where != callback { // a reload, or the back button
		t.Errorf("used again, it leads to %s", where)
	}
	if a := x.client(); a.Text("response", "last_active_session_id") != session || a.Text("response", "sessions", "1", "id") != "" {
		t.Errorf("used again, it did something: %s", a.Body)
	}
	x.leave()
	_, address = x.begin("sign_ins")
	back = x.idp.SignIn(t, address, "ada")
	x.server.Advance(auth.OAuthFlowLifetime + time.Second)
	if where := x.come(x.web, back); where != callback {
		t.Errorf("too late, it leads to %s", where)
	}
	x.signedOut()
}

// TestSocialCodes: a code that was got for another trip is worth nothing, and
// nothing that a provider did not say is believed.
func TestSocialCodes(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.through("sign_ups", "ada")
	x.leave()
	stranger := x.server.Browser(webPage)
	theirs := stranger.Form(t, "POST", "/v1/client/sign_ins", "strategy", custom, "redirect_url", callback).OK(t)
	stolen := x.idp.SignIn(t, theirs.Text("response", "first_factor_verification", "external_verification_redirect_url"), "ada")
	for name, test := range map[string]struct {
		change []string
		want   string
	}{
		"stolen code":      {[]string{"code", stolen.Query().Get("code")}, "oauth_token_exchange_error"},
		"made-up code":     {[]string{"code", "x"}, "oauth_token_exchange_error"},
		"no code":          {[]string{"code", ""}, "oauth_token_exchange_error"},
		"another issuer":   {[]string{"iss", "https://evil.example"}, "oauth_id_token_invalid"},
		"denied":           {[]string{"error", "access_denied", "code", ""}, "oauth_access_denied"},
		"another trouble":  {[]string{"error", "login_required"}, "oauth_token_exchange_error"},
		"error and a code": {[]string{"error", "access_denied"}, "oauth_access_denied"},
	} {
		_, address := x.begin("sign_ins")
		back := with(x.idp.SignIn(t, address, "ada"), test.change...)
		if where := x.come(x.web, back); where != callback {
			t.Errorf("%s: the browser went to %s", name, where)
		}
		if got := x.problem(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		x.signedOut()
	}
}

// TestSocialNonce: an ID token of another request is refused, although code and
// verifier are right.
func TestSocialNonce(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	_, address := x.begin("sign_ups")
	asked, _ := url.Parse(address)
	if asked.Query().Get("nonce") == "" || asked.Query().Get("code_challenge_method") != "S256" ||
		asked.Query().Get("redirect_uri") != "https://127.0.0.1:4343/v1/oauth_callback" {
		t.Errorf("asked for %s", address)
	}
	x.come(x.web, x.idp.SignIn(t, with(asked, "nonce", "of-another-request").String(), "ada"))
	if got := x.client().Text("response", "sign_up", "verifications", "external_account", "error", "code"); got != "oauth_id_token_invalid" {
		t.Errorf("the problem is %q", got)
	}
	x.signedOut()
}

// TestSocialProviderDown: trouble of the provider is no verdict, and the same
// answer works once it is over.
func TestSocialProviderDown(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.idp.Down.Store(true)
	a := x.web.Form(t, "POST", "/v1/client/sign_ins", "strategy", custom, "redirect_url", callback)
	a.Is(t, http.StatusServiceUnavailable, "oauth_provider_unavailable")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	x.idp.Down.Store(false)
	_, address := x.begin("sign_ups")
	back := x.idp.SignIn(t, address, "ada")
	x.idp.Down.Store(true)
	x.web.Do(t, "GET", back.RequestURI(), "").Is(t, http.StatusServiceUnavailable, "oauth_provider_unavailable")
	x.signedOut()
	x.idp.Down.Store(false)
	if where := x.come(x.web, back); where != complete {
		t.Errorf("the browser went to %s", where)
	}
}

// TestSocialRedirects: a trip ends on pages of the instance's own applications.
func TestSocialRedirects(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	for _, to := range []string{
		"https://evil.example/", "//evil.example/", "/relative", "javascript:alert(1)", "http://localhost@evil.example/",
		"http://localhost:3000@evil.example/", "data:text/html,x", "myapp://callback",
	} {
		for _, what := range []string{"sign_ins", "sign_ups"} {
			x.web.Form(t, "POST", "/v1/client/"+what, "strategy", custom, "redirect_url", to).Is(t, 422, "form_param_value_invalid")
			x.web.Form(t, "POST", "/v1/client/"+what, "strategy", custom, "redirect_url", callback, "action_complete_redirect_url", to).
				Is(t, 422, "form_param_value_invalid")
		}
	}
	for _, pairs := range [][]string{{"oidc_prompt", "login x"}, {"additional_scope", "a b"}, {"additional_scope", "é"}} {
		x.web.Form(t, "POST", "/v1/client/sign_ins", append([]string{"strategy", custom, "redirect_url", callback}, pairs...)...).
			Is(t, 422, "form_param_value_invalid")
	}
	for _, strategy := range []string{"oauth_google", "oauth_", "oauth_custom_none", "oauth_token_custom_none"} {
		x.web.Form(t, "POST", "/v1/client/sign_ins", "strategy", strategy, "redirect_url", callback, "token", "x").
			Is(t, 422, "strategy_not_supported")
	}
	x.web.Form(t, "POST", "/v1/client/sign_ins", "strategy", custom).Is(t, 422, "form_param_missing")
	x.web.Form(t, "POST", "/v1/client/sign_ins", "transfer", "true").Is(t, 422, "form_param_value_invalid")
}

// TestSocialPost: what a provider makes the browser post becomes a request with
// which the browser sends its cookies, and nothing else of it is carried along.
func TestSocialPost(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	_, address := x.begin("sign_ups")
	back := x.idp.SignIn(t, address, "ada")
	form := back.Query()
	form.Set("user", `{"name":"x"}`)
	a := x.server.Browser("https://appleid.apple.com").Send(t, apitest.Request{Method: "POST", Path: "/v1/oauth_callback", Body: form.Encode()})
	to, err := url.Parse(a.Header.Get("Location"))
	if a.Status != 303 || err != nil || to.Path != "/v1/oauth_callback" || to.Query().Has("user") || len(a.Header.Values("Set-Cookie")) > 0 {
		t.Fatalf("%d to %s, cookies %v", a.Status, to, a.Header.Values("Set-Cookie"))
	}
	if where := x.come(x.web, to); where != complete {
		t.Errorf("the browser went to %s", where)
	}
}

// TestSocialIDToken: what an app was given by the provider counts, for this
// instance and this person only.
func TestSocialIDToken(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.through("sign_ups", "ada")
	me := x.client().Text("response", "sessions", "0", "user", "id")
	back := x.server.BackEnd()
	tokens := back.Do(t, "GET", "/v1/users/"+me+"/oauth_access_tokens/"+custom, "").OK(t)
	token := tokens.Text("0", "id_token")
	if token == "" || tokens.Text("0", "token") == "" || tokens.Text("0", "provider_user_id") != "1" {
		t.Fatalf("the back end gets %s", tokens.Body)
	}
	app := x.server.Native()
	send := func(pairs ...string) *apitest.Answer {
		return app.Form(t, "POST", "/v1/client/sign_ins", append([]string{"strategy", "oauth_token_custom_idp"}, pairs...)...)
	}
	send().Is(t, 422, "form_param_missing")
	send("token", token, "nonce", "of another request").Is(t, 422, "oauth_id_token_invalid")
	send("token", token[:len(token)-4]+"AAAA").Is(t, 422, "oauth_id_token_invalid")
	send("token", "x").Is(t, 422, "oauth_id_token_invalid")
	if a := send("token", token).OK(t); a.Text("response", "status") != "complete" {
		t.Errorf("signed in: %s", a.Body)
	}
	// A token that another application was given.
	if _, err := x.server.Live.Update(t.Context(), func(s *auth.Settings) error {
		p := s.Social["custom_idp"]
		p.ClientID = "another"
		s.Social = auth.SocialSettings{"custom_idp": p}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	send("token", token).Is(t, 422, "oauth_id_token_invalid")
}

// TestSocialAlreadySignedIn: whoever is signed in here already keeps the session
// there is, and pages are told which (wire contract, codes clients branch on).
func TestSocialAlreadySignedIn(t *testing.T) {
	t.Parallel()
	for what, proof := range map[string][]string{
		"sign_ins": {"response", "sign_in", "first_factor_verification"},
		"sign_ups": {"response", "sign_up", "verifications", "external_account"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			x := startTrip(t)
			x.through("sign_ups", "ada")
			session := x.client().Text("response", "last_active_session_id")
			if where := x.through(what, "ada"); where != callback {
				t.Errorf("the browser went to %s", where)
			}
			a := x.client()
			said := func(path ...string) string { return a.Text(append(proof, path...)...) }
			if said("status") != "failed" || said("error", "code") != "identifier_already_signed_in" || said("error", "meta", "session_id") != session {
				t.Errorf("the proof is %s", a.Body)
			}
			if a.Text("response", "sessions", "0", "id") != session || a.Has("response", "sessions", "1") {
				t.Errorf("the sessions are %s", a.Body)
			}
			if where := x.through(what, "eve"); what == "sign_ups" && where != complete { // somebody else may
				t.Errorf("the browser went to %s with another account", where)
			}
		})
	}
}
