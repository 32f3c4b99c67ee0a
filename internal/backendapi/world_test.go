package backendapi_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/backendapi"
	"github.com/perennialauth/perennial/internal/password"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
	"github.com/perennialauth/perennial/internal/user"
)

const (
	secretKey = "sk_test_0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
	issuerURL = "https://127.0.0.1:8443"
)

// world is a Backend API on a store of its own with a clock that only tests move.
type world struct {
	t        testing.TB
	api      *backendapi.API
	store    *sqlstore.Store
	clients  *token.ClientTokens
	tickets  *token.Tickets
	contract *apitest.Contract

	mu  sync.Mutex
	now time.Time
}

// keys of one process: making an RSA key takes longer than most tests.
var sharedKeys = sync.OnceValues(func() (*sharedSecrets, error) {
	dir, err := os.MkdirTemp("", "backendapi")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	store, err := sqlstore.Open(ctx, filepath.Join(dir, "keys.db"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	master, err := secret.NewMasterKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	keys, err := token.LoadKeys(ctx, store, master, time.Now)
	return &sharedSecrets{master, keys}, err
})

type sharedSecrets struct {
	master *secret.MasterKey
	keys   *token.Keys
}

func newWorld(t testing.TB, change ...func(*backendapi.Config)) *world {
	t.Helper()
	shared, err := sharedKeys()
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "perennial.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w := &world{
		t: t, store: store, now: time.UnixMilli(1_790_000_000_000),
		clients: token.NewClientTokens(shared.master), tickets: token.NewTickets(shared.master),
		contract: apitest.Published(t),
	}
	passwords, err := password.NewHasher(password.Cheapest())
	if err != nil {
		t.Fatal(err)
	}
	pepper := shared.master.Derive("lockout", 32)
	settings := auth.Settings{ApplicationName: "Test", TestCodes: true}
	config := backendapi.Config{
		SecretKey: backendapi.NewSecretKey(secretKey), InstanceID: "ins_test", AllowedOrigins: []string{},
		Settings: settings, JWKS: shared.keys.JWKS,
		Users: &user.Admin{
			Store: store, Passwords: passwords, ParseDigest: password.ParseDigest,
			Now: w.clock, Entropy: rand.Reader, Pepper: pepper, Settings: settings,
		},
		Sessions: &session.Admin{
			Store: store, Clients: &session.Clients{Store: store, Tokens: w.clients, Now: w.clock, Entropy: rand.Reader},
			Issuer: token.NewIssuer(shared.keys, issuerURL, w.clock), Now: w.clock, Entropy: rand.Reader, Settings: settings,
		},
		SignInTokens: &signin.SignInTokens{Store: store, Tickets: w.tickets, Now: w.clock, Entropy: rand.Reader},
		Clients:      store, Now: w.clock, Entropy: rand.Reader,
	}
	for _, c := range change {
		c(&config)
	}
	w.api = backendapi.New(config)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// send performs a request with the secret key and holds the answer against
// the published document.
func (w *world) send(method, path, body string) (status int, text string) {
	w.t.Helper()
	return w.sendAs("Bearer "+secretKey, method, path, body)
}

func (w *world) sendAs(authorization, method, path, body string) (status int, text string) {
	w.t.Helper()
	var r *http.Request
	if body == "" {
		r = httptest.NewRequest(method, path, nil)
	} else {
		r = httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, r)
	text = rec.Body.String()
	w.contract.Check(w.t, r, rec.Code, rec.Header(), rec.Body.Bytes())
	if got := rec.Header().Get("Content-Type"); got != "application/json" {
		w.t.Errorf("%s %s: content type %q", method, path, got)
	}
	for _, leak := range []string{"$argon2", "$2a$", secretKey} {
		if strings.Contains(text, leak) {
			w.t.Errorf("%s %s: the answer shows %s", method, path, leak)
		}
	}
	return rec.Code, text
}

// must performs a request that has to succeed and decodes its answer.
func (w *world) must(method, path, body string) map[string]any {
	w.t.Helper()
	status, text := w.send(method, path, body)
	if status != http.StatusOK {
		w.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	out := map[string]any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		w.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return out
}

// refused performs a request that has to fail with this status and first code.
func (w *world) refused(method, path, body string, status int, code string) {
	w.t.Helper()
	got, text := w.send(method, path, body)
	if got != status || firstCode(text) != code {
		w.t.Errorf("%s %s %s: got %d %s, want %d %s", method, path, body, got, text, status, code)
	}
}

func firstCode(text string) string {
	var e struct{ Errors []struct{ Code string } }
	if json.Unmarshal([]byte(text), &e) != nil || len(e.Errors) == 0 {
		return ""
	}
	return e.Errors[0].Code
}

// ids of a list answer.
func ids(t testing.TB, text string) []string {
	t.Helper()
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	out := []string{}
	for _, one := range list {
		out = append(out, one.ID)
	}
	return out
}

// newUser creates a user with this address and returns its id.
func (w *world) newUser(email string) string {
	w.t.Helper()
	u := w.must("POST", "/v1/users", fmt.Sprintf(`{"email_address":[%q],"password":"correct horse battery"}`, email))
	return u["id"].(string)
}

// newSession creates a session of the user and returns its id.
func (w *world) newSession(userID string) string {
	w.t.Helper()
	return w.must("POST", "/v1/sessions", fmt.Sprintf(`{"user_id":%q}`, userID))["id"].(string)
}
