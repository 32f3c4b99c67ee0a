package requests_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/password"
)

const email = "ada@example.com"

func TestMain(m *testing.M) {
	// The server writes a line for each request; here it is made and thrown away.
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.Discard, nil)))
	os.Exit(m.Run())
}

// BenchmarkGetClient is the session check of every SDK. Its limit is one read
// of the client with its sessions and users.
func BenchmarkGetClient(b *testing.B) {
	server, app, _ := mustSignUp(b)
	_, hash, err := server.ClientTokens.Parse(app.Token())
	if err != nil {
		b.Fatal(err)
	}
	limit := measure(b, 500, func() error {
		_, _, err := server.Store.ClientByToken(b.Context(), hash)
		return err
	})
	check := request(app, http.MethodGet, "/v1/client", nil)
	b.ReportAllocs()
	for b.Loop() {
		mustServe(b, server, check())
	}
	limit.report(b, "reads")
}

// BenchmarkMint asks for a session token. Its limit is one RSA-2048 signature
// by the standard library.
func BenchmarkMint(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("x"))
	limit := measure(b, 200, func() error {
		_, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		return err
	})
	b.Run("fresh", func(b *testing.B) {
		server, app, session := mustSignUp(b)
		mint := request(app, http.MethodPost, "/v1/client/sessions/"+session+"/tokens", url.Values{"organization_id": {""}})
		for b.Loop() {
			// A token is used again within its minute.
			server.Advance(time.Minute)
			mustServe(b, server, mint())
		}
		limit.report(b, "signatures")
	})
	b.Run("reused", func(b *testing.B) {
		server, app, session := mustSignUp(b)
		mint := request(app, http.MethodPost, "/v1/client/sessions/"+session+"/tokens", url.Values{"organization_id": {""}})
		for b.Loop() {
			mustServe(b, server, mint())
		}
		limit.report(b, "signatures")
	})
}

// BenchmarkPasswordSignIn signs in with the password settings of a real instance. Its limit is the hash alone.
func BenchmarkPasswordSignIn(b *testing.B) {
	settings := password.Default()
	salt := make([]byte, 16)
	limit := measure(b, 20, func() error {
		argon2.IDKey([]byte(apitest.Password), salt, settings.Passes, settings.MemoryKiB, settings.Threads, 32)
		return nil
	})
	server, app, _ := mustSignUp(b, func(o *apitest.Options) { o.Passwords = settings })
	signOut := request(app, http.MethodDelete, "/v1/client/sessions", nil)
	signIn := request(app, http.MethodPost, "/v1/client/sign_ins", url.Values{
		"strategy": {"password"}, "identifier": {email}, "password": {apitest.Password},
	})
	for b.Loop() {
		b.StopTimer()
		mustServe(b, server, signOut())
		b.StartTimer()
		mustServe(b, server, signIn())
	}
	limit.report(b, "hashes")
}

func mustSignUp(b *testing.B, change ...func(*apitest.Options)) (*apitest.Server, *apitest.Caller, string) {
	b.Helper()
	server := apitest.Start(b, change...)
	app := server.Native()
	return server, app, app.SignUp(b, email)
}

// request makes requests as a native app does, without the cost of a client.
func request(app *apitest.Caller, method, path string, form url.Values) func() *http.Request {
	body, token := form.Encode(), app.Token()
	return func() *http.Request {
		r := httptest.NewRequest(method, path+"?_is_native=1", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", token)
		r.Header.Set("Clerk-Api-Version", "2026-05-12")
		return r
	}
}

func mustServe(b *testing.B, server *apitest.Server, r *http.Request) {
	recorder := httptest.NewRecorder()
	server.Handler.ServeHTTP(recorder, r)
	if recorder.Code != http.StatusOK {
		b.Fatalf("%s %s: %d %s", r.Method, r.URL.Path, recorder.Code, recorder.Body)
	}
}

// A limit is an operation that nothing below it can be faster than.
type limit struct {
	times     int
	operation func() error
	before    time.Duration
}

// measure takes the time of the limit before the benchmark; [limit.report]
// takes it again afterwards, because a shared machine changes its pace.
func measure(b *testing.B, times int, operation func() error) limit {
	b.Helper()
	l := limit{times: times, operation: operation}
	l.before = l.take(b)
	return l
}

func (l limit) take(b *testing.B) time.Duration {
	b.Helper()
	start := time.Now()
	for range l.times {
		if err := l.operation(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start) / time.Duration(l.times)
}

// report adds the cost of one operation in limits.
func (l limit) report(b *testing.B, unit string) {
	b.Helper()
	each := float64(b.Elapsed()) / float64(b.N)
	b.ReportMetric(2*each/float64(l.before+l.take(b)), unit)
}
