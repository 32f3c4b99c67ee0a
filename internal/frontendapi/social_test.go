package frontendapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/idptest"
)

const (
	webPage  = "http://localhost:3000"
	callback = webPage + "/sso-callback?sign_in_force_redirect_url=%2Fhome"
	complete = webPage + "/done"
	custom   = "oauth_custom_idp"
)

// trip is a browser, the server under test and a provider.
type trip struct {
	t      *testing.T
	server *apitest.Server
	idp    *idptest.Running
	web    *apitest.Caller
}

// startTrip runs a provider with three people: ada's address is verified, bob's
// is not, and eve is somebody else.
func startTrip(t *testing.T, change ...func(*auth.Settings)) *trip {
	t.Helper()
	idp := idptest.Start(t, "https://127.0.0.1:4343/v1/oauth_callback", "http://127.0.0.1:4343/v1/oauth_callback")
	idp.Add(idptest.Person{ID: "1", Name: "ada", Email: "ada@example.com", EmailVerified: true, FirstName: "Ada", LastName: "Lovelace"})
	idp.Add(idptest.Person{ID: "2", Name: "bob", Email: "bob@example.com", FirstName: "Bob"})
	idp.Add(idptest.Person{ID: "3", Name: "eve", Email: "eve@example.com", EmailVerified: true})
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Settings.Social = auth.SocialSettings{"custom_idp": {
			Enabled: true, Name: "The provider", Issuer: idp.URL, ClientID: idptest.ClientID, ClientSecret: idptest.ClientSecret,
			Scopes: []string{"openid", "email", "profile", "offline_access"},
		}}
		for _, c := range change {
			c(&o.Settings)
		}
	})
	return &trip{t, s, idp, s.Browser(webPage)}
}

// begin asks for a trip and returns the answer with the provider's address.
func (x *trip) begin(what string, pairs ...string) (*apitest.Answer, string) {
	x.t.Helper()
	a := x.web.Form(x.t, "POST", "/v1/client/"+what, append([]string{
		"strategy", custom, "redirect_url", callback, "action_complete_redirect_url", complete,
	}, pairs...)...).OK(x.t)
	proof := "first_factor_verification"
	if what != "sign_ins" {
		proof = "verifications.external_account"
	}
	path := append([]string{"response"}, strings.Split(proof, ".")...)
	if a.Text(append(path, "status")...) != "unverified" || a.Text(append(path, "strategy")...) != custom {
		x.t.Fatalf("no trip began: %s", a.Body)
	}
	return a, a.Text(append(path, "external_verification_redirect_url")...)
}

// come sends a browser back from the provider and returns where it goes then.
func (x *trip) come(as *apitest.Caller, back *url.URL) string {
	x.t.Helper()
	a := as.Do(x.t, "GET", back.RequestURI(), "")
	if a.Status != 303 {
		x.t.Fatalf("came back to %d %s", a.Status, a.Body)
	}
	return a.Header.Get("Location")
}

// through is a whole trip of one person.
func (x *trip) through(what, name string, pairs ...string) (where string) {
	x.t.Helper()
	_, address := x.begin(what, pairs...)
	return x.come(x.web, x.idp.SignIn(x.t, address, name))
}

func (x *trip) client() *apitest.Answer {
	x.t.Helper()
	return x.web.Do(x.t, "GET", "/v1/client", "").OK(x.t)
}

// leave signs the browser out.
func (x *trip) leave() {
	x.t.Helper()
	x.web.Do(x.t, "DELETE", "/v1/client/sessions", "").OK(x.t)
}

func TestSocialSignUpThenSignIn(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	if where := x.through("sign_ups", "ada"); where != complete {
		t.Fatalf("the browser went to %s", where)
	}
	a := x.client()
	user := func(path ...string) string {
		return a.Text(append([]string{"response", "sessions", "0", "user"}, path...)...)
	}
	for _, want := range []struct{ got, want string }{
		{user("first_name"), "Ada"}, {user("last_name"), "Lovelace"}, {user("email_addresses", "0", "email_address"), "ada@example.com"},
		{user("email_addresses", "0", "verification", "status"), "verified"},
		{user("email_addresses", "0", "verification", "strategy"), "from_" + custom},
		{user("email_addresses", "0", "linked_to", "0", "id"), user("external_accounts", "0", "identification_id")},
		{user("external_accounts", "0", "provider"), custom}, {user("external_accounts", "0", "provider_user_id"), "1"},
		{user("external_accounts", "0", "verification", "status"), "verified"},
		{a.Text("response", "last_authentication_strategy"), custom},
	} {
		if want.got != want.want || want.got == "" {
			t.Errorf("%q, want %q in %s", want.got, want.want, a.Body)
		}
	}
	me := user("id")
	x.leave()
	if where := x.through("sign_ins", "ada"); where != complete {
		t.Fatalf("the browser went to %s", where)
	}
	if a = x.client(); user("id") != me {
		t.Errorf("signed in as %q, want %q", user("id"), me)
	}
}
