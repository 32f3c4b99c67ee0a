package apitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/perennialauth/perennial/internal/backendapi"
)

// SpecsVariable names the folder of the published documents. Without it they
// are looked for beside the repository.
const SpecsVariable = "PERENNIAL_SPECS"

// Contract is the published documents of both APIs, to hold answers against.
// It is safe for concurrent use.
type Contract struct {
	frontend *document
	backend  *document
}

// loadOnce reads both documents: half a second that every test of a process shares.
var loadOnce = sync.OnceValues(func() (*Contract, error) {
	folder, err := specsFolder()
	if err != nil {
		return nil, err
	}
	frontend, err := loadDocument(filepath.Join(folder, "frontend-api-2026-05-12.yml"), "")
	if err != nil {
		return nil, err
	}
	backend, err := loadDocument(filepath.Join(folder, "backend-api-2026-05-12.yml"), "/v1")
	if err != nil {
		return nil, err
	}
	return &Contract{frontend, backend}, nil
})

var sayAbsent sync.Once

// Published returns the contract, or nil when the documents are not on this
// machine, which is logged once for a process.
func Published(t testing.TB) *Contract {
	t.Helper()
	c, err := loadOnce()
	if errors.Is(err, os.ErrNotExist) {
		sayAbsent.Do(func() { t.Logf("published documents not found: answers are not validated (%v)", err) })
		return nil
	}
	if err != nil {
		t.Fatalf("load published documents: %v", err)
	}
	return c
}

// specsFolder finds the documents: where the variable says, else in
// shared/specs beside the repository.
func specsFolder() (string, error) {
	if folder := os.Getenv(SpecsVariable); folder != "" {
		return folder, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			folder := filepath.Join(dir, "..", "shared", "specs")
			_, err := os.Stat(folder)
			return folder, err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no module above the test: %w", os.ErrNotExist)
		}
		dir = up
	}
}

// Check fails the test for everything in which the answer to r differs from
// the published documents without a row in the table of known differences.
// A nil contract checks nothing.
func (c *Contract) Check(t testing.TB, r *http.Request, status int, header http.Header, body []byte) {
	t.Helper()
	for _, p := range c.Problems(r, status, header, body) {
		t.Errorf("%s %s: %d: differs from the published contract: %s", r.Method, r.URL.Path, status, p)
	}
}

// Problems is [Contract.Check] as text.
func (c *Contract) Problems(r *http.Request, status int, header http.Header, body []byte) []string {
	if c == nil {
		return nil
	}
	doc := c.frontend
	if backendapi.IsRequest(r) {
		doc = c.backend
	}
	method := effectiveMethod(r)
	if method == http.MethodHead || method == http.MethodOptions || unpublished(method, r.URL.Path) {
		return nil
	}
	op, name := doc.operation(method, r.URL.Path)
	schema, problem := doc.answerSchema(op, status)
	if problem != "" {
		return doc.unexplained(name, status, []mismatch{{keyword: "operation", text: problem}})
	}
	if schema == nil {
		return nil // a redirect or an answer that the document describes in words only
	}
	if got := header.Get("Content-Type"); got != "application/json" {
		return []string{fmt.Sprintf("content type %q is not exactly application/json", got)}
	}
	if status == http.StatusOK && pagedLists[name] != "" && r.URL.Query().Get("paginated") == "true" {
		inner, wrong := unwrapPage(body)
		if wrong != nil {
			return doc.unexplained(name, status, wrong)
		}
		body = inner
	}
	return doc.unexplained(name, status, validate(schema, body))
}

// unpublished are operations of ours that no published document has.
func unpublished(method, path string) bool {
	switch path {
	case "/healthz", "/readyz", "/v1/client/touch", "/v1/client/hosted_auth", "/v1/client/magic_links/complete",
		"/v1/instance/settings":
		return true
	}
	if method == http.MethodDelete && strings.HasPrefix(path, "/v1/invitations/") ||
		strings.HasPrefix(path, "/v1/sessions/") && strings.HasSuffix(path, "/verify") {
		return true
	}
	return strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/v1/images/") ||
		strings.HasPrefix(path, "/v1/webhooks/endpoints") || strings.HasPrefix(path, "/v1/webhooks/deliveries")
}

// effectiveMethod is the method after the override that browsers use.
func effectiveMethod(r *http.Request) string {
	if r.Method != http.MethodPost {
		return r.Method
	}
	if m := r.URL.Query().Get("_method"); m != "" {
		return strings.ToUpper(m)
	}
	if r.GetBody == nil {
		return r.Method
	}
	if body, err := r.GetBody(); err == nil {
		form := http.Request{Method: http.MethodPost, Header: r.Header, Body: body}
		if m := form.PostFormValue("_method"); m != "" {
			return strings.ToUpper(m)
		}
	}
	return r.Method
}

// validate lists in what a body differs from a schema.
func validate(schema *openapi3.Schema, body []byte) []mismatch {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return []mismatch{{keyword: "json", text: "body is not JSON: " + strconv.Quote(string(body[:min(len(body), 200)]))}}
	}
	return flatten(schema.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()), nil)
}

// mismatch is one difference between a body and a schema.
type mismatch struct {
	at      []string // path in the body
	keyword string   // of the schema
	text    string
}

// flatten lists the leaves of a validation error. Of several schemas that
// could have matched only the closest one is told: the others are about
// another kind of object.
func flatten(err error, out []mismatch) []mismatch {
	if err == nil {
		return out
	}
	one, isLeaf := err.(*openapi3.SchemaError) //nolint:errorlint // the nesting is walked by hand
	var several openapi3.MultiError
	switch {
	case isLeaf && one.Origin != nil && errors.As(one.Origin, &several):
		if one.SchemaField == "oneOf" {
			return append(out, closest(several)...)
		}
		return flatten(several, out)
	case isLeaf:
		return append(out, mismatch{slices.Clone(one.JSONPointer()), one.SchemaField, one.Reason})
	case errors.As(err, &several):
		for _, e := range several {
			out = flatten(e, out)
		}
		return out
	default:
		return append(out, mismatch{keyword: "schema", text: err.Error()})
	}
}

// closest are the mismatches of the schema that was missed least. One that is
// about the same kind of object is closer than any that is not.
func closest(alternatives openapi3.MultiError) (best []mismatch) {
	const otherKind = 1000
	least := -1
	for _, e := range alternatives {
		found := flatten(e, nil)
		misses := len(found)
		for _, m := range found {
			if m.keyword == "enum" && len(m.at) > 0 && m.at[len(m.at)-1] == "object" {
				misses += otherKind
			}
		}
		if least < 0 || misses < least {
			best, least = found, misses
		}
	}
	return best
}
