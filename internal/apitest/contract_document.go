package apitest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// document is one published document, with its paths ready to be matched.
type document struct {
	routes []route
	errors *openapi3.Schema // the envelope of every refusal
}

type route struct {
	path     string // as mounted, with {parameters}
	segments []string
	item     *openapi3.PathItem
}

// loadDocument reads a document whose paths are mounted below prefix.
func loadDocument(file, prefix string) (*document, error) {
	spec, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	envelope := spec.Components.Schemas["ClerkErrors"]
	if envelope == nil {
		return nil, fmt.Errorf("read %s: no schema of errors", file)
	}
	d := &document{errors: envelope.Value}
	for _, path := range slices.Sorted(maps.Keys(spec.Paths.Map())) {
		full := prefix + path
		d.routes = append(d.routes, route{full, strings.Split(full, "/"), spec.Paths.Value(path)})
	}
	return d, nil
}

// operation finds what the document says of a request: nil when it has no such
// operation. The name is for the table of known differences.
func (d *document) operation(method, path string) (op *openapi3.Operation, name string) {
	segments := strings.Split("/"+strings.Trim(path, "/"), "/")
	best, literals := route{}, -1
	for _, r := range d.routes {
		if n, ok := r.match(segments); ok && n > literals && r.item.GetOperation(method) != nil {
			best, literals = r, n
		}
	}
	if literals < 0 {
		return nil, method + " " + path
	}
	return best.item.GetOperation(method), method + " " + best.path
}

// match says whether the path is one of the route's, and in how many segments literally.
func (r route) match(segments []string) (literals int, ok bool) {
	if len(segments) != len(r.segments) {
		return 0, false
	}
	for i, s := range r.segments {
		switch {
		case strings.HasPrefix(s, "{"):
		case s == segments[i]:
			literals++
		default:
			return 0, false
		}
	}
	return literals, true
}

// answerSchema is what the body of an answer must look like. Refusals have one
// form whatever the document lists: no document lists all that can happen to a
// request (405, 413, 429, 503).
func (d *document) answerSchema(op *openapi3.Operation, status int) (*openapi3.Schema, string) {
	switch {
	case status >= http.StatusBadRequest:
		return d.errors, ""
	case op == nil:
		return nil, "no such operation is published"
	}
	answer := op.Responses.Value(strconv.Itoa(status))
	if answer == nil {
		return nil, "no such status is published"
	}
	media := answer.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil, ""
	}
	return media.Schema.Value, ""
}

// unexplained are the mismatches without a row among the known differences.
func (d *document) unexplained(operation string, status int, found []mismatch) (out []string) {
	for _, m := range found {
		if !slices.ContainsFunc(knownDifferences, func(k difference) bool { return k.explains(operation, status, m) }) {
			out = append(out, fmt.Sprintf("[%s] /%s %s: %s", operation, strings.Join(m.at, "/"), m.keyword, m.text))
		}
	}
	return out
}
