package hosted_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// settled is a server with the settings changed.
func settled(t *testing.T, change func(*auth.Settings)) *apitest.Server {
	t.Helper()
	return apitest.Start(t, func(o *apitest.Options) { change(&o.Settings) })
}

// TestForgottenPassword: a code by mail, another password, and signed in; the old
// password and the other sessions are over.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	b := visit(t, s)
	b.post("/sign-in", "do", "identify", "identifier", email)
	b.get("/sign-in")
	b.must(200, "Forgot your password?")
	b.post("/sign-in", "do", "send", "strategy", "reset_password_email_code")
	b.sentTo("/sign-in?said=sent")
	b.get("/sign-in?said=sent")
	b.must(200, "We sent a code for a new password of", `data-resend="30"`, "You can ask for another one in 30 seconds.")
	s.Advance(10 * time.Second)
	b.get("/sign-in")
	b.must(200, `data-resend="20"`, "in 20 seconds")
	code := s.Code(t, email)
	b.post("/sign-in", "do", "prove", "strategy", "reset_password_email_code", "code", code[:3]+" - "+code[3:])
	b.sentTo("/sign-in")
	b.get("/sign-in")
	b.must(200, `autocomplete="new-password"`, email)
	b.post("/sign-in", "do", "reset", "password", "short")
	b.must(422, `aria-invalid="true"`, `autocomplete="new-password"`)
	const password = "another password that nobody has"
	for range 2 {
		b.post("/sign-in", "do", "reset", "password", password, "sign_out_others", "true")
		b.sentTo("/user")
	}
	other := visit(t, s)
	other.post("/sign-in", "do", "identify", "identifier", email)
	other.post("/sign-in", "do", "prove", "strategy", "password", "password", apitest.Password)
	other.must(422)
	other.post("/sign-in", "do", "prove", "strategy", "password", "password", password)
	other.sentTo("/user")
}

// TestNewPersonSignsIn: the one field leads somebody who is not known yet to an
// account, as soon as the address is proven.
func TestNewPersonSignsIn(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b := visit(t, s)
	const here = "/sign-in?redirect_url=%2Forganization"
	b.post(here, "do", "identify", "identifier", " new@example.com ")
	b.sentTo(here)
	b.get(here)
	b.must(200, "<strong><bdi>new@example.com</bdi></strong> is new here")
	b.lacks(`type="password"`, "Forgot")
	b.post(here, "do", "send", "strategy", "email_code")
	b.post(here, "do", "prove", "strategy", "email_code", "code", s.Code(t, "new@example.com"))
	b.sentTo("/organization")
	if doc := b.client(); !strings.Contains(doc, "new@example.com") {
		t.Errorf("signed in as %s", doc)
	}
}

// TestNewPersonHasMoreToSay: what else is needed is asked for, and what was
// proven is not asked for again.
func TestNewPersonHasMoreToSay(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) {
		set.PasswordRequired, set.LegalConsent, set.FirstName = true, true, auth.UseRequired
	})
	b := visit(t, s)
	b.post("/sign-in", "do", "identify", "identifier", "new@example.com")
	b.post("/sign-in", "do", "send", "strategy", "email_code")
	b.post("/sign-in", "do", "prove", "strategy", "email_code", "code", s.Code(t, "new@example.com"))
	b.sentTo("/sign-up")
	b.get("/sign-up")
	b.must(200, "One more thing", `name="first_name"`, `name="password"`, `name="legal_accepted"`)
	b.lacks(`name="email_address"`)
	b.post("/sign-up", "do", "complete", "first_name", "Ada", "password", "short", "legal_accepted", "true")
	b.must(422, `id="password-problem"`, `value="Ada"`)
	b.post("/sign-up", "do", "complete", "first_name", "Ada", "password", apitest.Password, "legal_accepted", "true")
	b.sentTo("/user")
}

// TestUniformIdentifiers: with enumeration protection the page for somebody who
// is known is that for somebody who is not.
func TestUniformIdentifiers(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Host = "clerk.example.com" // a passkey is for a name
		o.Settings.EnumerationProtection, o.Settings.Passkeys.Enabled, o.Settings.EmailLink = true, true, true
	})
	email := person(t, s)
	var shown []string
	for _, identifier := range []string{email, "eve@example.com"} {
		b := visit(t, s)
		b.post("/sign-in", "do", "identify", "identifier", identifier)
		b.sentTo("/sign-in")
		b.get("/sign-in")
		b.must(200, "Use a passkey")
		shown = append(shown, strings.ReplaceAll(b.body, identifier, "somebody"))
	}
	if shown[0] != shown[1] {
		t.Errorf("known:\n%s\nunknown:\n%s", shown[0], shown[1])
	}
}

// TestLinkInTheMail: in the browser that asked for it the link signs in at once;
// in another one a person is asked, and the first browser goes on.
func TestLinkInTheMail(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.EmailLink, set.EmailLinkSameClient = true, false })
	email := person(t, s)
	const here = "/sign-in?redirect_url=%2Forganization"
	ask := func() (*browser, string) {
		b := visit(t, s)
		b.post(here, "do", "identify", "identifier", email)
		b.post(here, "do", "send", "strategy", "email_link")
		b.sentTo(here + "&said=sent")
		b.get(here)
		b.must(200, "We sent a link for ", "I have followed the link")
		s.Advance(time.Second)
		u, err := url.Parse(s.Messages(t, email)[0].Link)
		if err != nil || u.Path != "/verify" {
			t.Fatalf("the link is %v", u)
		}
		return b, u.RequestURI()
	}
	same, link := ask()
	same.get(link)
	same.must(http.StatusSeeOther)
	same.get(strings.TrimPrefix(same.last.Header.Get("Location"), "https://"+s.Host))
	same.sentTo("/organization")

	asked, link := ask()
	other := visit(t, s)
	other.get(link)
	other.must(200, "Confirm that it is you")
	if strings.Contains(asked.client(), `"object":"session"`) {
		t.Error("looking at the page signed in")
	}
	token := regexp.MustCompile(`name="token" value="([^"]*)"`).FindStringSubmatch(other.body)
	for range 2 {
		other.post("/verify", "token", html.UnescapeString(token[1]))
		other.must(200, "Confirmed", "Go back to the browser")
	}
	if len(other.cookies) != 0 {
		t.Errorf("the other browser got %v", other.cookies)
	}
	asked.get("/sign-in?redirect_url=%2Forganization&resume=1")
	asked.sentTo("/organization")

	late, link := ask()
	s.Advance(auth.EmailLinkLifetime + time.Second)
	late.get(link)
	late.must(422, "This link is over", `href="/sign-in"`)
	late.get("/verify?token=made-up")
	late.must(422, "This link is over")
	late.get("/verify")
	late.must(422, "This link is over")
}

// TestLinkInAnotherBrowser: where only the browser that asked may, the page says
// so, and nothing happens.
func TestLinkInAnotherBrowser(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.EmailLink = true })
	b := visit(t, s)
	b.post("/sign-up", "do", "create", "email_address", "new@example.com", "password", apitest.Password)
	b.sentTo("/sign-up")
	b.get("/sign-up")
	b.must(200, "Send a link by email", "Send a code by email")
	b.post("/sign-up", "do", "send", "strategy", "email_link")
	u, err := url.Parse(s.Messages(t, "new@example.com")[0].Link)
	if err != nil {
		t.Fatal(err)
	}
	other := visit(t, s)
	other.get(u.RequestURI())
	other.must(403, "This is another browser")
	b.get(u.RequestURI())
	b.must(http.StatusSeeOther)
	b.get(strings.TrimPrefix(b.last.Header.Get("Location"), "https://"+s.Host))
	b.sentTo("/user")
}

// TestLinkForAnApp: the link of a flow leads back into it, in the same browser.
func TestLinkForAnApp(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.EmailLink = true })
	email := person(t, s)
	f := begin(t, s, "sign-in")
	f.post("do", "identify", "identifier", email)
	f.post("do", "send", "strategy", "email_link")
	f.must(200, "We sent a link for ")
	u, err := url.Parse(s.Messages(t, email)[0].Link)
	if err != nil || strings.Contains(s.Messages(t, email)[0].Link, "flow") {
		t.Fatalf("the link is %v %v", u, err)
	}
	f.come(u)
	f.arrived()
	f.mustRedeem()
}

// TestAccounts: several people are signed in in one browser, one of whom is
// current.
func TestAccounts(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b := signedInAs(t, s, "ada@example.com")
	s.Native().SignUp(t, "bob@example.com")
	b.get("/sign-in")
	b.must(200, "Continue as", "ada@example.com", `href="/sign-in?add=1"`)
	b.signIn("/sign-in?add=1", "bob@example.com")
	b.sentTo("/user")
	b.get("/sign-in?redirect_url=%2Forganization")
	b.must(200, "ada@example.com", "bob@example.com")
	if strings.Index(b.body, "bob@example.com") > strings.Index(b.body, "ada@example.com") {
		t.Error("the current account is not the first one")
	}
	ada := regexp.MustCompile(`name="session" value="(sess_\w+)"`).FindAllStringSubmatch(b.body, -1)[1][1]
	b.post("/sign-in?redirect_url=%2Forganization", "do", "switch", "session", ada)
	b.sentTo("/organization")
	b.get("/user")
	b.must(200, "ada@example.com")
	b.signIn("/sign-in?add=1", "bob@example.com") // who is signed in already is simply current again
	b.sentTo("/user")
	if doc := b.client(); strings.Count(doc, `"object":"session"`) != 2 {
		t.Errorf("the client is %s", doc)
	}
	b.get("/sign-out")
	b.must(200, "Sign out of all accounts")
	b.post("/sign-out", "session", ada)
	b.sentTo("/sign-in?said=signed_out")
	b.get("/sign-in")
	b.must(200, "bob@example.com")
	b.lacks("ada@example.com")
	b.post("/sign-out", "do", "all")
	b.get("/sign-in")
	b.must(200, `name="identifier"`)
}

// TestSingleSession: where one person at a time is signed in, nobody is asked to
// add another.
func TestSingleSession(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.SingleSession = true })
	b := signedInAs(t, s, "ada@example.com")
	for _, here := range []string{"/sign-in", "/sign-in?add=1", "/sign-up?add=1"} {
		b.get(here)
		b.must(200, "Continue as")
		b.lacks("another account")
	}
	b.post("/sign-in?add=1", "do", "identify", "identifier", "bob@example.com")
	b.must(422, "Continue as")
}

// TestTicket: the link that a back end made signs in after a press of a button,
// and the ticket is in no further address.
func TestTicket(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	person(t, s)
	users := s.BackEnd().Do(t, "GET", "/v1/users?email_address=ada@example.com", "").OK(t)
	made := s.BackEnd().Do(t, "POST", "/v1/sign_in_tokens", `{"user_id":"`+users.Text("0", "id")+`"}`).OK(t)
	ticket := made.Text("token")
	b := visit(t, s)
	b.get("/sign-in?__clerk_ticket=" + url.QueryEscape(ticket))
	b.must(200, "Sign in now", ticket)
	if action := regexp.MustCompile(`action="(/sign-in[^"]*)"`).FindStringSubmatch(b.body); action[1] != "/sign-in" {
		t.Errorf("the form goes to %s", action[1])
	}
	for range 2 {
		b.post("/sign-in", "do", "ticket", "ticket", ticket)
		b.sentTo("/user")
	}
	other := visit(t, s)
	other.post("/sign-in", "do", "ticket", "ticket", ticket)
	other.must(422, `role="alert"`, "Choose another way")
}

// TestClosedInstances: who may not sign up is told what there is instead.
func TestClosedInstances(t *testing.T) {
	t.Parallel()
	restricted := settled(t, func(set *auth.Settings) { set.SignUpMode = auth.SignUpRestricted })
	b := visit(t, restricted)
	b.get("/sign-up")
	b.must(200, "open to invited people only")
	b.lacks("<form method=\"post\" action=\"/sign-up")
	b.get("/sign-in")
	b.lacks("Create an account")
	b.post("/sign-in", "do", "identify", "identifier", "nobody@example.com")
	b.must(422, `name="identifier"`, `value="nobody@example.com"`)

	waiting := settled(t, func(set *auth.Settings) { set.SignUpMode = auth.SignUpWaitlist })
	b = visit(t, waiting)
	b.get("/sign-in")
	b.must(200, "Join the waitlist")
	b.post("/sign-up", "do", "wait", "email_address", "nonsense")
	b.must(422, `id="email_address-problem"`)
	for range 2 {
		b.post("/sign-up", "do", "wait", "email_address", "new@example.com")
		b.sentTo("/sign-up?said=waitlisted")
	}
	b.get("/sign-up?said=waitlisted")
	b.must(200, "You are on the waitlist")
}

// TestInvitation: the address comes with the ticket, and is proven by it.
func TestInvitation(t *testing.T) {
	t.Parallel()
	s := settled(t, func(set *auth.Settings) { set.SignUpMode, set.HomeURL = auth.SignUpRestricted, "" })
	s.BackEnd().Do(t, "POST", "/v1/invitations", `{"email_address":"new@example.com"}`).OK(t)
	u, err := url.Parse(s.Messages(t, "new@example.com")[0].Link)
	if err != nil {
		t.Fatal(err)
	}
	b := visit(t, s)
	b.get(u.RequestURI())
	b.must(http.StatusSeeOther)
	b.get(strings.TrimPrefix(b.last.Header.Get("Location"), "https://"+s.Host))
	b.must(200, "You are invited", `name="password"`)
	b.lacks(`name="email_address"`)
	ticket := html.UnescapeString(regexp.MustCompile(`name="ticket" value="([^"]*)"`).FindStringSubmatch(b.body)[1])
	b.post("/sign-up", "do", "create", "ticket", ticket, "password", "short")
	b.must(422, `id="password-problem"`, ticket)
	b.post("/sign-up", "do", "create", "ticket", ticket, "password", apitest.Password)
	b.sentTo("/user")
	if doc := b.client(); !strings.Contains(doc, "new@example.com") {
		t.Errorf("signed up as %s", doc)
	}
}
