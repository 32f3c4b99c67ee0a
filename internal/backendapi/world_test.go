package backendapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// The access log of many requests would hide what failed.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}

// world is a server as its holder of the secret key sees it. Every answer is
// held against the published document.
type world struct {
	*apitest.Server

	t    testing.TB
	back *apitest.Caller
}

func newWorld(t testing.TB, change ...func(*apitest.Options)) *world {
	t.Helper()
	s := apitest.Start(t, change...)
	return &world{Server: s, t: t, back: s.BackEnd()}
}

// send performs a request with the secret key.
func (w *world) send(method, path, body string) (status int, text string) {
	w.t.Helper()
	a := w.back.Do(w.t, method, path, body)
	return a.Status, string(a.Body)
}

// sendAs performs a request with these Authorization headers instead.
func (w *world) sendAs(method, path string, authorization ...string) *apitest.Answer {
	w.t.Helper()
	return w.back.Send(w.t, apitest.Request{
		Method: method, Path: path, Header: http.Header{"Authorization": authorization}, Anonymous: true,
	})
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
	if a := w.back.Do(w.t, method, path, body); a.Status != status || a.Code() != code {
		w.t.Errorf("%s %s %s: got %d %s, want %d %s", method, path, body, a.Status, a.Body, status, code)
	}
}

func firstCode(text string) string {
	return (&apitest.Answer{Body: []byte(text)}).Code()
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
	u := w.must("POST", "/v1/users", fmt.Sprintf(`{"email_address":[%q],"password":%q}`, email, apitest.Password))
	return u["id"].(string)
}

// newSession creates a session of the user and returns its id.
func (w *world) newSession(userID string) string {
	w.t.Helper()
	return w.must("POST", "/v1/sessions", fmt.Sprintf(`{"user_id":%q}`, userID))["id"].(string)
}

// get performs a request without the checks that every other one gets: for
// benchmarks, where they would cost more than the answer.
func (w *world) get(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+apitest.SecretKey)
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, r)
	return rec
}
