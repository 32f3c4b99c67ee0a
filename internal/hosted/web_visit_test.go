package hosted_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// browser is one that visits the instance's own pages for itself.
type browser struct {
	t       *testing.T
	server  *apitest.Server
	cookies map[string]*http.Cookie
	accept  string // what the browser takes; or empty
	// What the browser says of itself and of its owner.
	agent, language string
	last            *http.Response
	body            string
}

func visit(t *testing.T, s *apitest.Server) *browser {
	t.Helper()
	return &browser{t: t, server: s, cookies: map[string]*http.Cookie{}}
}

// do sends one request as that browser, without following where it leads.
func (b *browser) do(method, target string, form url.Values) {
	b.t.Helper()
	r := httptest.NewRequest(method, "https://"+b.server.Host+target, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://"+b.server.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if b.accept != "" {
		r.Header.Set("Accept", b.accept)
	}
	r.Header.Set("User-Agent", b.agent)
	r.Header.Set("Accept-Language", b.language)
	for _, cookie := range b.cookies {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value}) //nolint:gosec // as a browser sends it
	}
	rec := httptest.NewRecorder()
	b.server.Handler.ServeHTTP(rec, r)
	b.last, b.body = rec.Result(), rec.Body.String()
	for _, cookie := range b.last.Cookies() {
		b.cookies[cookie.Name] = cookie
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
}

func (b *browser) get(target string) { b.t.Helper(); b.do(http.MethodGet, target, nil) }

func (b *browser) post(target string, pairs ...string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	b.do(http.MethodPost, target, form)
}

func (b *browser) must(status int, contains ...string) {
	b.t.Helper()
	if b.last.StatusCode != status {
		b.t.Fatalf("status %d, want %d, to %q\n%s", b.last.StatusCode, status, b.last.Header.Get("Location"), b.body)
	}
	for _, want := range contains {
		if !strings.Contains(b.body, want) {
			b.t.Errorf("no %q in\n%s", want, b.body)
		}
	}
}

func (b *browser) sentTo(address string) {
	b.t.Helper()
	b.must(http.StatusSeeOther)
	if got := b.last.Header.Get("Location"); got != address {
		b.t.Fatalf("sent to %q, want %q", got, address)
	}
}

// signIn signs a person in who has the password of the tests.
func (b *browser) signIn(target, email string) {
	b.t.Helper()
	b.post(target, "do", "identify", "identifier", email)
	b.post(target, "do", "prove", "strategy", "password", "password", apitest.Password)
	b.must(http.StatusSeeOther)
}

// client is what the Frontend API says of the browser's client.
func (b *browser) client() string {
	b.t.Helper()
	b.get("/v1/client")
	b.must(http.StatusOK)
	return b.body
}

// TestWebVisit: whoever signs in on the page is signed in for clerk-js, which
// holds the same cookie, and the other way round.
func TestWebVisit(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	b := visit(t, s)
	b.get("/sign-in")
	b.must(http.StatusOK, `name="identifier"`)
	if len(b.cookies) != 0 {
		t.Errorf("a page that was only looked at set %v", b.cookies)
	}
	b.signIn("/sign-in", email)
	b.sentTo("/user")
	cookie := b.cookies["__client"]
	if cookie == nil || !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteNoneMode || cookie.Path != "/" {
		t.Errorf("cookie %+v", cookie)
	}
	if doc := b.client(); !strings.Contains(doc, email) || !strings.Contains(doc, `"status":"active"`) {
		t.Errorf("the Frontend API says %s", doc)
	}
	if b.cookies["__client"].Value != cookie.Value {
		t.Error("the Frontend API made another client")
	}
	b.get("/sign-in")
	b.must(http.StatusOK, "Continue as <strong><bdi>"+email)
}

// TestWebVisitSignUp: a new account is signed in likewise.
func TestWebVisitSignUp(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b := visit(t, s)
	here := "/sign-up?redirect_url=" + url.QueryEscape("/organization")
	b.post(here, "do", "create", "email_address", "new@example.com", "password", apitest.Password)
	b.post(here, "do", "prove", "strategy", "email_code", "code", s.Code(t, "new@example.com"))
	b.sentTo("/organization")
	if doc := b.client(); !strings.Contains(doc, "new@example.com") {
		t.Errorf("the Frontend API says %s", doc)
	}
}

// TestWebVisitInProduction: the cookies are those of the Frontend API, and pages
// of the site learn that somebody is signed in.
func TestWebVisitInProduction(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Host, o.Settings.Production = "clerk.example.com", true })
	email := person(t, s)
	b := visit(t, s)
	b.signIn("/sign-in", email)
	cookie, told := b.cookies["__client"], b.cookies["__client_uat"]
	if cookie == nil || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", cookie)
	}
	if told == nil || told.Value == "0" || told.Domain != "example.com" {
		t.Errorf("pages of the site are told %+v", told)
	}
}

// TestReturnAddresses is the table of tricks: where a visit may end.
func TestReturnAddresses(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Host, o.Settings.Production = "clerk.example.com", true
		o.Settings.HomeURL = "https://home.example/start?a=1"
		o.Settings.RedirectURLs = []auth.RedirectURL{{ID: "ru_29w83sxmDNGwOuEthce5gg56FcC", URL: "myapp://done", CreatedAt: o.Start}}
		o.AllowedOrigin = func(origin string) bool {
			return slices.Contains([]string{"https://clerk.example.com", "https://app.example.com", "https://app.example.com:8443"}, origin)
		}
	})
	email := person(t, s)
	for address, allowed := range map[string]bool{
		"https://app.example.com/":                               true,
		"https://app.example.com/a/b?c=d#e":                      true,
		"https://app.example.com:8443/":                          true,
		"https://home.example/start?a=1":                         true,
		"myapp://done":                                           true,
		"/user":                                                  true,
		"/user/security?x=1":                                     true,
		"/organization":                                          true,
		"https://home.example/start?a=2":                         false,
		"https://home.example":                                   false,
		"myapp://done/else":                                      false,
		"otherapp://done":                                        false,
		"//evil.example/":                                        false,
		"///evil.example/":                                       false,
		`/\evil.example/`:                                        false,
		`\\evil.example/`:                                        false,
		"/user//evil.example":                                    false,
		"/user/../v1/client":                                     false,
		"/user/%2e%2e/v1/client":                                 false,
		"/v1/client/handshake?redirect_url=https://x":            false,
		"/userinfo":                                              false,
		"user":                                                   false,
		"javascript:alert(1)":                                    false,
		"JaVaScRiPt:alert(1)":                                    false,
		"java\nscript:alert(1)":                                  false,
		"data:text/html,x":                                       false,
		"vbscript:x":                                             false,
		"blob:https://app.example.com/x":                         false,
		"https://app.example.com@evil.example/":                  false,
		"https://evil.example@app.example.com/":                  false,
		"https://app.example.com:443@evil.example/":              false,
		"https://app.example.com%2f@evil.example/":               false,
		"https://app.example.com%2eevil.example/":                false,
		`https://evil.example\@app.example.com/`:                 false,
		`https://app.example.com\.evil.example/`:                 false,
		"https://APP.EXAMPLE.COM/":                               false,
		"HTTPS://app.example.com/":                               true, // the scheme has one meaning
		"https://app.example.com:8444/":                          false,
		"https://app.example.com:/":                              false,
		"http://app.example.com/":                                false,
		"https://app.example.com.evil.example/":                  false,
		"https://evil.app.example.com/":                          false,
		"https://app.example.com./":                              false,
		"https:app.example.com":                                  false,
		"https:///app.example.com/":                              false,
		"https://[::1]/":                                         false,
		"https://app.example.com/\r\nSet-Cookie: a=b":            false,
		"https://app.example.com/\tx":                            false,
		" https://app.example.com/":                              false,
		"https://аpp.example.com/":                               false, // Cyrillic а
		"https://app.example.com/?u=" + strings.Repeat("x", 9e3): false,
		"/sign-in?redirect_url=https://evil.example":             false,
	} {
		b := visit(t, s)
		b.signIn("/sign-in?redirect_url="+url.QueryEscape(address), email)
		want := "/user"
		if allowed {
			want = address
		}
		if got := b.last.Header.Get("Location"); got != want {
			t.Errorf("%.60q: sent to %q", address, got)
		}
	}
}

// TestDevelopmentReturn: an application on another site is told to look again
// who is signed in.
func TestDevelopmentReturn(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	b := visit(t, s)
	q := url.Values{"redirect_url": {"http://localhost:3000/a?b=c"}, "__clerk_db_jwt": {"dvb_29w83sxmDNGwOuEthce5gg56FcC"}}
	b.signIn("/sign-in?"+q.Encode(), email)
	b.sentTo("http://localhost:3000/a?__clerk_db_jwt=dvb_29w83sxmDNGwOuEthce5gg56FcC&b=c")
}

// TestForcedReturn: what an application always wants comes before what it was
// asked for.
func TestForcedReturn(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	b := visit(t, s)
	q := url.Values{"redirect_url": {"/user"}, "sign_in_force_redirect_url": {"/organization"}, "sign_in_fallback_redirect_url": {"/user/x"}}
	b.signIn("/sign-in?"+q.Encode(), email)
	b.sentTo("/organization")
}

// TestSignOut ends the session that clerk-js has, too.
func TestSignOut(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	b := visit(t, s)
	b.post("/sign-out")
	b.sentTo("/sign-in") // nobody is signed in
	b.signIn("/sign-in", email)
	b.post("/sign-out", "session", "nonsense")
	b.must(http.StatusUnprocessableEntity)
	b.get("/sign-out")
	b.must(http.StatusOK, "Sign out of Test?", email)
	b.post("/sign-out")
	b.sentTo("/sign-in?said=signed_out")
	if doc := b.client(); strings.Contains(doc, email) {
		t.Errorf("the Frontend API says %s", doc)
	}
	b.get("/sign-in?said=signed_out")
	b.must(http.StatusOK, `name="identifier"`, "You are signed out.")
	b.get("/sign-in?said=" + url.QueryEscape("<b>owned</b>"))
	if strings.Contains(b.body, "owned</b>") || strings.Contains(b.body, `role="status"`) {
		t.Errorf("the address says something:\n%s", b.body)
	}
}
