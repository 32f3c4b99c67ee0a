package hosted_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

const (
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	redirect = "myapp://callback"
)

// flow is a native app that has sent a person into a browser.
type flow struct {
	t       *testing.T
	server  *apitest.Server
	app     *apitest.Caller
	page    string            // path and query to open
	cookies map[string]string // of the browser
	agent   string            // its name
	last    *http.Response
	body    string
}

func begin(t *testing.T, s *apitest.Server, mode string) *flow {
	t.Helper()
	return beginAt(t, s, mode, redirect)
}

// beginAt is begin for an app with another address to return to.
func beginAt(t *testing.T, s *apitest.Server, mode, redirect string) *flow {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	app := s.Native()
	a := app.Form(t, "POST", "/v1/client/hosted_auth", "redirect_url", redirect, "state", "st-1", "mode", mode,
		"code_challenge", base64.RawURLEncoding.EncodeToString(sum[:])).OK(t)
	u, err := url.Parse(a.Text("response", "url"))
	if err != nil || u.Host != s.Host || a.Text("response", "object") != "hosted_auth" {
		t.Fatalf("the address is %s", a.Body)
	}
	return &flow{t: t, server: s, app: app, page: u.RequestURI(), cookies: map[string]string{}}
}

// send performs a request as a browser that shows the instance's own pages.
func (f *flow) send(method string, form url.Values, change ...func(*http.Request)) {
	f.t.Helper()
	r := httptest.NewRequest(method, "https://"+f.server.Host+f.page, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://"+f.server.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range f.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.Header.Set("User-Agent", f.agent)
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	f.server.Handler.ServeHTTP(rec, r)
	f.last = rec.Result()
	text, _ := io.ReadAll(f.last.Body)
	f.body = string(text)
	for _, cookie := range f.last.Cookies() {
		if cookie.Name == "__client" {
			f.t.Errorf("the browser is signed in with %s", cookie.Name)
		}
		if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
			f.t.Errorf("cookie %+v", cookie)
		}
		f.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(f.cookies, cookie.Name)
		}
	}
}

func (f *flow) post(pairs ...string) {
	f.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	f.send("POST", form)
	f.follow()
}

// follow goes where a form that was taken leads, while that is a page of the
// flow, as a browser does.
func (f *flow) follow() {
	f.t.Helper()
	to, err := url.Parse(f.last.Header.Get("Location"))
	if f.last.StatusCode != http.StatusSeeOther || err != nil || to.Scheme != "" || !strings.HasPrefix(f.page, "/sign-") {
		return
	}
	f.page = to.RequestURI()
	f.send("GET", nil)
	q := to.Query() // what the page says once is not repeated by the next form
	q.Del("said")
	f.page = to.Path + "?" + q.Encode()
}

func (f *flow) must(status int, contains ...string) {
	f.t.Helper()
	if f.last.StatusCode != status {
		f.t.Fatalf("status %d, want %d\n%s", f.last.StatusCode, status, f.body)
	}
	for _, want := range contains {
		if !strings.Contains(f.body, want) {
			f.t.Errorf("no %q in\n%s", want, f.body)
		}
	}
}

// returned is what the browser takes back to the app.
func (f *flow) returned() (nonce, session string) {
	f.t.Helper()
	f.must(http.StatusSeeOther)
	u, err := url.Parse(f.last.Header.Get("Location"))
	if err != nil || u.Scheme+"://"+u.Host != redirect {
		f.t.Fatalf("sent to %s", f.last.Header.Get("Location"))
	}
	q := u.Query()
	for _, name := range []string{"state", "rotating_token_nonce", "created_session_id"} {
		if len(q[name]) != 1 || q.Get(name) == "" {
			f.t.Errorf("%s: %q", name, q[name])
		}
	}
	if q.Get("state") != "st-1" {
		f.t.Errorf("state %q", q.Get("state"))
	}
	return q.Get("rotating_token_nonce"), q.Get("created_session_id")
}

// redeem reads the app's client with what came back.
func (f *flow) redeem(as *apitest.Caller, nonce, with string) *apitest.Answer {
	f.t.Helper()
	return as.Form(f.t, "POST", "/v1/client", "_method", "GET", "rotating_token_nonce", nonce, "code_verifier", with)
}

func (f *flow) mustRedeem() (session string) {
	f.t.Helper()
	nonce, session := f.returned()
	before := f.app.Token()
	a := f.redeem(f.app, nonce, verifier).OK(f.t)
	if a.Text("response", "sessions", "0", "id") != session || a.Text("response", "last_active_session_id") != session {
		f.t.Errorf("session %s is not in %s", session, a.Body)
	}
	if f.app.Token() == before || f.app.Token() == "" {
		f.t.Error("the app has the credential it had before anybody signed in")
	}
	return session
}

func person(t *testing.T, s *apitest.Server) string {
	t.Helper()
	s.Native().SignUp(t, "ada@example.com")
	s.Advance(time.Second) // mails are told apart by when they were written
	return "ada@example.com"
}

func TestSignInWithPassword(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	f := begin(t, s, "sign-in")
	f.send("GET", nil)
	f.must(200, `name="identifier"`, "Sign in to Test", "the app “myapp”")
	f.post("do", "identify", "identifier", email)
	f.must(200, `type="password"`, email)
	f.post("do", "prove", "strategy", "password", "password", "wrong wrong wrong")
	f.must(422, `role="alert"`, `type="password"`)
	f.send("GET", nil) // a reload shows where the sign-in stands
	f.must(200, `type="password"`)
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	if body := f.app.Do(t, "GET", "/v1/client", "").OK(t); strings.Contains(string(body.Body), "user_") {
		t.Errorf("the app knows who signed in before it has redeemed anything: %s", body.Body)
	}
	f.mustRedeem()
	f.send("GET", nil)
	f.must(410, "This did not work")
}

func TestSignInWithCode(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	f := begin(t, s, "")
	f.post("do", "identify", "identifier", email)
	f.post("do", "send", "strategy", "email_code")
	f.must(200, `autocomplete="one-time-code"`)
	f.post("do", "prove", "strategy", "email_code", "code", "000000")
	f.must(422, `autocomplete="one-time-code"`, "role=\"alert\"")
	f.post("do", "prove", "strategy", "email_code", "code", s.Code(t, email))
	f.mustRedeem()
	sessions := f.app.Do(t, "GET", "/v1/me/sessions/active", "").OK(t)
	if n := strings.Count(string(sessions.Body), `"object":"session"`); n != 2 { // of the sign-up, and this one
		t.Errorf("%d sessions, want 2: the one of the browser must be gone: %s", n, sessions.Body)
	}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	f := begin(t, s, "sign-up")
	f.send("GET", nil)
	f.must(200, `name="email_address"`, `autocomplete="new-password"`)
	f.post("do", "create", "email_address", "new@example.com", "password", apitest.Password)
	f.must(200, `autocomplete="one-time-code"`)
	f.post("do", "prove", "strategy", "email_code", "code", s.Code(t, "new@example.com"))
	f.mustRedeem()
	if me := f.app.Do(t, "GET", "/v1/me", "").OK(t); !strings.Contains(string(me.Body), "new@example.com") {
		t.Errorf("signed up as %s", me.Body)
	}
}

// TestRedeem: only the app that began the flow, once, in time, with the
// verifier; and whoever lost the answer asks again.
func TestRedeem(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	f := begin(t, s, "sign-in")
	f.post("do", "identify", "identifier", email)
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	nonce, session := f.returned()
	for name, test := range map[string]struct {
		as          *apitest.Caller
		nonce, with string
		code        string
	}{
		"another app":         {s.Native(), nonce, verifier, "form_param_value_invalid"},
		"another verifier":    {f.app, nonce, strings.Repeat("x", 43), "pkce_verification_failed"},
		"a made-up nonce":     {f.app, "pbn_AAAA", verifier, "form_param_value_invalid"},
		"the ticket as nonce": {f.app, strings.TrimPrefix(f.page, "/sign-in?flow="), verifier, "form_param_value_invalid"},
	} {
		if a := f.redeem(test.as, test.nonce, test.with); a.Code() != test.code {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := f.redeem(f.app, nonce, "").OK(t); a.Text("response", "sessions", "0", "id") != "" {
		t.Errorf("redeemed without a verifier: %s", a.Body)
	}
	first := f.redeem(f.app, nonce, verifier).OK(t)
	again := f.redeem(f.app, nonce, verifier).OK(t)
	for _, a := range []*apitest.Answer{first, again} {
		if a.Text("response", "sessions", "0", "id") != session || a.Text("response", "sessions", "1", "id") != "" {
			t.Errorf("not exactly session %s: %s", session, a.Body)
		}
	}
	f.app.Form(t, "POST", "/v1/client/sessions/"+session+"/remove").OK(t)
	if a := f.redeem(f.app, nonce, verifier); a.Code() != "verification_expired" {
		t.Errorf("after the sign-out: %d %s", a.Status, a.Body)
	}
}

func TestNonceExpires(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	f := begin(t, s, "sign-in")
	f.post("do", "identify", "identifier", email)
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	nonce, _ := f.returned()
	s.Advance(auth.NonceLifetime + time.Second)
	if a := f.redeem(f.app, nonce, verifier); a.Code() != "verification_expired" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	late := begin(t, s, "sign-in")
	s.Advance(auth.BrowserFlowLifetime + time.Second)
	late.send("GET", nil)
	late.must(410)
}

// TestFormSentTwice: both answers lead back to the app, and the later one works.
func TestFormSentTwice(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	f := begin(t, s, "sign-in")
	f.post("do", "identify", "identifier", email)
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	first, session := f.returned()
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	if _, again := f.returned(); again != session {
		t.Errorf("session %s, then %s", session, again)
	}
	if a := f.redeem(f.app, first, verifier); a.Status == 200 {
		t.Error("the replaced nonce still works")
	}
	f.mustRedeem()
}

// TestForeignForms: a page of another site cannot sign a browser in, and so an
// app behind it, as somebody else.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	for name, change := range map[string]func(*http.Request){
		"another site": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "https://evil.example")
		},
		"a sibling":      func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"an old browser": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		"no origin":      func(r *http.Request) { r.Header.Set("Origin", "null"); r.Header.Del("Sec-Fetch-Site") },
	} {
		f := begin(t, s, "sign-in")
		f.send("POST", url.Values{"do": {"identify"}, "identifier": {email}}, change)
		if f.last.StatusCode != http.StatusForbidden || len(f.cookies) != 0 {
			t.Errorf("%s: %d, cookies %v", name, f.last.StatusCode, f.cookies)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	f := begin(t, s, "sign-in")
	f.send("GET", nil)
	for name, want := range map[string]string{
		"Content-Security-Policy": `^default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self' myapp:; base-uri 'none'; frame-ancestors 'none'$`,
		"Referrer-Policy":         `^same-origin$`,
		"Cache-Control":           `no-store`,
		"X-Content-Type-Options":  `^nosniff$`,
		"X-Frame-Options":         `^DENY$`,
		"Content-Type":            `^text/html; charset=utf-8$`,
	} {
		if got := f.last.Header.Get(name); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if strings.Contains(f.body, "<style") || strings.Contains(f.body, " style=") || strings.Contains(f.body, "<script>") || strings.Contains(f.body, `src="http`) {
		t.Errorf("the page needs more than its policy allows:\n%s", f.body)
	}
}

// TestHostileText: nothing that is entered becomes markup.
func TestHostileText(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	for _, text := range []string{`"><script>alert(1)</script>`, "a\x00b@example.com", strings.Repeat("ä", 5000), "\u202egro.elpmaxe@a"} {
		f := begin(t, s, "sign-in")
		f.post("do", "identify", "identifier", text)
		if f.last.StatusCode != 422 || strings.Contains(f.body, "<script>") {
			t.Errorf("%.20q: %d\n%s", text, f.last.StatusCode, f.body)
		}
	}
	f := begin(t, s, "sign-in")
	f.post("do", "prove", "strategy", "password", "password", "x")
	f.must(200, "That step was over already", `name="identifier"`)
	f.post("do", "nonsense")
	f.must(200, "That step was over already", `name="identifier"`)
	f.page = "/sign-in?flow=" + url.QueryEscape("pbf_made-up")
	f.send("GET", nil)
	f.must(410, "Go back to the app")
}

func TestBeginIsRefused(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Settings.Production, o.Settings.NativeRedirects = true, []string{"myapp://callback", "http://127.0.0.1/done"}
	})
	good := map[string]string{
		"redirect_url": "myapp://callback", "state": "s", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
	}
	for _, test := range []struct{ name, value, code string }{
		{"redirect_url", "otherapp://callback", "form_param_value_invalid"},
		{"redirect_url", "https://evil.example/", "form_param_value_invalid"},
		{"redirect_url", "http://127.0.0.1.evil.example/done", "form_param_value_invalid"},
		{"redirect_url", "javascript:alert(1)", "form_param_value_invalid"},
		{"redirect_url", "", "form_param_nil"},
		{"state", "", "form_param_nil"},
		{"state", strings.Repeat("s", 600), "form_param_value_invalid"},
		{"code_challenge", "", "form_param_nil"},
		{"code_challenge", "short", "form_param_value_invalid"},
		{"code_challenge_method", "plain", "form_param_value_invalid"},
		{"mode", "other", "form_param_value_invalid"},
	} {
		form := url.Values{test.name: {test.value}}
		for name, value := range good {
			if name != test.name {
				form.Set(name, value)
			}
		}
		a := s.Native().Do(t, "POST", "/v1/client/hosted_auth", form.Encode())
		if a.Code() != test.code || a.Text("errors", "0", "meta", "param_name") != test.name {
			t.Errorf("%s %.30q: %d %s", test.name, test.value, a.Status, a.Body)
		}
	}
	for _, address := range []string{"myapp://callback", "http://127.0.0.1:49152/done"} {
		form := url.Values{"redirect_url": {address}, "state": {"s"}, "code_challenge": {good["code_challenge"]}}
		s.Native().Do(t, "POST", "/v1/client/hosted_auth", form.Encode()).OK(t)
	}
}

// TestTwoBrowsersOneFlow: whoever is first is who the app gets.
func TestTwoBrowsersOneFlow(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	s.Native().SignUp(t, "eve@example.com")
	f := begin(t, s, "sign-in")
	other := &flow{t: t, server: s, app: f.app, page: f.page, cookies: map[string]string{}}
	for _, b := range []struct {
		f     *flow
		email string
	}{{f, email}, {other, "eve@example.com"}} {
		b.f.post("do", "identify", "identifier", b.email)
	}
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	other.post("do", "prove", "strategy", "password", "password", apitest.Password)
	other.must(410)
	f.mustRedeem()
}

// TestManyRedemptionsAtOnce: an app that asks eight times at once, because its
// callback was delivered to several processes, gets one session.
func TestManyRedemptionsAtOnce(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	f := begin(t, s, "sign-in")
	f.post("do", "identify", "identifier", email)
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	nonce, session := f.returned()
	credential := f.app.Token()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			a := f.redeem(s.NativeWith(credential), nonce, verifier)
			if a.Status != http.StatusOK || a.Text("response", "sessions", "0", "id") != session || a.Text("response", "sessions", "1", "id") != "" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	all.Wait()
}
