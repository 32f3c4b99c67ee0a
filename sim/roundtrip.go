package sim

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device/core"
)

// reply is an answer of the server, written down.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// Header implements [http.ResponseWriter].
func (r *reply) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter].
func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write implements [http.ResponseWriter].
func (r *reply) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	r.body = append(r.body, p...)
	return len(p), nil
}

// RoundTrip implements [http.RoundTripper]: it carries a request to the
// handlers, past whatever stands in between.
func (s *whole) RoundTrip(request *http.Request) (*http.Response, error) {
	if portal, ok := interposed[s.fault]; ok {
		return s.response(request, reply{portal.status, portal.header.Clone(), portal.body}), nil
	}
	arrived := arriving(request)
	if bare(s.fault) {
		arrived.Header.Del("Authorization")
	}
	if unproven(s.fault) {
		arrived.Header.Del("DPoP")
	}
	credential := arrived.Header.Get("Authorization")
	if old, ok := s.before[credential]; ok && s.fault == netStale && readsClient(request.Method, request.URL) {
		return s.response(request, reply{old.status, old.header.Clone(), old.body}), nil
	}
	date := time.UnixMilli(int64(dated(core.Wall(s.clock().UnixMilli()), s.fault)))
	answer := reply{header: http.Header{"Date": {date.UTC().Format(http.TimeFormat)}}}
	s.handler.ServeHTTP(&answer, arrived)
	if handedOut := answer.header.Get("Authorization"); handedOut != "" {
		s.ClientOf(core.NewSecret(handedOut)) // and remember it
	}
	if answer.status == http.StatusOK && credential != "" && readsClient(request.Method, request.URL) && answer.header.Get("Authorization") == "" {
		s.before[credential] = reply{answer.status, answer.header.Clone(), answer.body}
	}
	switch {
	case s.fault == netRotate && answer.status == http.StatusOK && credential != "" && answer.header.Get("Authorization") == "":
		s.rotate(credential, answer.header)
	case s.fault == netCut:
		response := s.response(request, answer)
		response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer.body[:len(answer.body)/2]), broken{}))
		return response, nil
	}
	return s.response(request, answer), nil
}

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func (s *whole) response(request *http.Request, r reply) *http.Response {
	return &http.Response{
		Status: http.StatusText(r.status), StatusCode: r.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, Body: io.NopCloser(bytes.NewReader(r.body)), ContentLength: int64(len(r.body)), Request: request,
	}
}

// arriving is a request as a server sees it.
func arriving(request *http.Request) *http.Request {
	r := request.Clone(request.Context())
	r.RequestURI, r.RemoteAddr, r.Host = request.URL.RequestURI(), "192.0.2.7:40000", wholeHost
	u := *request.URL
	u.Scheme, u.Host = "", ""
	r.URL = &u
	if r.Body == nil {
		r.Body = http.NoBody
	}
	return r
}

// rotate hands out a successor, as the server's own rotation does.
func (s *whole) rotate(credential string, header http.Header) {
	caller, err := s.clientsOf.Resolve(context.Background(), credential)
	if err != nil {
		return
	}
	if caller, err = s.clientsOf.Rotate(context.Background(), caller); err == nil {
		header.Set("Authorization", caller.Issued)
	}
}

// interposed is what answers in the place of the server.
var interposed = map[string]reply{
	netPortal:      page(http.StatusOK, nil),
	netPortalToken: page(http.StatusOK, http.Header{"Authorization": {"credential-portal"}}),
	netRedirect:    page(http.StatusFound, http.Header{"Location": {"http://portal.invalid/"}}),
	netPage503:     page(http.StatusServiceUnavailable, nil),
	netPage401:     page(http.StatusUnauthorized, nil),
	netEmpty:       {http.StatusOK, http.Header{"Content-Type": {"application/json"}}, nil},
	netBusy:        problem(http.StatusServiceUnavailable, "service_unavailable", "20"),
	netBroken:      problem(http.StatusInternalServerError, "internal_error", ""),
	netGateway:     problem(http.StatusUnauthorized, "authentication_invalid", ""),
	netLimited:     problem(http.StatusTooManyRequests, "too_many_requests", "45"),
}

func page(status int, more http.Header) reply {
	header := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	for name, values := range more {
		header[name] = values
	}
	return reply{status, header, []byte("<!doctype html><title>Welcome to the hotel</title>")}
}

func problem(status int, code, after string) reply {
	header := http.Header{"Content-Type": {"application/json"}}
	if after != "" {
		header.Set("Retry-After", after)
	}
	return reply{status, header, []byte(`{"errors":[{"code":"` + code + `","message":"` + code + `"}]}`)}
}

// SessionOf implements [Server].
func (s *whole) SessionOf(token core.Secret) string {
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		SID string `json:"sid"`
	}
	if err != nil || json.Unmarshal(raw, &claims) != nil {
		return ""
	}
	return claims.SID
}
