package hosted_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// follow goes where the last answer leads.
func (b *browser) follow(contains ...string) {
	b.t.Helper()
	b.must(http.StatusSeeOther)
	b.get(b.last.Header.Get("Location"))
	b.must(http.StatusOK, contains...)
}

// lacks makes sure that the page says none of this.
func (b *browser) lacks(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.body, text) {
			b.t.Errorf("%q in\n%s", text, b.body)
		}
	}
}

var rowID = regexp.MustCompile(`<strong id="((?:idn|sess|eac)_[^"]+)">`)

// row is the id of the row of a list that shows text.
func (b *browser) row(text string) string {
	b.t.Helper()
	for _, row := range strings.Split(b.body, "<li>")[1:] {
		row, _, _ = strings.Cut(row, "</li>")
		if found := rowID.FindStringSubmatch(row); found != nil && strings.Contains(row, text) {
			return found[1]
		}
	}
	b.t.Fatalf("no row with %q in\n%s", text, b.body)
	return ""
}

// TestUserEmails: another address is added, proven, made primary and removed,
// and forms that are sent again change nothing.
func TestUserEmails(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, email := signedIn(t, s)
	b.get("/user/emails")
	b.must(http.StatusOK, email, "Primary", `name="email_address"`)
	b.post("/user/emails", "do", "add", "email_address", "not an address")
	b.must(http.StatusUnprocessableEntity, `aria-invalid="true"`, `value="not an address"`, `id="email_address-problem"`)
	b.post("/user/emails", "do", "add", "email_address", "b@example.com")
	b.follow("b@example.com", `autocomplete="one-time-code"`, "Another code can be sent in 30 seconds")
	b.get("/user/emails")
	id := b.row("b@example.com")
	one := "/user/emails/" + id
	b.post(one, "do", "prove", "code", "000000")
	b.must(http.StatusUnprocessableEntity, `id="code-problem"`, `aria-invalid="true"`)
	s.Advance(auth.CodeResendInterval + time.Second)
	b.post(one, "do", "send")
	b.follow("A code is on its way.")
	code := s.Code(t, "b@example.com")
	b.post(one, "do", "prove", "code", " "+code[:3]+" "+code[3:])
	b.follow("The address is verified.", "Make primary")
	b.post(one, "do", "prove", "code", code) // sent twice
	b.follow("The address is verified.")
	b.get(one) // the back button
	b.sentTo("/user/emails")
	b.post("/user/emails", "do", "primary", "id", id)
	b.follow("The primary address is changed.")
	old := b.row(email)
	b.post("/user/emails", "do", "remove", "id", old)
	b.follow("The address is removed.")
	b.lacks(email)
	b.post("/user/emails", "do", "remove", "id", old)
	b.follow("The address is removed.")
	b.post("/user/emails", "do", "remove", "id", id)
	if b.must(http.StatusUnprocessableEntity, `role="alert"`, "b@example.com"); !strings.Contains(b.client(), "b@example.com") {
		t.Error("the last way to sign in is gone")
	}
	b.get("/user/emails/idn_of_somebody_else")
	b.sentTo("/user/emails")
	b.post("/user/emails", "do", "nothing of the kind")
	b.must(http.StatusUnprocessableEntity, `role="alert"`)
}

// TestUserPhones: a number is added and reserved for the second factor, with
// which come backup codes, once.
func TestUserPhones(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Settings.Phone, o.Settings.SecondFactors.PhoneCode = auth.UseOptional, true
	})
	b, _ := signedIn(t, s)
	const number = "+15555550123"
	b.post("/user/phones", "do", "add", "phone_number", number)
	b.follow(number)
	b.get("/user/phones")
	id := b.row(number)
	b.lacks("Use for two-step verification")
	b.post("/user/phones/"+id, "do", "prove", "code", auth.TestCode)
	b.follow("The number is verified.", "Use for two-step verification")
	b.post("/user/phones", "do", "second-on", "id", id)
	b.must(http.StatusOK, "They are shown this once.", "data:text/plain")
	if n := strings.Count(b.body, "<code>"); n != auth.BackupCodeCount {
		t.Errorf("%d codes", n)
	}
	b.get("/user/second-factors")
	b.must(http.StatusOK, "Two-step verification is on.", "15555550123", "10 codes are left.")
	b.lacks("<code>")
	b.post("/user/phones", "do", "default", "id", id)
	b.follow("first choice")
	b.post("/user/phones", "do", "second-off", "id", id)
	b.follow("This is not your second step any more.")
	b.get("/user")
	b.must(http.StatusOK, "1 number")
}

// TestUserContactsOfNobody: addresses that are somebody else's are told of only
// where the instance tells who has an account.
func TestUserContactsOfNobody(t *testing.T) {
	t.Parallel()
	for _, protects := range []bool{false, true} {
		s := apitest.Start(t, func(o *apitest.Options) { o.Settings.EnumerationProtection = protects })
		b, _ := signedIn(t, s)
		s.Native().SignUp(t, "other@example.com")
		b.post("/user/emails", "do", "add", "email_address", "other@example.com")
		if protects {
			b.must(http.StatusSeeOther)
		} else {
			b.must(http.StatusUnprocessableEntity, `id="email_address-problem"`)
		}
	}
}
