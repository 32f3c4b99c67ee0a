package apitest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Answer is what came back.
type Answer struct {
	Request Request
	Status  int
	Header  http.Header
	Body    []byte
}

// secretsOfTheServer never appear in any answer.
var secretsOfTheServer = []string{"$argon2", "$2a$", "$2b$", "$2y$", SecretKey, `"password_hash"`, "PRIVATE KEY"}

// checkRules are the laws of every answer, whatever was asked.
func (a *Answer) checkRules(t testing.TB, r *http.Request) {
	t.Helper()
	where := r.Method + " " + r.URL.Path
	redirect := a.Status >= 300 && a.Status < 400
	if got := a.Header.Get("Content-Type"); !redirect && a.Status != http.StatusNoContent && r.Method != http.MethodHead && got != "application/json" {
		t.Errorf("%s: %d: content type %q: @clerk/backend reads JSON only of exactly application/json", where, a.Status, got)
	}
	if values, ok := a.Header["Authorization"]; ok && strings.TrimSpace(strings.Join(values, "")) == "" {
		t.Errorf("%s: an empty Authorization header signs iOS apps out", where)
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "null" && a.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("%s: %d: no CORS headers: browsers see a network error", where, a.Status)
	}
	if a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests {
		if n, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || n < 1 {
			t.Errorf("%s: %d: Retry-After %q is not a positive integer", where, a.Status, a.Header.Get("Retry-After"))
		}
	}
	if a.Status >= http.StatusBadRequest && (a.Has("client") || a.Has("meta", "client")) {
		t.Errorf("%s: %d: a client in an error body signs clerk-js out", where, a.Status)
	}
	if a.Status == http.StatusInternalServerError {
		t.Errorf("%s: 500: %s", where, a.Body)
	}
	for _, s := range secretsOfTheServer {
		if strings.Contains(string(a.Body), s) {
			t.Errorf("%s: the answer shows %s", where, s)
		}
	}
}

// Get walks into the body: names of members, numbers of elements. Nil when
// there is no such place.
func (a *Answer) Get(path ...string) any {
	v, _ := a.find(path)
	return v
}

// Has says whether there is such a place, even holding null.
func (a *Answer) Has(path ...string) bool {
	_, ok := a.find(path)
	return ok
}

func (a *Answer) find(path []string) (v any, ok bool) {
	if json.Unmarshal(a.Body, &v) != nil {
		return nil, false
	}
	for _, p := range path {
		switch in := v.(type) {
		case map[string]any:
			if v, ok = in[p]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false
			}
			v = in[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// Text is [Answer.Get] as a string, "" when it is none.
func (a *Answer) Text(path ...string) string {
	s, _ := a.Get(path...).(string)
	return s
}

// Code is the code of the first refusal, "" when there is none.
func (a *Answer) Code() string { return a.Text("errors", "0", "code") }

// OK fails the test at once unless the status is 200, and returns the answer.
func (a *Answer) OK(t testing.TB) *Answer {
	t.Helper()
	return a.Is(t, http.StatusOK, "")
}

// Is fails the test at once unless the answer has this status and, as its first
// refusal, this code. It returns the answer.
func (a *Answer) Is(t testing.TB, status int, code string) *Answer {
	t.Helper()
	if a.Status != status || a.Code() != code {
		body := a.Request.Body
		if len(body) > 300 {
			body = body[:300] + "…"
		}
		t.Fatalf("%s %s %s: got %d %s, want %d %s", a.Request.Method, a.Request.Path, body, a.Status, a.Body, status, code)
	}
	return a
}
