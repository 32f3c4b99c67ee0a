package frontendapi_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/browserflow"
)

// handed is what a provider's callback does: it keeps the outcome for the app
// and returns the nonce that the browser takes there.
func handed(t *testing.T, s *apitest.Server, h browserflow.Handed) (nonce string) {
	t.Helper()
	h.RedirectURL = "myapp://callback"
	address, err := s.BrowserFlows.Hand(t.Context(), h, auth.Change{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil || len(u.Query()) != 1 || !strings.HasPrefix(address, h.RedirectURL+"?") {
		t.Fatalf("sent to %s", address)
	}
	return u.Query().Get("rotating_token_nonce")
}

// named is whom a provider says that somebody is.
func named(email string) json.RawMessage {
	return auth.ExternalIdentity{Provider: "oauth_google", Subject: email, EmailAddress: email, EmailVerified: true}.Encode()
}

func TestNonceCompletesSignIn(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	s.Native().SignUp(t, "ada@example.com")
	app, thief := s.Native(), s.Native()
	a := app.Form(t, "POST", "/v1/client/sign_ins", "identifier", "ada@example.com").OK(t)
	id, client := a.Text("response", "id"), a.Text("client", "id")
	path := "/v1/client/sign_ins/" + id
	nonce := handed(t, s, browserflow.Handed{
		Client: auth.ClientID(client), SignIn: auth.SignInID(id), External: named("ada@example.com"), Strategy: "oauth_google",
	})
	// Whoever only waits gets nothing.
	if a := app.Do(t, "GET", path, "").OK(t); a.Text("response", "status") != "needs_first_factor" {
		t.Errorf("without the nonce: %s", a.Body)
	}
	other := thief.Form(t, "POST", "/v1/client/sign_ins", "identifier", "ada@example.com").OK(t).Text("response", "id")
	for name, a := range map[string]*apitest.Answer{
		"a foreign nonce":     app.Do(t, "GET", path+"?rotating_token_nonce=pbn_x", ""),
		"for another attempt": thief.Do(t, "GET", "/v1/client/sign_ins/"+other+"?rotating_token_nonce="+nonce, ""),
	} {
		if a.Code() != "form_param_value_invalid" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	before := app.Token()
	first := app.Do(t, "GET", path+"?rotating_token_nonce="+nonce, "").OK(t)
	created := first.Text("response", "created_session_id")
	if first.Text("response", "status") != "complete" || created == "" || first.Text("client", "sessions", "0", "id") != created {
		t.Errorf("%s", first.Body)
	}
	if app.Token() == before {
		t.Error("the app keeps the credential it had before anybody signed in")
	}
	again := app.Do(t, "GET", path+"?rotating_token_nonce="+nonce, "").OK(t)
	if again.Text("response", "created_session_id") != created || again.Text("client", "sessions", "1", "id") != "" {
		t.Errorf("again: %s", again.Body)
	}
}

func TestNonceExpires(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	app := s.Native()
	a := app.Form(t, "POST", "/v1/client/sign_ups", "email_address", "new@example.com").OK(t)
	id, client := a.Text("response", "id"), a.Text("client", "id")
	nonce := handed(t, s, browserflow.Handed{Client: auth.ClientID(client), SignUp: auth.SignUpID(id), Strategy: "oauth_google"})
	path := "/v1/client/sign_ups/" + id + "?rotating_token_nonce=" + nonce
	s.Advance(auth.NonceLifetime + time.Second)
	if a := app.Do(t, "GET", path, ""); a.Code() != "verification_expired" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}
