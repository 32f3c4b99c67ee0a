package respond

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// Mux routes by the patterns of [http.ServeMux], with two differences that
// the SDKs need: every answer of its own is the JSON envelope, and a path is
// routed with or without a trailing slash and doubled slashes alike instead
// of being redirected, because a redirected POST loses its body.
type Mux struct {
	inner   *http.ServeMux
	methods []string // every method some pattern names, sorted

	patterns []string
}

// NewMux returns an empty Mux.
func NewMux() *Mux {
	m := &Mux{inner: http.NewServeMux()}
	// With a pattern that matches everything, the inner mux never answers by
	// itself, and a request is matched only once.
	m.inner.HandleFunc(everything, m.unmatched)
	return m
}

const everything = "/"

// HandleFunc is [Mux.Handle] for a function.
func (m *Mux) HandleFunc(pattern string, h http.HandlerFunc) { m.Handle(pattern, h) }

// Handle registers h. The pattern must name its method and must not end in a
// slash, or it panics: such a pattern would make the inner mux redirect.
func (m *Mux) Handle(pattern string, h http.Handler) {
	method, route, ok := strings.Cut(pattern, " ")
	if !ok || (len(route) > 1 && strings.HasSuffix(route, "/")) {
		panic("respond: internal error: pattern " + pattern + " needs a method and no trailing slash")
	}
	m.inner.Handle(pattern, h)
	m.patterns = append(m.patterns, pattern)
	for _, name := range withHead(method) {
		if i, found := slices.BinarySearch(m.methods, name); !found {
			m.methods = slices.Insert(m.methods, i, name)
		}
	}
}

// Patterns are what was registered, in that order.
func (m *Mux) Patterns() []string { return slices.Clone(m.patterns) }

func withHead(method string) []string {
	if method == http.MethodGet {
		return []string{method, http.MethodHead}
	}
	return []string{method}
}

// Match says whether some pattern accepts the request.
func (m *Mux) Match(r *http.Request) bool {
	c, ok := canonical(r)
	return ok && m.matches(c)
}

func (m *Mux) matches(r *http.Request) bool {
	_, pattern := m.inner.Handler(r)
	return pattern != everything && pattern != ""
}

// ServeHTTP implements [http.Handler].
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, ok := canonical(r)
	if !ok {
		NotFound(w, r)
		return
	}
	m.inner.ServeHTTP(w, c)
}

// unmatched answers what no pattern accepts.
func (m *Mux) unmatched(w http.ResponseWriter, r *http.Request) {
	if allowed := m.allowed(r); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		Error(w, r, auth.Refuse(auth.CodeMethodNotAllowed))
		return
	}
	NotFound(w, r)
}

// allowed are the methods that would match the path.
func (m *Mux) allowed(r *http.Request) []string {
	var out []string
	probe := *r
	for _, method := range m.methods {
		probe.Method = method
		if m.matches(&probe) {
			out = append(out, method)
		}
	}
	return out
}

// NotFound answers that there is nothing at this path. The code is the one
// the SDKs know: iOS answers it by refetching the client, which is harmless.
func NotFound(w http.ResponseWriter, r *http.Request) {
	Error(w, r, auth.Refuse(auth.CodeResourceNotFound))
}

// canonical returns r with the path the inner mux would otherwise redirect
// to. It is not ok for a path that hides a separator or a dot in an escape: a
// proxy that filters by path in front of us saw another path than the one that
// would be routed.
func canonical(r *http.Request) (_ *http.Request, ok bool) {
	if r.URL.RawPath != "" && hidesSegments(r.URL.RawPath) {
		return nil, false
	}
	clean := r.URL.Path
	if !strings.HasPrefix(clean, "/") {
		clean = "/" + clean
	}
	clean = path.Clean(clean)
	if clean == r.URL.Path && r.URL.RawPath == "" && r.Method != http.MethodConnect && r.RequestURI != "*" {
		return r, true
	}
	u := *r.URL
	u.Path, u.RawPath = clean, ""
	if r.Method == http.MethodConnect || r.RequestURI == "*" {
		// The inner mux treats these two specially and answers in text.
		u.Path = "/"
	}
	c := *r
	c.URL, c.RequestURI = &u, u.Path
	return &c, true
}

func hidesSegments(escaped string) bool {
	escaped = strings.ToLower(escaped)
	return strings.Contains(escaped, "%2f") || strings.Contains(escaped, "%5c") || strings.Contains(escaped, "%2e")
}
