package hosted_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// signedIn is a browser in which somebody is signed in.
func signedIn(t *testing.T, s *apitest.Server) (b *browser, email string) {
	t.Helper()
	email = person(t, s)
	b = visit(t, s)
	b.signIn("/sign-in", email)
	return b, email
}

// userPaths are the pages about an account that are there for everybody.
var userPaths = []string{
	"/user", "/user/profile", "/user/emails", "/user/accounts", "/user/password", "/user/second-factors", "/user/app",
	"/user/passkeys", "/user/devices", "/user/delete",
}

// TestUserPages: every page is there in every language, and nothing of it is
// there for nobody.
func TestUserPages(t *testing.T) {
	t.Parallel()
	s := withPasskeys(t)
	b, _ := signedIn(t, s)
	for _, path := range userPaths {
		visit(t, s).get(path)
		for _, language := range []string{"en", "de", "fr", "es", "ja", "ar"} {
			b.cookies["__perennial_lang"] = &http.Cookie{Name: "__perennial_lang", Value: language}
			b.get(path)
			b.must(http.StatusOK, `<html lang="`+language+`"`, "<h1>", `<main id="main"`)
			if strings.Contains(b.body, "user.") || strings.Contains(b.body, "ZgotmplZ") {
				t.Errorf("%s in %s has a message that there is not:\n%s", path, language, b.body)
			}
		}
		nobody := visit(t, s)
		nobody.get(path)
		nobody.sentTo("/sign-in?redirect_url=" + strings.ReplaceAll(path, "/", "%2F"))
		nobody.post(path, "do", "delete", "word", "DELETE")
		nobody.must(http.StatusSeeOther)
	}
}
