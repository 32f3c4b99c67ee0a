package hosted_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// TestProviderProblemIsAPage: a person who comes back from a provider and cannot
// go on is shown a page, and a program the document.
func TestProviderProblemIsAPage(t *testing.T) {
	t.Parallel()
	s, idp := withProvider(t)
	f := begin(t, s, "sign-in")
	back := idp.SignIn(t, f.leave(), "ada")
	stranger := &flow{t: t, server: s, app: f.app, cookies: map[string]string{}, page: back.RequestURI()}
	stranger.send("GET", nil)
	stranger.must(400, "oauth_state_invalid")
	stranger.send("GET", nil, func(r *http.Request) { r.Header.Set("Accept", "text/html") })
	stranger.must(303)
	if to := stranger.last.Header.Get("Location"); to != "/problem?code=oauth_state_invalid" {
		t.Fatalf("sent to %s", to)
	}
	stranger.page = stranger.last.Header.Get("Location")
	stranger.send("GET", nil)
	stranger.must(422, `role="alert"`, `href="/sign-in"`)
	f.page = stranger.page // who came from a flow goes on with it
	f.send("GET", nil)
	f.must(422, `href="/sign-in?resume=1"`)
	f.page = "/sign-in?resume=1"
	f.send("GET", nil)
	f.follow()
	f.must(200, `name="identifier"`, "the app “myapp”")
	for _, code := range []string{"", "<b>", "wait_minutes", "nothing_of_ours", strings.Repeat("x", 4000)} {
		stranger.page = "/problem?code=" + url.QueryEscape(code)
		stranger.send("GET", nil)
		stranger.must(422, `href="/sign-in"`)
		main, _, _ := strings.Cut(stranger.body, "<footer") // which knows the address of the page
		if code != "" && strings.Contains(main, code) {
			t.Errorf("%.20q is repeated:\n%s", code, stranger.body)
		}
	}
}

// TestTicketProblemIsAPage: so is one who followed a link that is no good.
func TestTicketProblemIsAPage(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b := visit(t, s)
	for target, to := range map[string]string{
		"/v1/tickets/accept?ticket=made-up": "/problem?code=ticket_invalid_code",
		"/v1/verify?token=made-up":          "/problem?code=approval_token_invalid",
	} {
		b.accept = "text/html,*/*;q=0.8"
		b.get(target)
		b.must(http.StatusSeeOther)
		if got := b.last.Header.Get("Location"); !strings.HasPrefix(got, "/problem?code=") {
			t.Errorf("%s: sent to %q, want %q", target, got, to)
		}
		b.get(b.last.Header.Get("Location"))
		b.must(422, `href="/sign-in"`)
	}
}

// TestBackAndReload: what the browser shows again is what is true, and a form
// that is sent again harms nothing.
func TestBackAndReload(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	b := visit(t, s)
	const here = "/sign-in?redirect_url=%2Forganization"
	for range 2 {
		b.post(here, "do", "identify", "identifier", email)
		b.sentTo(here)
		b.get(here)
		b.must(200, `type="password"`)
	}
	b.post(here, "do", "prove", "strategy", "password", "password", "wrong wrong wrong")
	b.must(422, `role="alert"`, `aria-invalid="true"`, `type="password"`)
	for range 2 {
		b.post(here, "do", "prove", "strategy", "password", "password", apitest.Password)
		b.sentTo("/organization")
	}
	if n := strings.Count(b.client(), `"object":"session"`); n != 1 {
		t.Errorf("%d sessions", n)
	}
	b.get(here) // back
	b.must(200, "Continue as")
	b.post(here, "do", "identify", "identifier", email) // and on with the old form
	b.must(http.StatusSeeOther)
}

// TestAttemptIsOver: whoever comes back after a day begins again, and is told why.
func TestAttemptIsOver(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	b := visit(t, s)
	b.post("/sign-in", "do", "identify", "identifier", email)
	s.Advance(auth.AttemptLifetime + time.Second)
	b.post("/sign-in", "do", "prove", "strategy", "password", "password", apitest.Password)
	b.sentTo("/sign-in?said=ended")
	b.get("/sign-in?said=ended")
	b.must(200, "That step was over already", `name="identifier"`)
	stranger := visit(t, s) // no client at all
	stranger.post("/sign-up", "do", "prove", "strategy", "email_code", "code", "424242")
	stranger.sentTo("/sign-up?said=ended")
	stranger.get("/sign-up?said=ended")
	stranger.must(200, "That step was over already", `name="email_address"`)
}

// TestForeignClient: the credential of another instance, or none of any, is that
// of nobody; and one of a client that is over begins a new one.
func TestForeignClient(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	for _, value := range []string{"x", "pct_made-up", strings.Repeat("a", 3000), "eyJhbGciOiJub25lIn0.e30."} {
		b := visit(t, s)
		b.cookies["__client"] = &http.Cookie{Name: "__client", Value: value}
		b.get("/sign-in")
		b.must(200, `name="identifier"`)
		b.get("/user")
		b.sentTo("/sign-in?redirect_url=%2Fuser")
		b.signIn("/sign-in", email)
		b.sentTo("/user")
	}
	b := visit(t, s)
	b.signIn("/sign-in", email)
	gone := *b.cookies["__client"]
	b.do(http.MethodDelete, "/v1/client", nil)
	b.cookies["__client"] = &gone
	b.get("/sign-in")
	b.must(200, `name="identifier"`)
	b.signIn("/sign-in", email)
	b.sentTo("/user")
}

// TestManyTabs: twenty tabs that sign in at once leave one session and no page
// that is broken.
func TestManyTabs(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	first := visit(t, s)
	first.post("/sign-in", "do", "identify", "identifier", email)
	var all sync.WaitGroup
	for i := range 20 {
		tab := visit(t, s)
		tab.cookies["__client"] = first.cookies["__client"]
		all.Go(func() {
			if i%2 == 0 {
				tab.post("/sign-in", "do", "identify", "identifier", email)
			}
			tab.post("/sign-in", "do", "prove", "strategy", "password", "password", apitest.Password)
			if status := tab.last.StatusCode; status != http.StatusSeeOther {
				t.Errorf("tab %d: %d\n%s", i, status, tab.body)
			}
		})
	}
	all.Wait()
	if n := strings.Count(first.client(), `"status":"active","last`); n > 1 {
		t.Errorf("%d sessions", n)
	}
	first.get("/sign-in")
	first.must(200, "Continue as")
}

// TestStrangeNames: very long names, signs of all kinds and text from right to
// left are shown as they are, and as nothing else.
func TestStrangeNames(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.FirstName = auth.UseRequired })
	for i, name := range []string{
		"👩🏽‍🚀👨‍👩‍👧‍👦", "محمد بن عبد الله", "\u202eevil\u202c", strings.Repeat("long ", 50), `"><script>alert(1)</script>`, "{{.Trace}}", "a\x00b",
	} {
		b, email := visit(t, s), string(rune('a'+i))+"@example.com"
		b.post("/sign-up", "do", "create", "email_address", email, "first_name", name, "password", apitest.Password)
		if b.last.StatusCode == http.StatusUnprocessableEntity {
			continue // a name that is none
		}
		b.sentTo("/sign-up?said=sent")
		b.post("/sign-up", "do", "prove", "strategy", "email_code", "code", s.Code(t, email))
		b.sentTo("/user")
		for _, page := range []string{"/sign-in", "/sign-out", "/user"} {
			b.get(page)
			b.must(200, "<bdi>")
			if strings.Contains(b.body, "<script>alert") {
				t.Errorf("%q is markup on %s:\n%s", name, page, b.body)
			}
		}
	}
	b := visit(t, s)
	b.post("/sign-up", "do", "create", "email_address", "z@example.com", "first_name", strings.Repeat("x", 300), "password", apitest.Password)
	b.must(422, `aria-invalid="true"`, `id="first_name-problem"`)
}

// TestLockedOut: too many wrong passwords lock the account for a while, which the
// page says, whoever it is.
func TestLockedOut(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.EnumerationProtection = true })
	for _, email := range []string{person(t, s), "nobody@example.com"} {
		b := visit(t, s)
		b.post("/sign-in", "do", "identify", "identifier", email)
		for range auth.LockoutFailures {
			b.post("/sign-in", "do", "prove", "strategy", "password", "password", "wrong wrong wrong")
			b.must(422)
		}
		b.post("/sign-in", "do", "prove", "strategy", "password", "password", apitest.Password)
		b.must(403, "Try again in")
	}
}
