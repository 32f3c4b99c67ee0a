package apitest

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Caller is one app, browser or back end that talks to a server. It keeps its
// credential as the real ones do. It is safe for concurrent use.
type Caller struct {
	server *Server
	kind   callerKind
	origin string

	mu      sync.Mutex
	token   string                  // of a native app
	cookies map[string]*http.Cookie // of a browser
}

type callerKind int

const (
	nativeApp callerKind = iota
	browserPage
	backEnd
)

// Native returns an app that keeps its client token in the Authorization
// header. The token is empty until the server hands one out.
func (s *Server) Native() *Caller { return &Caller{server: s, kind: nativeApp} }

// NativeWith returns an app that already has a client token.
func (s *Server) NativeWith(token string) *Caller {
	return &Caller{server: s, kind: nativeApp, token: token}
}

// Browser returns a page of this origin in a browser that keeps cookies and
// speaks TLS.
func (s *Server) Browser(origin string) *Caller {
	return &Caller{server: s, kind: browserPage, origin: origin, cookies: map[string]*http.Cookie{}}
}

// BackEnd returns the holder of the secret key.
func (s *Server) BackEnd() *Caller { return &Caller{server: s, kind: backEnd} }

// Token is the client token that a native app or a browser holds.
func (c *Caller) Token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cookie, ok := c.cookies["__client"]; ok {
		return cookie.Value
	}
	return c.token
}

// Cookie is a cookie that a browser holds, or nil.
func (c *Caller) Cookie(name string) *http.Cookie {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cookies[name]
}

// Request is one request. The zero body is none.
type Request struct {
	Method      string
	Path        string // with its query
	Body        string
	ContentType string // by default what the caller's SDKs send: forms, JSON for back ends
	Header      http.Header
	// Anonymous leaves the caller's credential out.
	Anonymous bool
}

// Do performs a request with a form or, from a back end, JSON as its body.
func (c *Caller) Do(t testing.TB, method, path, body string) *Answer {
	t.Helper()
	return c.Send(t, Request{Method: method, Path: path, Body: body})
}

// Form performs a request with these parameters, given as name, value, name,
// value.
func (c *Caller) Form(t testing.TB, method, path string, pairs ...string) *Answer {
	t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return c.Do(t, method, path, v.Encode())
}

// Send performs a request, holds the answer against the published contract and
// the rules of every answer, and keeps what the server hands out.
func (c *Caller) Send(t testing.TB, q Request) *Answer {
	t.Helper()
	r := c.request(q)
	rec := httptest.NewRecorder()
	c.server.Handler.ServeHTTP(rec, r)
	result := rec.Result()
	defer func() { _ = result.Body.Close() }()
	c.keep(result)
	a := &Answer{Request: q, Status: rec.Code, Header: result.Header, Body: rec.Body.Bytes()}
	// The body of the request was consumed; the contract looks for a method in it.
	r.Body, r.GetBody = nil, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(q.Body)), nil }
	c.server.contract.Check(t, r, a.Status, a.Header, a.Body)
	a.checkRules(t, r)
	if c.kind != backEnd {
		for _, p := range NativeProblems(r, a.Status, a.Body) {
			t.Errorf("%s %s: published native SDKs cannot read the answer: %s", q.Method, q.Path, p)
		}
	}
	return a
}

func (c *Caller) request(q Request) *http.Request {
	var body io.Reader
	if q.Body != "" {
		body = strings.NewReader(q.Body)
	}
	path := q.Path
	if c.kind == nativeApp && !strings.Contains(path, "_is_native") {
		path = withQuery(path, "_is_native=1")
	}
	r := httptest.NewRequest(q.Method, path, body)
	r.Host = c.server.Host
	r.Header.Set("Content-Type", q.ContentType)
	if q.ContentType == "" {
		r.Header.Set("Content-Type", map[callerKind]string{backEnd: "application/json"}[c.kind])
		if c.kind != backEnd {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	if q.Body == "" {
		r.Header.Del("Content-Type")
	}
	c.identify(r, q.Anonymous)
	for name, values := range q.Header {
		r.Header[name] = values
	}
	return r
}

func withQuery(path, pair string) string {
	if strings.Contains(path, "?") {
		return path + "&" + pair
	}
	return path + "?" + pair
}

// identify adds what tells the server who calls.
func (c *Caller) identify(r *http.Request, anonymous bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.kind {
	case nativeApp:
		r.Header.Set("Clerk-Api-Version", "2026-05-12")
		r.Header.Set("X-Mobile", "1")
		if c.token != "" && !anonymous {
			r.Header.Set("Authorization", c.token)
		}
	case browserPage:
		r.Header.Set("Origin", c.origin)
		r.TLS = &tls.ConnectionState{}
		for _, cookie := range c.cookies {
			if !anonymous {
				r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
			}
		}
	case backEnd:
		if !anonymous {
			r.Header.Set("Authorization", "Bearer "+SecretKey)
		}
	}
}

// keep stores the credential that an answer hands out.
func (c *Caller) keep(result *http.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kind == nativeApp {
		if token := result.Header.Get("Authorization"); token != "" {
			c.token = token
		}
	}
	if c.kind != browserPage {
		return
	}
	for _, cookie := range result.Cookies() {
		if cookie.MaxAge < 0 {
			delete(c.cookies, cookie.Name)
		} else {
			c.cookies[cookie.Name] = cookie
		}
	}
}
