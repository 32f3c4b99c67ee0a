package frontendapi_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	hasher "github.com/perennialauth/perennial/internal/password"
)

// request performs one request without the checks of the tests, which would be
// most of what is measured.
func request(b *testing.B, a *app, method, path string, body url.Values) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequest(method, path+"?_is_native=1", strings.NewReader(body.Encode()))
	r.Header.Set("Authorization", a.Token())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	a.s.Handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		b.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return rec
}

// processor reports the processor time of each operation, which means the same
// on a busy machine. It is called before the loop, and what it returns after.
func processor(b *testing.B) (report func()) {
	b.Helper()
	spent := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := spent()
	return func() { b.ReportMetric(float64(spent()-before)/1000/float64(b.N), "cpu-us/op") }
}

// against reports how many times the limit, measured in the same run, one
// operation takes.
func against(b *testing.B, limit string, f func()) {
	b.Helper()
	perOp := b.Elapsed() / time.Duration(b.N)
	const runs = 20
	f()
	start := time.Now()
	for range runs {
		f()
	}
	b.ReportMetric(float64(perOp)/float64(time.Since(start)/runs), "x-"+limit)
}

func BenchmarkGetClient(b *testing.B) {
	s := apitest.Start(b)
	a := nativeApp(s)
	sid := auth.SessionID(a.signUp(b, "a@example.com"))
	request(b, a, "GET", "/v1/client", nil) // sign the token it carries
	b.ReportAllocs()
	report := processor(b)
	for b.Loop() {
		request(b, a, "GET", "/v1/client", nil)
	}
	report()
	against(b, "point-read", func() {
		if _, err := s.Store.Session(b.Context(), sid); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkMint(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	signature := func() {
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
	for name, step := range map[string]time.Duration{"reused": 0, "signed": 20 * time.Second} {
		b.Run(name, func(b *testing.B) {
			s := apitest.Start(b)
			a := nativeApp(s)
			path := "/v1/client/sessions/" + a.signUp(b, "a@example.com") + "/tokens"
			b.ReportAllocs()
			report := processor(b)
			for b.Loop() {
				s.Advance(step)
				request(b, a, "POST", path, nil)
			}
			report()
			against(b, "rsa-signature", signature)
		})
	}
}

func BenchmarkPasswordSignIn(b *testing.B) {
	s := apitest.Start(b, func(o *apitest.Options) { o.Passwords = hasher.Default() })
	a := nativeApp(s)
	a.signUp(b, "a@example.com")
	body := form("identifier", "a@example.com", "password", password)
	report := processor(b)
	for b.Loop() {
		s.Advance(2 * auth.CodeReplayWindow) // never the answer to a repeated request
		request(b, a, "POST", "/v1/client/sign_ins", body)
	}
	report()
	stored, err := s.Passwords.Hash(b.Context(), password)
	if err != nil {
		b.Fatal(err)
	}
	against(b, "hash", func() {
		if ok, err := s.Passwords.Verify(b.Context(), stored, password); err != nil || !ok {
			b.Fatal(ok, err)
		}
	})
}

// BenchmarkSignUp makes accounts by the code of a mail, without a password, each
// in an app of its own: three requests. Test addresses get no mail.
func BenchmarkSignUp(b *testing.B) {
	s := apitest.Start(b, func(o *apitest.Options) {
		o.Addresses.Burst, o.Codes.Burst = 1_000_000_000, 1_000_000_000
	})
	n := 0
	b.ReportAllocs()
	report := processor(b)
	for b.Loop() {
		n++
		created := request(b, nativeApp(s), "POST", "/v1/client/sign_ups", form("email_address", fmt.Sprintf("person%d+clerk_test@example.com", n)))
		a := &app{Caller: s.NativeWith(created.Header().Get("Authorization")), s: s}
		attempt := answer{&apitest.Answer{Body: created.Body.Bytes()}}.text("response.id")
		path := "/v1/client/sign_ups/" + attempt
		request(b, a, "POST", path+"/prepare_verification", form("strategy", "email_code"))
		request(b, a, "POST", path+"/attempt_verification", form("strategy", "email_code", "code", "424242"))
	}
	report()
}

// BenchmarkOrganizationSwitch makes a session act in one and the other of two
// organizations, as an app does it: touch, then a token.
func BenchmarkOrganizationSwitch(b *testing.B) {
	s := apitest.Start(b)
	a := nativeApp(s)
	sid := a.signUp(b, "a@example.com")
	orgs := []string{}
	for _, name := range []string{"one", "two"} {
		orgs = append(orgs, a.Form(b, "POST", "/v1/organizations", "name", name, "slug", name+"-org").OK(b).Text("response", "id"))
	}
	session := "/v1/client/sessions/" + sid
	n := 0
	b.ReportAllocs()
	report := processor(b)
	for b.Loop() {
		org := orgs[n%2]
		n++
		request(b, a, "POST", session+"/touch", form("active_organization_id", org, "intent", "select_org"))
		request(b, a, "POST", session+"/tokens", form("organization_id", org))
	}
	report()
}
