package hosted_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// copied is the same browser once more: another of its tabs.
func (b *browser) copied() *browser {
	tab := visit(b.t, b.server)
	for name, cookie := range b.cookies {
		tab.cookies[name] = cookie
	}
	return tab
}

// TestUserTabs: twenty tabs that do the same at once leave one address, one
// primary address and one password.
func TestUserTabs(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, _ := signedIn(t, s)
	everywhere := func(path string, pairs ...string) (codes map[int]int) {
		codes = map[int]int{}
		var mu sync.Mutex
		var tabs sync.WaitGroup
		for range 20 {
			tab := b.copied()
			tabs.Go(func() {
				tab.post(path, pairs...)
				mu.Lock()
				defer mu.Unlock()
				codes[tab.last.StatusCode]++
				if !strings.Contains(tab.last.Header.Get("Content-Type"), "text/html") && tab.last.StatusCode != http.StatusSeeOther {
					t.Errorf("a tab shows %s", tab.body)
				}
			})
		}
		tabs.Wait()
		return codes
	}
	if codes := everywhere("/user/emails", "do", "add", "email_address", "b@example.com"); codes[http.StatusSeeOther] != 20 {
		t.Errorf("added: %v", codes)
	}
	b.get("/user/emails")
	id := b.row("b@example.com")
	if n := strings.Count(b.body, `<strong id="idn_`); n != 2 {
		t.Errorf("%d addresses", n)
	}
	code := s.Code(t, "b@example.com")
	if codes := everywhere("/user/emails/"+id, "do", "prove", "code", code); codes[http.StatusSeeOther] == 0 || codes[http.StatusInternalServerError] > 0 {
		t.Errorf("proven: %v", codes)
	}
	everywhere("/user/emails", "do", "remove", "id", id)
	b.get("/user/emails")
	b.must(http.StatusOK)
	b.lacks("b@example.com")
}

// TestUserStrangeInput: whatever a form brings, a page in the person's language
// says what to do next.
func TestUserStrangeInput(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Settings.Username, o.Settings.Phone, o.Settings.SecondFactors.PhoneCode = auth.UseOptional, auth.UseOptional, true
	})
	b, _ := signedIn(t, s)
	b.cookies["__perennial_lang"] = &http.Cookie{Name: "__perennial_lang", Value: "ar"}
	long := strings.Repeat("😀", 3000)
	for path, acts := range map[string][]string{
		"/user/profile": {"save"}, "/user/emails": {"add", "primary", "remove", "second-on"}, "/user/phones": {"add", "primary", "remove", "second-on", "default"},
		"/user/accounts": {"connect", "disconnect"}, "/user/password": {"change", "remove"}, "/user/app": {"prove"},
		"/user/second-factors": {"codes", "remove-app"}, "/user/passkeys": {"begin", "rename", "remove"}, "/user/passkeys/new": {"add"},
		"/user/devices": {"sign-out"}, "/user/delete": {"delete"}, "/user/confirm": {"send", "prove"}, "/user/emails/idn_x": {"send", "prove"},
	} {
		for _, do := range append(acts, "", "nothing") {
			for _, value := range []string{"", "\x00", "\xff\xfe", long, "\u202eحسن", "<script>alert(1)</script>", "' OR 1=1 --", "../../etc/passwd"} {
				form := []string{"do", do}
				for _, name := range []string{
					"first_name", "last_name", "username", "email_address", "phone_number", "id", "code", "strategy", "secret", "word", "name",
					"current_password", "new_password", "present_password", "password", "public_key_credential",
				} {
					form = append(form, name, value)
				}
				b.post(path, form...)
				what := fmt.Sprintf("%s %s %.20q", path, do, value)
				switch b.last.StatusCode {
				case http.StatusSeeOther:
				case http.StatusUnprocessableEntity, http.StatusForbidden:
					if !strings.Contains(b.body, `<html lang="ar" dir="rtl">`) || strings.Contains(b.body, "<script>alert") {
						t.Fatalf("%s shows\n%s", what, b.body)
					}
				default:
					t.Fatalf("%s: status %d\n%s", what, b.last.StatusCode, b.body)
				}
			}
		}
	}
	b.get("/user")
	b.must(http.StatusOK, "ada@example.com")
}

// TestUserActing: who is here in the place of a person sees their account and
// changes nothing of how they sign in.
func TestUserActing(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	owner := s.Native()
	owner.SignUp(t, "ada@example.com")
	ada := owner.Do(t, "GET", "/v1/me", "").OK(t).Text("response", "id")
	made := s.BackEnd().Do(t, "POST", "/v1/actor_tokens", `{"user_id":"`+ada+`","actor":{"sub":"user_support"}}`).OK(t)
	b := visit(t, s)
	b.post("/sign-in", "do", "ticket", "ticket", made.Text("token"))
	b.must(http.StatusSeeOther)
	for _, path := range userPaths {
		if path == "/user/password" || path == "/user/emails" || path == "/user/delete" {
			b.get(path)
			b.must(http.StatusOK, "in the place of this person")
			b.lacks(`name="new_password"`, `name="email_address"`, `name="word"`, "Remove")
		}
	}
	for path, do := range map[string]string{
		"/user/password": "change", "/user/emails": "add", "/user/app": "begin", "/user/delete": "delete", "/user/second-factors": "codes",
	} {
		b.post(path, "do", do, "email_address", "evil@example.com", "new_password", "another long sentence", "current_password", apitest.Password, "word", "DELETE")
		b.must(http.StatusUnprocessableEntity, "Only the owner of the account may do this.")
	}
	if me := owner.Do(t, "GET", "/v1/me", "").OK(t); strings.Contains(string(me.Body), "evil@example.com") {
		t.Errorf("changed: %s", me.Body)
	}
}

// TestUserOffersOnlyWhatCanBe: what would be refused because nothing would be
// left to sign in with is not on the page.
func TestUserOffersOnlyWhatCanBe(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Settings.Phone, o.Settings.SecondFactors.PhoneCode = auth.UseOptional, true
	})
	b, email := signedIn(t, s)
	b.get("/user/emails")
	b.must(http.StatusOK, email)
	b.lacks("Yes, remove")
	b.post("/user/phones", "do", "add", "phone_number", "+15555550123")
	b.get("/user/phones")
	id := b.row("15555550123")
	b.post("/user/phones/"+id, "do", "prove", "code", auth.TestCode)
	b.get("/user/emails")
	b.must(http.StatusOK, "Yes, remove")
	old := b.row(email)
	b.post("/user/emails", "do", "remove", "id", old)
	b.get("/user/phones")
	b.must(http.StatusOK, "15555550123")
	b.lacks("Yes, remove", "Use for two-step verification")
	b.post("/user/phones", "do", "second-on", "id", id)
	b.must(http.StatusUnprocessableEntity, `role="alert"`)
}
