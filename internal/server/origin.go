package server

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

const (
	allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
	exposedHeaders = "Authorization, Clerk-Db-Jwt, X-Country, Retry-After, Clerk-Trace-Id"
	preflightAge   = "7200" // seconds, the most that Chromium honours
)

// allowOrigins sets the CORS headers on every answer, errors included: a
// browser turns an answer without them into a network error, and clerk-js
// then behaves as if the server were down.
//
// A page of an origin that is not allowed gets a readable refusal and nothing
// else. Native apps are exempt: they send their credential themselves, so no
// foreign page can make them speak for their user.
func allowOrigins(allowed func(string) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin, h := r.Header.Get("Origin"), w.Header()
		h["Vary"] = byOrigin
		switch {
		case origin == "null" && !ambient(r):
			// A web view of a native app that shows a file has no origin. It may
			// read what it got by its own credential; cookies stay out of it.
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", exposedHeaders)
		case origin != "" && origin != "null":
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Expose-Headers", exposedHeaders)
		}
		switch {
		case r.Method == http.MethodOptions:
			preflight(w, r)
		case origin != "" && allowed != nil && !allowed(origin) && ambient(r):
			respond.Error(w, r, auth.Refuse(auth.CodeOriginInvalid))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ambient says whether the browser would add credentials by itself, or the
// answer could set some.
func ambient(r *http.Request) bool {
	native := r.URL.Query().Get("_is_native")
	if native == "1" || native == "true" {
		return false
	}
	if r.Header.Get("Authorization") != "" && r.Header.Get("Cookie") == "" {
		return false
	}
	// Providers make browsers post their answer; who may end a trip is decided by
	// its state.
	return !strings.HasPrefix(r.URL.Path, "/.well-known/") && r.URL.Path != "/v1/oauth_callback"
}

// preflight answers OPTIONS generously: permission to ask is not permission
// to get, which the request itself is checked for.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Allow", allowedMethods)
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	h.Set("Access-Control-Max-Age", preflightAge)
	if want := r.Header.Get("Access-Control-Request-Headers"); want != "" {
		h.Add("Vary", "Access-Control-Request-Headers")
		h.Set("Access-Control-Allow-Headers", want)
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
}
