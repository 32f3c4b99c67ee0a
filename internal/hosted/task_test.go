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

// TestSecondFactor: each of the second factors that somebody has set up, and a
// change of mind between them.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.SecondFactors.EmailCode = true })
	owner := signedInAs(t, s, "ada@example.com")
	secret := owner.setUpApp()
	b := visit(t, s)
	b.signInFirst("ada@example.com")
	b.get("/sign-in")
	b.must(200, "Code from your authenticator app", `href="/sign-in?with=backup_code"`, "Send a code by email to a")
	b.get("/sign-in?with=backup_code")
	b.must(200, "Backup code", `href="/sign-in?with=totp"`)
	b.post("/sign-in", "do", "prove-second", "strategy", "backup_code", "code", "aaaa-bbbb")
	b.must(422, `role="alert"`, "Backup code", `aria-invalid="true"`)
	b.post("/sign-in", "do", "send-second", "strategy", "email_code")
	b.sentTo("/sign-in?said=sent&with=email_code")
	b.get("/sign-in?said=sent&with=email_code")
	b.must(200, "Code from the email", "Send another code", `data-resend="30"`)
	b.post("/sign-in", "do", "prove-second", "strategy", "email_code", "code", "000000")
	b.must(422, "Code from the email")
	b.get("/sign-in?with=totp")
	b.must(200, "Code from your authenticator app")
	b.post("/sign-in", "do", "prove-second", "strategy", "totp", "code", " "+b.password(secret)[:3]+" "+b.password(secret)[3:])
	b.sentTo("/user")
	s.Advance(time.Minute) // mails are told apart by when they were written
	other := visit(t, s)
	other.signInFirst("ada@example.com")
	other.post("/sign-in", "do", "send-second", "strategy", "email_code")
	other.post("/sign-in", "do", "prove-second", "strategy", "email_code", "code", s.Code(t, "ada@example.com"))
	other.sentTo("/user")
}

// signInFirst proves the first factor of somebody who has a second one.
func (b *browser) signInFirst(email string) {
	b.t.Helper()
	b.post("/sign-in", "do", "identify", "identifier", email)
	b.post("/sign-in", "do", "prove", "strategy", "password", "password", apitest.Password)
	b.sentTo("/sign-in")
}

// TestTaskPassword: a password that is no longer safe is replaced before
// anything else.
func TestTaskPassword(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	person(t, s)
	users := s.BackEnd().Do(t, "GET", "/v1/users?email_address=ada@example.com", "").OK(t)
	s.BackEnd().Do(t, "POST", "/v1/users/"+users.Text("0", "id")+"/password/set_compromised", "{}").OK(t)
	b := visit(t, s)
	b.signIn("/sign-in?redirect_url=%2Forganization", "ada@example.com")
	const task = "/task?redirect_url=%2Forganization"
	b.sentTo(task)
	b.get(task)
	b.must(200, "Choose a new password", `autocomplete="new-password"`, "Sign out")
	for _, page := range []string{"/user", "/organization", "/user/password"} {
		b.get(page)
		b.sentTo("/task?redirect_url=" + strings.ReplaceAll(page, "/", "%2F"))
	}
	b.post(task, "do", "password", "new_password", "short")
	b.must(422, `id="new_password-problem"`)
	b.post(task, "do", "nonsense")
	b.must(422, `role="alert"`)
	b.post(task, "do", "password", "new_password", "another password that nobody has")
	b.sentTo(task)
	b.get(task)
	b.sentTo("/organization")
	visitor := visit(t, s)
	visitor.get("/task")
	visitor.sentTo("/sign-in")
}

// TestTaskSecondFactor: who has to have one sets it up on the pages of the
// account, and goes on.
func TestTaskSecondFactor(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.SecondFactors.Required = true })
	b := signedInAs(t, s, "ada@example.com")
	b.sentTo("/task")
	b.get("/user")
	b.sentTo("/task?redirect_url=%2Fuser")
	b.get("/task")
	b.must(200, "Set up a second factor", `href="/user/app"`)
	b.get("/task?redirect_url=%2Forganization")
	b.must(200, `href="/task?redirect_url=%2Forganization"`) // on with where to go
	b.setUpApp()
	b.get("/task?redirect_url=%2Forganization")
	b.sentTo("/organization")
}

// TestTaskOrganization: who has to act in an organization chooses one, or founds
// one.
func TestTaskOrganization(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.Organizations.ForceSelection = true })
	b := signedInAs(t, s, "ada@example.com")
	b.sentTo("/task")
	b.get("/task")
	b.must(200, "Choose an organization", `name="name"`)
	b.post("/task", "do", "create", "name", "")
	b.must(422, `id="name-problem"`)
	b.post("/task", "do", "choose", "organization", "org_made-up")
	b.must(422, `role="alert"`)
	b.post("/task", "do", "create", "name", "Acme 🏛️")
	b.sentTo("/task")
	b.get("/task")
	b.sentTo("/user")
	other := visit(t, s)
	other.signIn("/sign-in", "ada@example.com")
	other.sentTo("/task")
	other.get("/task")
	other.must(200, "Acme 🏛️")
	org := regexp.MustCompile(`name="organization" value="(org_\w+)"`).FindStringSubmatch(other.body)[1]
	for range 2 {
		other.post("/task", "do", "choose", "organization", org)
		other.sentTo("/task")
	}
	other.get("/task")
	other.must(http.StatusSeeOther)
}
