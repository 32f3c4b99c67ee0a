package frontendapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
)

const password = apitest.Password

// app is a [apitest.Caller] with the steps that these tests repeat.
type app struct {
	*apitest.Caller
	s       *apitest.Server
	browser bool
}

func nativeApp(s *apitest.Server) *app { return &app{Caller: s.Native(), s: s} }

func browserApp(s *apitest.Server) *app {
	return &app{Caller: s.Browser("https://localhost:3000"), s: s, browser: true}
}

// apps are both ways to speak, for flows that must work in each.
func apps(s *apitest.Server) map[string]*app {
	return map[string]*app{"native": nativeApp(s), "browser": browserApp(s)}
}

// other is another installation of the same app.
func (a *app) other() *app {
	if a.browser {
		return browserApp(a.s)
	}
	return nativeApp(a.s)
}

// form makes a body from name, value, name, value, …
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// answer reads an [apitest.Answer] by dotted paths.
type answer struct{ *apitest.Answer }

func (r answer) at(path string) any      { return r.Get(strings.Split(path, ".")...) }
func (r answer) text(path string) string { return r.Text(strings.Split(path, ".")...) }
func (r answer) String() string          { return http.StatusText(r.Status) + " " + string(r.Body) }

// send performs a request and checks how a credential was handed out: to native
// apps only when it is news, because they store every one they see.
func (a *app) send(t testing.TB, method, path string, body url.Values) answer {
	t.Helper()
	a.s.Advance(10 * time.Millisecond) // so that mails have an order
	before := a.Token()
	got := answer{a.Do(t, method, path, body.Encode())}
	if handed, present := got.Header["Authorization"]; present && (a.browser || handed[0] == before) {
		t.Errorf("%s %s: handed out %q after %q", method, path, handed, before)
	}
	if strings.Contains(string(got.Body), password) || strings.Contains(string(got.Body), "pct_") {
		t.Errorf("%s %s: a secret in the answer: %s", method, path, got.Body)
	}
	return got
}

// must is [app.send] for a request that has to succeed.
func (a *app) must(t testing.TB, method, path string, body url.Values) answer {
	t.Helper()
	got := a.send(t, method, path, body)
	got.OK(t)
	return got
}

// refused is [app.send] for a request that has to be refused.
func (a *app) refused(t testing.TB, method, path string, body url.Values, status int, code string) answer {
	t.Helper()
	got := a.send(t, method, path, body)
	if got.Status != status || got.Code() != code {
		t.Errorf("%s %s: %v; want %d %s", method, path, got, status, code)
	}
	return got
}

func (a *app) signUp(t testing.TB, email string) string {
	t.Helper()
	a.s.Advance(10 * time.Millisecond)
	return a.SignUp(t, email)
}

func (a *app) signIn(t testing.TB, email string) string {
	t.Helper()
	a.s.Advance(10 * time.Millisecond)
	return a.SignIn(t, email)
}

func (a *app) verifySignUp(t testing.TB, id, email string) answer {
	t.Helper()
	a.must(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", form("strategy", "email_code"))
	return a.must(t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification",
		form("strategy", "email_code", "code", a.s.Code(t, email)))
}

// sessions are the ids on the client as GET client shows them.
func (a *app) sessions(t testing.TB) []string {
	t.Helper()
	return sessionIDs(a.must(t, "GET", "/v1/client", nil).at("response.sessions"))
}

func sessionIDs(list any) []string {
	out := []string{}
	elements, _ := list.([]any)
	for _, e := range elements {
		member, _ := e.(map[string]any)
		id, _ := member["id"].(string)
		out = append(out, id)
	}
	return out
}

// backend performs a request of the integrator's back end.
func backend(t testing.TB, s *apitest.Server, method, path, body string) answer {
	t.Helper()
	return answer{s.BackEnd().Do(t, method, path, body).OK(t)}
}
