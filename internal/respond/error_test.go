package respond_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

func answer(t testing.TB, err error) (*httptest.ResponseRecorder, wire.ErrorEnvelope) {
	t.Helper()
	w := httptest.NewRecorder()
	w.Header().Set(respond.TraceHeader, "trace-1")
	respond.Error(w, httptest.NewRequest(http.MethodGet, "/v1/me", nil), err)
	var e wire.ErrorEnvelope
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatal(err)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}
	if e.TraceID != "trace-1" || len(e.Errors) == 0 {
		t.Errorf("envelope %+v", e)
	}
	for _, one := range e.Errors {
		if one.Code == "" || one.Message == "" || one.LongMessage == "" {
			t.Errorf("incomplete error %+v", one)
		}
	}
	return w, e
}

func TestErrorStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    error
		status int
		code   string
		retry  string
	}{
		{"refusal", auth.Refuse(auth.CodeAuthenticationInvalid), 401, "authentication_invalid", ""},
		{"wrapped refusal", fmt.Errorf("mint: %w", auth.Refuse(auth.CodeUserBanned)), 403, "user_banned", ""},
		{"not found in the store", auth.ErrNotFound, 404, "resource_not_found", ""},
		{"taken", &auth.ExistsError{What: "email_address"}, 422, "form_identifier_exists", ""},
		{"store cannot answer", fmt.Errorf("read: %w", auth.ErrUnavailable), 503, "service_unavailable", "2"},
		{"conflict that stayed", auth.ErrConflict, 503, "service_unavailable", "2"},
		{"too slow", context.DeadlineExceeded, 503, "service_unavailable", "2"},
		{"client gone", context.Canceled, 503, "service_unavailable", "2"},
		{"too large", &http.MaxBytesError{Limit: 1}, 413, "request_body_too_large", ""},
		{"unknown", errors.New("secret detail"), 500, "internal_error", ""},
		{"rate limit", &auth.Error{Code: auth.CodeTooManyRequests, Retry: 1500 * time.Millisecond}, 429, "too_many_requests", "2"},
		{"rate limit without time", auth.Refuse(auth.CodeTooManyRequests), 429, "too_many_requests", "2"},
		{"locked", &auth.Error{Code: auth.CodeUserLocked, Retry: time.Minute}, 403, "user_locked", "60"},
		{"unlisted code", auth.Refuse("some_code"), 422, "some_code", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, e := answer(t, tt.err)
			if w.Code != tt.status || e.Errors[0].Code != tt.code || w.Header().Get("Retry-After") != tt.retry {
				t.Errorf("got %d %s retry %q", w.Code, e.Errors[0].Code, w.Header().Get("Retry-After"))
			}
			if strings.Contains(w.Body.String(), "secret detail") {
				t.Error("the cause of an internal error is shown")
			}
		})
	}
}

func TestSeveralRefusals(t *testing.T) {
	t.Parallel()
	_, e := answer(t, errors.Join(
		auth.RefuseParam(auth.CodeParamMissing, "password"),
		&auth.Error{Code: auth.CodeIdentifierExists, Param: "email_address", Meta: map[string]any{"x": "y"}},
	))
	got := [][2]any{}
	for _, one := range e.Errors {
		got = append(got, [2]any{one.Code, one.Meta})
	}
	want := [][2]any{
		{"form_param_missing", map[string]any{"param_name": "password"}},
		{"form_identifier_exists", map[string]any{"param_name": "email_address", "x": "y"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("mismatch (-want +got):\n%s", d)
	}
}

func TestMetaOfTheErrorIsNotChanged(t *testing.T) {
	t.Parallel()
	e := &auth.Error{Code: auth.CodeParamInvalid, Param: "p", Meta: map[string]any{}}
	answer(t, e)
	if len(e.Meta) != 0 {
		t.Errorf("meta became %v", e.Meta)
	}
}

func TestUnavailableHidesEveryVerdict(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		auth.Refuse(auth.CodeAuthenticationInvalid), errors.New("x"), auth.ErrNotFound, auth.Refuse(auth.CodeServiceUnavailable),
	} {
		w := httptest.NewRecorder()
		respond.Unavailable(w, httptest.NewRequest(http.MethodGet, "/v1/client", nil), err)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%v: %d, Retry-After %q", err, w.Code, w.Header().Get("Retry-After"))
		}
	}
}

func TestUnencodableAnswerIsAnEnvelope(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	respond.JSON(w, http.StatusOK, map[string]any{"f": func() {}})
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "internal_error") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Every code of the domain has a row in the table: a new one without a row
// would silently answer 422.
func TestEveryCodeHasAnAnswer(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../auth/*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range files {
		for _, code := range codesIn(t, name) {
			checked++
			if !respond.Listed(code) {
				t.Errorf("code %s has no status and text", code)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d codes found: has the folder moved?", checked)
	}
}

// codesIn are the constants of type Code that a file declares.
func codesIn(t *testing.T, name string) (out []auth.Code) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		lit, ok := spec.Values[0].(*ast.BasicLit)
		if ident, isIdent := spec.Type.(*ast.Ident); !ok || !isIdent || ident.Name != "Code" {
			return true
		}
		code, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, auth.Code(code))
		return true
	})
	return out
}
