package apitest_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

func TestNativeAppSignsUpAndIn(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	app := s.Native()
	app.Do(t, "GET", "/v1/environment", "").OK(t)
	if app.Token() != "" {
		t.Error("the environment handed out a credential")
	}
	first := app.SignUp(t, "ada@example.com")
	token := app.Token()
	app.Do(t, "GET", "/v1/client", "").OK(t)
	if app.Token() != token {
		t.Error("the credential changed without need")
	}
	jwt := app.Do(t, "POST", "/v1/client/sessions/"+first+"/tokens", "").OK(t).Text("jwt")
	if jwt == "" {
		t.Error("no token")
	}
	app.Do(t, "POST", "/v1/client/sessions/"+first+"/remove", "").OK(t)
	app.Do(t, "POST", "/v1/client/sessions/"+first+"/tokens", "").Is(t, 401, "authentication_invalid")
	if second := app.SignIn(t, "ada@example.com"); second == first {
		t.Error("an ended session came back")
	}
}

func TestBrowserSignsUp(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	page := s.Browser("https://app.example.com")
	page.SignUp(t, "ada@example.com")
	if cookie := page.Cookie("__client"); cookie == nil || !cookie.HttpOnly || !cookie.Secure {
		t.Errorf("cookie %v", cookie)
	}
	if me := page.Do(t, "GET", "/v1/me", "").OK(t); me.Text("response", "email_addresses", "0", "email_address") != "ada@example.com" {
		t.Errorf("got %s", me.Body)
	}
	s.BackEnd().Do(t, "GET", "/v1/users?email_address=ada%40example.com", "").OK(t)
}
