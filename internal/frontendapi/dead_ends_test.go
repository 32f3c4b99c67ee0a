package frontendapi_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// TestRaceForACallback: a browser that comes back from a provider several times
// at once, because it was restored or tapped twice, signs in once.
func TestRaceForACallback(t *testing.T) {
	t.Parallel()
	x := startTrip(t)
	x.through("sign_ups", "ada")
	x.leave()
	_, address := x.begin("sign_ins")
	back := x.idp.SignIn(t, address, "ada").RequestURI()
	var (
		all  sync.WaitGroup
		home atomic.Int32
	)
	for range 8 {
		all.Go(func() {
			a := x.web.Do(t, http.MethodGet, back, "")
			if a.Status == http.StatusSeeOther {
				home.Add(1)
			} else if a.Code() != "oauth_state_invalid" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	all.Wait()
	a := x.client()
	if home.Load() == 0 || a.Text("response", "sessions", "0", "status") != "active" || a.Text("response", "sessions", "1", "id") != "" {
		t.Errorf("%d came home to %s", home.Load(), a.Body)
	}
}

// TestConfusableUsernames: nobody gets a name that looks like another one.
func TestConfusableUsernames(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.Username = auth.UseOptional })
	owner, other := s.Native(), s.Native()
	owner.SignUp(t, "ada@example.com")
	owner.Form(t, "PATCH", "/v1/me", "username", "Kate_L").OK(t)
	other.SignUp(t, "eve@example.com")
	for name, code := range map[string]string{
		"KATE_L": "form_identifier_exists", " kate_l ": "form_identifier_exists",
		"k\u0430te_l":       "form_username_invalid_character", // a Cyrillic a
		"\u212aate_l":       "form_username_invalid_character", // the Kelvin sign, whose lower case is k
		"kate\u200b_l":      "form_username_invalid_character", // a space of no width
		"\uff4b\uff41te_l":  "form_username_invalid_character", // full width
		"kate\u202e_l":      "form_username_invalid_character", // writes backwards
		"ka\u0301te_l":      "form_username_invalid_character", // a mark that combines
		"eve@example.com\n": "form_username_invalid_character",
	} {
		for _, a := range []*apitest.Answer{
			other.Form(t, "PATCH", "/v1/me", "username", name),
			s.Native().Form(t, "POST", "/v1/client/sign_ups", "username", name, "password", apitest.Password),
		} {
			if a.Status != 422 || a.Code() != code || a.Text("errors", "0", "meta", "param_name") != "username" {
				t.Errorf("%q: %d %s", name, a.Status, a.Body)
			}
		}
	}
	if me := other.Do(t, "GET", "/v1/me", "").OK(t); me.Get("response", "username") != nil {
		t.Errorf("a name was taken: %s", me.Body)
	}
}
